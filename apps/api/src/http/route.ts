import type { FastifyRequest } from 'fastify';

/**
 * The route that answers a request, as it is declared: `/r/:key/withdrawal`; undefined when none does. Whatever depends on
 * the kind of a request is judged by it and never by the address, which can be written in many ways: `/%761/…`, `/v1/…/`.
 */
export function routeOf(request: FastifyRequest): string | undefined {
  // Before a route was looked for there are no options, as where an address can't be read.
  return request.routeOptions?.url;
}

/** Ids of rows, and numbers of mails: of no use without a right. */
const ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,18})$/i;

/**
 * The path of a request for the log: its route with the ids in it, and nothing else that was sent. A link, a name
 * somebody looks for, or what was typed by mistake has no place there. Of an address that no route answers, the first part
 * is given if it is short.
 */
export function loggedPath(request: FastifyRequest): string {
  const route = routeOf(request);
  if (route === undefined) return /^\/[a-z0-9._-]{0,20}(?=[/?]|$)/i.exec(request.url)?.[0] ?? '/…';
  const parameters = (request.params ?? {}) as Record<string, string>;
  return route.replace(/:(\w+)/g, (name, parameter: string) => {
    const value = parameters[parameter];
    return value !== undefined && ID.test(value) ? value : name;
  });
}
