/*
 * Import it before anything else in a program: what is loaded before it is not traced. It does nothing, and loads nothing,
 * unless OTEL_EXPORTER_OTLP_ENDPOINT is set.
 */
import { basename, dirname } from 'node:path';
import { redactSecrets } from './redact';
import { traceWith } from './tracing';

if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) start();

function start(): void {
  /* oxlint-disable typescript/no-require-imports, import/no-unassigned-import -- only where traces are asked for */
  const { trace } = require('@opentelemetry/api') as typeof import('@opentelemetry/api');
  const { NodeTracerProvider, BatchSpanProcessor } =
    require('@opentelemetry/sdk-trace-node') as typeof import('@opentelemetry/sdk-trace-node');
  const { OTLPTraceExporter } =
    require('@opentelemetry/exporter-trace-otlp-http') as typeof import('@opentelemetry/exporter-trace-otlp-http');
  const { registerInstrumentations } =
    require('@opentelemetry/instrumentation') as typeof import('@opentelemetry/instrumentation');
  const { PgInstrumentation } =
    require('@opentelemetry/instrumentation-pg') as typeof import('@opentelemetry/instrumentation-pg');
  const { HttpInstrumentation } =
    require('@opentelemetry/instrumentation-http') as typeof import('@opentelemetry/instrumentation-http');

  const batches = new BatchSpanProcessor(new OTLPTraceExporter());
  // apps/<program>/src/main
  const program = basename(dirname(dirname(process.argv[1] ?? 'plenary')));
  const resource = {
    attributes: { 'service.name': process.env.OTEL_SERVICE_NAME ?? `plenary-${program}` },
    merge: () => resource,
    getRawAttributes: () => [],
  };
  const provider = new NodeTracerProvider({
    resource: resource as never,
    spanProcessors: [
      {
        onStart: (span, parent) => batches.onStart(span, parent),
        onEnd: (span) => {
          conceal(span);
          batches.onEnd(span);
        },
        forceFlush: () => batches.forceFlush(),
        shutdown: () => batches.shutdown(),
      },
    ],
  });
  provider.register();
  registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [
      // Statements without their values, and only where they belong to something.
      new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
      new HttpInstrumentation({
        ignoreIncomingRequestHook: ({ url }) => /^\/(health|metrics)/.test(url ?? ''),
      }),
    ],
  });
  // Whoever loads them by `import` finds them as they are from now on.
  require('node:http');
  require('pg');
  /* oxlint-enable typescript/no-require-imports, import/no-unassigned-import */
  traceWith(trace.getTracer('plenary'), () => trace.getActiveSpan());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void provider.forceFlush().catch(() => undefined));
  }
}

/** What says who asks, their address and their program, and for what: the address asked for, which may be a secret link. */
const PERSONAL =
  /^(http\.client_ip|client\.address|client\.port|net\.peer\.(ip|port|name)|network\.peer\..*|net\.sock\.peer\..*|http\.user_agent|user_agent\.original|http\.(url|target)|url\.(full|original|path|query)|exception\..*)$/;

/**
 * Takes addresses asked for, addresses of origin and what errors say off a span: they open doors, or name somebody. The
 * route is named instead, see `nameRoute`.
 */
function conceal(span: {
  name: string;
  attributes: Record<string, unknown>;
  events: { attributes?: Record<string, unknown> }[];
  status: { message?: string };
}): void {
  for (const attributes of [span.attributes, ...span.events.map((event) => event.attributes ?? {})]) {
    for (const [key, value] of Object.entries(attributes)) {
      if (PERSONAL.test(key)) delete attributes[key];
      else if (typeof value === 'string') attributes[key] = withoutPeople(value);
    }
  }
  if (span.status.message !== undefined) span.status.message = withoutPeople(span.status.message);
}

function withoutPeople(text: string): string {
  return redactSecrets(text).replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '***');
}
