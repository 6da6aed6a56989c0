import { createHash } from 'node:crypto';
import type { MailImage } from '../mail-renderer';
import { codeImage } from './code-image';
import type { MailBlock } from './mail-content';

/** The Content-ID of a code's picture (RFC 2392), without its brackets: the same for the same code. */
export function codeId(url: string): string {
  return `${createHash('sha256').update(url).digest('hex').slice(0, 24)}@code.plenary`;
}

/** The pictures that the HTML part shows. */
export function imagesOf(blocks: readonly MailBlock[]): MailImage[] {
  return blocks.flatMap((block) =>
    block.kind === 'code'
      ? [{ id: codeId(block.url), name: 'code.png', type: 'image/png', content: codeImage(block.url) }]
      : [],
  );
}
