import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MOST_BYTES_OF_FILES, MOST_FILE_BYTES, type UploadedFile } from '@app/participants';
import { routeOf } from './route';

/** Pages whose forms may carry a file; and one click to unsubscribe comes in either encoding (RFC 8058, 3.2). */
const FORMS = /^\/(d|i|r|u)\/:/;

/** What a form may have; beyond it the request is refused, and nothing of it kept (413). */
const LIMITS = {
  fieldNameSize: 200,
  fieldSize: 20_000,
  fields: 500,
  files: 100,
  parts: 500,
  headerPairs: 20,
  fileSize: MOST_FILE_BYTES,
};

/** The most bytes of a form that are read at all; more than this is no mistake in choosing a file. */
const MOST_READ = 60_000_000;

/**
 * Reads forms with files (multipart/form-data, RFC 7578) where a page takes them: `body` then has its fields, as if they
 * had come urlencoded, and `UploadedFile`s. A file that is too large is read to its end and thrown away, so that whatever
 * else was typed can be shown again.
 */
export async function readFormsWithFiles(server: FastifyInstance): Promise<void> {
  await server.register(multipart, { limits: LIMITS, throwFileSizeLimit: false });
  server.addHook('preValidation', async (request) => {
    if (!request.isMultipart()) return;
    if (request.method !== 'POST' || !FORMS.test(routeOf(request) ?? '')) throw refusal(415);
    if (Number(request.headers['content-length'] ?? 0) > MOST_READ) throw refusal(413);
    request.body = await readForm(request).catch((error: Error & { statusCode?: number }) => {
      // What the library says of a form that ends too early, or whose parts can't be told apart, has no status.
      throw error.statusCode === undefined ? refusal(400, error.message) : error;
    });
  });
}

async function readForm(request: FastifyRequest): Promise<Record<string, unknown>> {
  const body = new Map<string, string | string[] | UploadedFile>();
  let held = 0;
  let read = 0;
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      if (part.valueTruncated || part.fieldnameTruncated) throw refusal(413);
      const before = body.get(part.fieldname);
      // The library reads a part that says it is JSON.
      if (typeof part.value !== 'string') throw refusal(415);
      const { value } = part;
      read += value.length;
      if (read > MOST_READ) throw refusal(413);
      body.set(
        part.fieldname,
        typeof before === 'string' || Array.isArray(before) ? [before, value].flat() : value,
      );
      continue;
    }
    const chunks: Buffer[] = [];
    let isTruncated = false;
    for await (const chunk of part.file as AsyncIterable<Buffer>) {
      read += chunk.length;
      if (read > MOST_READ) throw refusal(413);
      isTruncated ||= held + chunk.length > MOST_BYTES_OF_FILES;
      if (isTruncated) continue;
      held += chunk.length;
      chunks.push(chunk);
    }
    isTruncated ||= part.file.truncated;
    // A browser sends a field of which no file was chosen as an empty file without a name.
    if (!part.filename && chunks.length === 0) continue;
    const content = isTruncated ? Buffer.alloc(0) : Buffer.concat(chunks);
    body.set(part.fieldname, { name: part.filename ?? '', content, isTruncated });
  }
  return Object.fromEntries(body);
}

/** As Fastify says it, so that it is told like its own refusals. */
function refusal(statusCode: 400 | 413 | 415, why = 'The form was refused'): Error {
  return Object.assign(new Error(why), { statusCode });
}
