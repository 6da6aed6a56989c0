import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';

/** The organiser's browser; Lax, so that a link from a mail finds them signed in. */
export const SESSION_COOKIE = 'plenary_session';

export function sessionCookie(publicUrl: string): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: publicUrl.startsWith('https:') };
}

/**
 * Whether a request that changes something comes from our own pages (OWASP, CSRF prevention: verifying the origin with
 * standard headers); reading needs no such proof. A browser says so in Origin or Sec-Fetch-Site.
 */
export function isSameOrigin(request: FastifyRequest, publicUrl: string): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = request.headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === host;
}
