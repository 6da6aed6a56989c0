import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Sends a file to be saved under this name, which is plain ASCII. It is kept nowhere on its way. */
export async function sendFile(
  reply: FastifyReply,
  name: string,
  mediaType: string,
  content: Buffer | Readable,
): Promise<void> {
  await reply
    .type(mediaType)
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .send(content);
}
