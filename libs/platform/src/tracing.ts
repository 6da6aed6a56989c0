import type { Tracer } from '@opentelemetry/api';

/** Set by `start-tracing.ts`, where traces are asked for; without it nothing of OpenTelemetry is loaded. */
let tracer: Tracer | undefined;

export function traceWith(started: Tracer): void {
  tracer = started;
}

export function isTracing(): boolean {
  return tracer !== undefined;
}

/** Does the work within a span of this name, or just does it. Attributes name kinds and numbers, never a person. */
export function inSpan<Result>(
  name: string,
  attributes: Record<string, string | number>,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!tracer) return work();
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      // 2: an error. What it says may hold an address; the log has it.
      span.setStatus({ code: 2, message: (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  });
}
