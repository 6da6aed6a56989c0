import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MOST_BYTES_OF_LIST, XLSX } from '@app/participants';
import { Problem } from '@app/platform';
import { routeOf } from './route';

/** How deep lists and objects may lie in each other in a body; none of ours needs ten. */
export const MOST_DEPTH = 32;

const FORM_TYPES = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i;

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Says how each kind of body is read, and refuses before anything is parsed what nothing here can read: each refusal is a
 * problem document that says why. Forms with files are read in `multipart.ts`.
 */
export function readBodies(app: NestFastifyApplication, server: FastifyInstance, bodyLimit: number): void {
  const parseJson = server.getDefaultJsonParser('error', 'error');
  app.useBodyParser(
    'application/json',
    { bodyLimit },
    (request: FastifyRequest, body: Buffer, done: Done) => {
      const text = textOf(body);
      if (text === null)
        done(new Problem(400, 'malformed_request', 'The body is not UTF-8. Send JSON in UTF-8.'));
      else if (isDeeperThan(body, MOST_DEPTH)) {
        done(
          new Problem(
            400,
            'nested_too_deeply',
            `The body nests lists and objects more than ${MOST_DEPTH} deep. Send it flatter.`,
          ),
        );
      } else {
        // Empty, or no JSON: told by the parser.
        void parseJson(request, text, (error, value) => done(error ?? notAnObject(value), value));
      }
    },
  );
  // The rows are read by anyone who asks for them, who also judges the encoding.
  for (const mediaType of ['text/csv', XLSX]) {
    app.useBodyParser(
      mediaType,
      { bodyLimit: MOST_BYTES_OF_LIST },
      (_request: unknown, body: unknown, done: Done) => done(null, body),
    );
  }
  // Fastify reads it unless told otherwise, and no route takes it.
  server.removeContentTypeParser('text/plain');

  server.addHook('preParsing', async (request, _reply, payload) => {
    if (request.method === 'GET' || request.method === 'HEAD') return payload;
    const { 'content-encoding': encoding, 'content-type': type } = request.headers;
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
      throw new Problem(
        415,
        'unsupported_content_encoding',
        'Compressed bodies are not read. Send the body as it is, without Content-Encoding.',
      );
    }
    const route = routeOf(request) ?? '/v1/';
    if (type !== undefined && !route.startsWith('/v1/') && !FORM_TYPES.test(type)) {
      throw new Problem(
        415,
        'unsupported_media_type',
        'Send the form as a browser does: application/x-www-form-urlencoded or multipart/form-data.',
      );
    }
    return payload;
  });
  server.addHook('preValidation', async (request) => {
    // What replaces or changes something has to say by what: without a body it would empty it.
    if (
      (request.method === 'PUT' || request.method === 'PATCH') &&
      request.body === undefined &&
      !request.is404
    ) {
      throw new Problem(400, 'body_missing', 'This request needs a body. To empty something, say so in it.');
    }
  });
}

/** The text of a body, null when it is no UTF-8. */
function textOf(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}

/** Every body of the API is an object. A list, a text, a number or null is none, even where all fields may be left out. */
function notAnObject(value: unknown): Problem | null {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return null;
  const detail = 'The body must be a JSON object, such as {}.';
  return new Problem(422, 'invalid_fields', detail, [{ field: 'body', code: 'wrong_type', detail }]);
}

/**
 * Whether lists and objects lie in each other deeper than this in a JSON text. Whatever goes through them later does so by
 * calling itself, and would run out of stack. Looks at each byte once: the signs that count are ASCII, and what is inside a
 * string does not count.
 */
export function isDeeperThan(json: Buffer, most: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (isInString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > most) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  return false;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');
