import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '@app/platform';

/** Tells the version that the answer shows: `ETag: "<version>"`. */
export function setETag(reply: FastifyReply, version: number): void {
  reply.header('etag', `"${version}"`);
}

/**
 * The version in an If-Match header (RFC 9110, 13.1.1); undefined when there is none, or `*`.
 * A weak tag counts like a strong one: proxies that compress weaken ours, and a version is about content, not bytes.
 * @throws Problem 400 `if_match_malformed` when it is no entity tag, 412 when it can't be one of ours.
 */
export function expectedVersion(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const tag = /^(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/.exec(header.trim())?.[1];
  if (tag === undefined) {
    throw new Problem(
      400,
      'if_match_malformed',
      'If-Match must be one ETag as it was answered, with its quotes, such as "3", or *.',
    );
  }
  if (!/^\d{1,9}$/.test(tag)) throw Problem.changedMeanwhile();
  return Number(tag);
}

/** Whether the tags in an If-None-Match header name this one, compared weakly (RFC 9110, 13.1.2). */
export function isKnown(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

/** `@IfMatch() expected?: number` */
export const IfMatch = createParamDecorator((_: unknown, host: ExecutionContext): number | undefined =>
  expectedVersion(host.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);
