import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '@app/platform';

/** Tells the version that the answer shows: `ETag: "<version>"`. */
export function setETag(reply: FastifyReply, version: number | string): void {
  reply.header('etag', `"${version}"`);
}

/**
 * The version in an If-Match header (RFC 9110, 13.1.1); undefined when there is none, or `*`.
 * A weak tag counts like a strong one: proxies that compress weaken ours, and a version is about content, not bytes.
 * @throws Problem 400 `if_match_malformed` when it is not one entity tag.
 */
function expectedTag(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const tag = /^(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/.exec(header.trim())?.[1];
  if (tag !== undefined) return tag;
  throw new Problem(
    400,
    'if_match_malformed',
    'If-Match must be one ETag exactly as the GET sent it, with its quotes, such as "3".',
  );
}

/**
 * The version in an If-Match header that may be left out.
 * @throws Problem 400 `if_match_malformed`; 412 when the tag can't be one of ours.
 */
export function expectedVersion(header: string | undefined): number | undefined {
  const tag = expectedTag(header);
  if (tag === undefined) return undefined;
  if (!/^(0|[1-9]\d{0,8})$/.test(tag)) throw Problem.changedMeanwhile();
  return Number(tag);
}

/**
 * The version in an If-Match header that is required.
 * @throws Problem 428 `precondition_required` without one, and with `*`, which would match anything; 400
 *   `if_match_malformed`.
 */
export function requiredVersion(header: string | undefined): string {
  const tag = expectedTag(header);
  if (tag !== undefined) return tag;
  throw new Problem(
    428,
    'precondition_required',
    'A PUT replaces the whole document. Read the document first (GET) and send its ETag in If-Match; * is not enough.',
  );
}

/**
 * What a writer expects of a document that may not exist: its version, or null (`If-None-Match: *`) where they create it.
 * @throws Problem 428 `precondition_required` when neither is sent; 400 `if_match_malformed`, `if_none_match_malformed`,
 *   or `preconditions_contradict` when both are.
 */
export function requiredVersionOrNone(
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): string | null {
  if (ifNoneMatch === undefined) {
    const tag = expectedTag(ifMatch);
    if (tag !== undefined) return tag;
    throw new Problem(
      428,
      'precondition_required',
      'A PUT replaces the whole document. Read the document first (GET) and send its ETag in If-Match; * is not enough. If it does not exist yet, send If-None-Match: *.',
    );
  }
  if (ifNoneMatch.trim() !== '*') {
    throw new Problem(
      400,
      'if_none_match_malformed',
      'If-None-Match must be *, which creates a document that does not exist yet. To replace one, send its ETag in If-Match.',
    );
  }
  if (ifMatch === undefined) return null;
  throw new Problem(
    400,
    'preconditions_contradict',
    'If-Match replaces a document, and If-None-Match: * creates one. Send only one of them.',
  );
}

/** Whether the tags in an If-None-Match header name this one, compared weakly (RFC 9110, 13.1.2). */
export function isKnown(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

/** `@IfMatch() expected: number | undefined`, of an edit of single fields or a step, which may say what it was made on. */
export const IfMatch = createParamDecorator(
  (_: unknown, host: ExecutionContext) => expectedVersion(headersOf(host)['if-match']),
  [
    describedAs(
      'If-Match',
      false,
      'The ETag that you read. The edit is refused with 412 if somebody has changed the document since.',
    ),
  ],
);

/** `@RequiredIfMatch() expected: string`, of a PUT, which replaces a document that always exists. */
export const RequiredIfMatch = createParamDecorator(
  (_: unknown, host: ExecutionContext) => requiredVersion(headersOf(host)['if-match']),
  [
    describedAs(
      'If-Match',
      true,
      'The ETag that the GET of the same resource sent. 428 without it and with `*`; 412 if the document was changed since.',
    ),
  ],
);

/** `@RequiredIfMatchOrNone() expected: string | null`, of a PUT that may also create; null: nothing may be there. */
export const RequiredIfMatchOrNone = createParamDecorator(
  (_: unknown, host: ExecutionContext) => {
    const headers = headersOf(host);
    return requiredVersionOrNone(headers['if-match'], headers['if-none-match']);
  },
  [
    describedAs(
      'If-Match',
      false,
      'The ETag that the GET of the same resource sent. Required if the document exists: 428 without it and with `*`; 412 if the document was changed since.',
    ),
    describedAs(
      'If-None-Match',
      false,
      '`*`: required instead of If-Match if the document does not exist yet; 412 if it does.',
    ),
  ],
);

function headersOf(host: ExecutionContext): FastifyRequest['headers'] {
  return host.switchToHttp().getRequest<FastifyRequest>().headers;
}

/** The header in the OpenAPI description of the method whose parameter is decorated. */
function describedAs(name: string, required: boolean, description: string): ParameterDecorator {
  return (target, key) => {
    const method = Object.getOwnPropertyDescriptor(target, key!)!;
    ApiHeader({ name, required, description })(target, key!, method);
  };
}
