import cookie from '@fastify/cookie';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { MOST_BYTES_OF_LIST, XLSX } from '@app/participants';
import { NestLog, readEnvironment, requestSeconds } from '@app/platform';
import { ApiModule } from './api.module';
import { readFormsWithFiles } from './http/multipart';
import { describeApi } from './http/openapi';
import { enterContext, requestId } from './http/request-context';
import { routeOf } from './http/route';
import { securityHeaders } from './http/security-headers';
import { PublicDialogues } from './participants/registrations/public-dialogues.service';

const BODY_LIMIT = 1024 * 1024;
/** For how long a stopping API waits for requests under way, in milliseconds. */
const LAST_REQUESTS_MS = 5_000;

/** Swagger UI styles itself inline. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * The API, ready to `listen` or to `inject` into; its settings come from `process.env`.
 * @throws Error when a setting is wrong or the database can't be reached.
 */
export async function createApi(): Promise<NestFastifyApplication> {
  const environment = readEnvironment();
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    // The nth hop from here: only our own proxies' word counts, and not what came before them.
    trustProxy: (_address: string, hop: number) => hop < environment.TRUSTED_PROXIES,
    genReqId: requestId(environment.TRUSTED_PROXIES > 0),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule, adapter, {
    logger: new NestLog(),
    abortOnError: false,
  });
  const server = adapter.getInstance();
  let isStopping = false;
  const headers = await securityHeaders(environment.PUBLIC_URL);
  app
    .get(PublicDialogues, { strict: false })
    .answerFirst(server as never, () => (isStopping ? { ...headers, connection: 'close' } : headers));
  enterContext(server as never);
  await app.register(cookie as never);
  await readFormsWithFiles(server as never);
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers);
    if (/^\/docs(\/|$)/.test(routeOf(request) ?? '')) reply.header('content-security-policy', DOCS_POLICY);
    done();
  });
  // With no-referrer a browser would not say where a form of ours comes from, and the session would not count.
  server.addHook('onSend', (request, reply, _payload, done) => {
    if (/^\/(organiser|c|door)(\/|$)/.test(routeOf(request) ?? ''))
      reply.header('referrer-policy', 'same-origin');
    done();
  });
  if (environment.METRICS_TOKEN) {
    server.addHook('onResponse', (request, reply, done) => {
      const route = routeOf(request) ?? 'none';
      // How long somebody listened says nothing of us.
      if (!route.endsWith('/events')) {
        const labels = { method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` };
        requestSeconds.observe(labels, reply.elapsedTime / 1_000);
      }
      done();
    });
  }
  // Stopping lets requests under way finish: each answer ends its connection, and nothing keeps us for long, such as a
  // connection on which nothing was ever asked.
  server.addHook('preClose', (done) => {
    isStopping = true;
    setTimeout(() => server.server.closeAllConnections(), LAST_REQUESTS_MS).unref();
    done();
  });
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done();
  });
  // The rows are read by whoever asks for them, who also judges the encoding.
  for (const mediaType of ['text/csv', XLSX]) {
    app.useBodyParser(
      mediaType,
      { bodyLimit: MOST_BYTES_OF_LIST },
      (_request: unknown, body: unknown, done: (error: null, body: unknown) => void) => done(null, body),
    );
  }
  describeApi(app);
  await app.init();
  await server.ready();
  return app;
}
