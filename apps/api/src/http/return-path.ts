import type { FastifyReply, FastifyRequest } from 'fastify';
import { SIGN_IN_MINUTES } from '@app/accounts';
import { sessionCookie } from './session-cookie';

/** Where an officer was before signing in; only the sign-in is sent it, for as long as its links work. */
const RETURN_COOKIE = 'plenary_return';

/** A code that was read at the door, or a dialogue's list there; nothing that leads away from this site. */
const RETURN_PATH = /^\/(c|door)\/[\w-]+$/;

const cookieOptions = (publicUrl: string) => ({ ...sessionCookie(publicUrl), path: '/sign-in' });

/** Keeps the page that is asked for, so that whoever signs in now comes back to it. */
export function rememberPath(request: FastifyRequest, reply: FastifyReply, publicUrl: string): void {
  const path = request.url.split('?')[0]!;
  if (!RETURN_PATH.test(path)) return;
  reply.setCookie(RETURN_COOKIE, path, { ...cookieOptions(publicUrl), maxAge: SIGN_IN_MINUTES * 60 });
}

/**
 * The page to which whoever has just signed in comes back, once; null when there is none. A browser may send anything as
 * a cookie, so it is looked at again.
 */
export function takeReturnPath(
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
): string | null {
  const path = request.cookies[RETURN_COOKIE];
  if (path === undefined) return null;
  reply.clearCookie(RETURN_COOKIE, cookieOptions(publicUrl));
  return RETURN_PATH.test(path) ? path : null;
}
