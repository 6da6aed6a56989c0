import type { Span, Tracer } from '@opentelemetry/api';

/** Set by `start-tracing.ts`, where traces are asked for; without it nothing of OpenTelemetry is loaded. */
let tracer: Tracer | undefined;
let activeSpan: () => Span | undefined;

export function traceWith(started: Tracer, active: () => Span | undefined): void {
  tracer = started;
  activeSpan = active;
}

export function isTracing(): boolean {
  return tracer !== undefined;
}

/** Names the span of a request after the route that answers it: its address may be a secret link, and is left out. */
export function nameRoute(method: string, route: string): void {
  if (tracer) activeSpan()?.setAttribute('http.route', route).updateName(`${method} ${route}`);
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
