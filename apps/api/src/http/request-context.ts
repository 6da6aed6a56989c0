import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { context, nameRoute, plainLog, type Context } from '@app/platform';
import { loggedPath, routeOf } from './route';

const contexts = new WeakMap<FastifyRequest, Context>();

/** The id of a request: a trusted proxy's own when it sends a harmless one, else a new one. */
export function requestId(trustsProxies: boolean) {
  return (request: IncomingMessage): string => {
    const given = request.headers['x-request-id'];
    return trustsProxies && typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
  };
}

/**
 * Every request that comes so far runs in a context of its own, for the log and the audit lines, and is logged when it was
 * answered; what is kept of public pages was answered before, see `PublicDialogues`.
 */
export function enterContext(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    const entered: Context = { requestId: request.id, origin: request.ip, actor: 'public' };
    contexts.set(request, entered);
    reply.header('x-request-id', request.id);
    nameRoute(request.method, routeOf(request) ?? 'none');
    context.run(entered, done);
  });
  // The body comes in on the socket's events, which belong to no request.
  server.addHook('preValidation', (request, _reply, done) => {
    context.run(contexts.get(request)!, done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const entered = contexts.get(request);
    if (!entered) {
      done();
      return;
    }
    const isProbe = routeOf(request)?.startsWith('/health/');
    plainLog[isProbe ? 'debug' : 'info'](
      {
        requestId: request.id,
        method: request.method,
        path: loggedPath(request),
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
        actor: entered.actor,
      },
      'request',
    );
    done();
  });
}

/** Says who acts, once that is known: `organiser:<id>`, `link:<id>`. */
export function actAs(actor: string): void {
  const entered = context.getStore();
  if (entered) entered.actor = actor;
}
