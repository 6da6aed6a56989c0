import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
    const entered: Context = { requestId: request.id, origin: originOf(request), actor: 'public' };
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
    logAnswered(request, reply, contexts.get(request));
    done();
  });
}

/** The line of a request in the log, once it was answered. */
export function logAnswered(
  request: FastifyRequest,
  { statusCode, elapsedTime }: Pick<FastifyReply, 'statusCode' | 'elapsedTime'>,
  entered: Context | undefined,
): void {
  const isProbe = routeOf(request)?.startsWith('/health/');
  plainLog[isProbe ? 'debug' : 'info'](
    {
      requestId: request.id,
      method: request.method,
      path: loggedPath(request),
      status: statusCode,
      milliseconds: Math.round(elapsedTime),
      actor: entered?.actor ?? 'public',
    },
    'request',
  );
}

/**
 * The address from which a request comes, by the word of our own proxies; the socket's own where theirs is no address. They
 * pass on whatever a client wrote before them, and some add a port. Without zone, which may be as long as one likes.
 */
export function originOf({ ip, socket }: FastifyRequest): string {
  const [, bracketed, plain] = /^\[([^\]]*)\](?::\d+)?$|^([^:]*):\d+$/.exec(ip) ?? [];
  const address = (bracketed ?? plain ?? ip).split('%')[0]!;
  return isIP(address) ? address : (socket.remoteAddress ?? 'unknown').split('%')[0]!;
}

/** Says who acts, once that is known: `organiser:<id>`, `link:<id>`. */
export function actAs(actor: string): void {
  const entered = context.getStore();
  if (entered) entered.actor = actor;
}
