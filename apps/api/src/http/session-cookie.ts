import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashSecret, newSecret, secretMatches } from '@app/platform';

/** The organiser's browser; Lax, so that a link from a mail finds them signed in. */
export const SESSION_COOKIE = 'plenary_session';

export function sessionCookie(publicUrl: string): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: publicUrl.startsWith('https:') };
}

/**
 * Where a form comes from, as the browser says in Sec-Fetch-Site or Origin (OWASP, CSRF prevention: verifying the origin
 * with standard headers): our own pages, those of another site, or unsaid. Old browsers and programs send neither, and from
 * a page with `referrer-policy: no-referrer`, whether ours or not, a browser may send `Origin: null`.
 */
export function comesFrom(request: FastifyRequest, publicUrl: string): 'own' | 'foreign' | 'unsaid' {
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin') return 'own';
  // `none`: a person did it without any page.
  if (site !== undefined && site !== 'none') return 'foreign';
  const { origin, host } = request.headers;
  if (origin === undefined || !URL.canParse(origin)) return 'unsaid';
  return origin === new URL(publicUrl).origin || new URL(origin).host === host ? 'own' : 'foreign';
}

/** Whether a request only reads, or is said to come from our own pages. */
export function isSameOrigin(request: FastifyRequest, publicUrl: string): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  return comesFrom(request, publicUrl) === 'own';
}

/**
 * Proves where it is unsaid that a form is our own: what a page put into both this cookie and the form. Lax, so that a link
 * opened from webmail finds it and the forms in other tabs stay good; another site's form is sent without it.
 */
const FORM_COOKIE = 'plenary_form';

/** What the form of a page on this path carries, so that `isOwnForm` knows it; the same for all tabs of a browser. */
export function formProof(
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
  path: string,
): string {
  const before = request.cookies[FORM_COOKIE] ?? '';
  const proof = /^[\w-]{43}$/.test(before) ? before : newSecret();
  reply.setCookie(FORM_COOKIE, proof, { ...sessionCookie(publicUrl), path });
  return proof;
}

/**
 * Whether a form was sent by a page of ours: the browser says so, or it says nothing and the form has what only our page
 * could put there. Another site can make a browser send a form, and knows neither the cookie nor what is in our page.
 */
export function isOwnForm(request: FastifyRequest, publicUrl: string, proof: unknown): boolean {
  const from = comesFrom(request, publicUrl);
  if (from !== 'unsaid') return from === 'own';
  const expected = request.cookies[FORM_COOKIE] ?? '';
  return expected !== '' && typeof proof === 'string' && secretMatches(proof, hashSecret(expected));
}
