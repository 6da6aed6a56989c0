import cookie from '@fastify/cookie';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { checkDatabase } from '@app/database';
import { NestLog, readEnvironment, requestSeconds } from '@app/platform';
import { ApiModule } from './api.module';
import { readFormsWithFiles } from './http/multipart';
import { describeApi } from './http/openapi';
import { readBodies } from './http/read-bodies';
import { answerUnreadable, answerUnroutable } from './http/refusals';
import { enterContext, requestId } from './http/request-context';
import { routeOf } from './http/route';
import { securityHeaders } from './http/security-headers';
import { PublicDialogues } from './participants/registrations/public-dialogues.service';

const BODY_LIMIT = 1024 * 1024;
/** How long a request may take to come in with its body, in milliseconds: anyone who sends slower keeps a connection for nothing. */
const REQUEST_MS = 60_000;
/** For how long a stopping API waits for requests under way, in milliseconds. */
const LAST_REQUESTS_MS = 5_000;

/** Swagger UI styles itself inline. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * The API, ready to `listen` or to `inject` into; its settings come from `process.env`.
 * @throws StartProblem when a setting is wrong, the database can't be reached, or it is used with another link key.
 */
export async function createApi({ requestMs = REQUEST_MS } = {}): Promise<NestFastifyApplication> {
  const environment = readEnvironment();
  await checkDatabase(environment);
  let isStopping = false;
  const securityAlways = await securityHeaders(environment.PUBLIC_URL);
  const headers = () => (isStopping ? { ...securityAlways, connection: 'close' } : securityAlways);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    // The nth hop from here: only our own proxies' word counts, and not what came before them.
    trustProxy: (_address: string, hop: number) => hop < environment.TRUSTED_PROXIES,
    genReqId: requestId(environment.TRUSTED_PROXIES > 0),
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    requestTimeout: requestMs,
    // Its headers in the same time, else Node takes the longer of the two for the body; it looks only so often.
    http: {
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(5_000, requestMs),
    },
    frameworkErrors: answerUnroutable(headers) as never,
    clientErrorHandler: answerUnreadable(headers) as never,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule, adapter, {
    logger: new NestLog(),
    abortOnError: false,
  });
  const server = adapter.getInstance();
  app.get(PublicDialogues, { strict: false }).answerFirst(server as never, headers);
  enterContext(server as never);
  await app.register(cookie as never);
  await readFormsWithFiles(server as never);
  server.addHook('onRequest', (request, reply, done) => {
    const route = routeOf(request) ?? '';
    reply.headers(headers());
    // What an organiser reads is of people; a route that may be stored says so itself.
    if (route.startsWith('/v1/')) reply.header('cache-control', 'no-store');
    if (/^\/docs(\/|$)/.test(route)) reply.header('content-security-policy', DOCS_POLICY);
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
  readBodies(app, server as never, BODY_LIMIT);
  describeApi(app);
  await app.init();
  await server.ready();
  return app;
}
