import type { SendMailOptions } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import type MimeNode from 'nodemailer/lib/mime-node';
import { encode as base64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import { encode as quotedPrintable, wrap as wrapQuotedPrintable } from 'nodemailer/lib/qp';

/**
 * A message as its bytes on the line, before DKIM: header and encodings are nodemailer's, and byte for byte what it sends by
 * itself. It would write each part through streams of its own, made for content that does not fit into memory; ours does,
 * and written at once a mail costs half the processor time.
 * @param message nothing in it may be a stream, a path or a URL.
 */
export function writeMime(message: SendMailOptions): Buffer {
  return Buffer.from(written(new MailComposer(message).compile()));
}

/** RFC 2046, 5.1.1: each part behind its delimiter. What is multipart is known once the header is built. */
function written(node: MimeNode): string {
  const header = `${node.buildHeaders()}\r\n\r\n`;
  if (!node.multipart) return header + encoded(node);
  const delimiter = `--${node.boundary}`;
  const parts = node.childNodes.map((part) => `${delimiter}\r\n${written(part)}\r\n`);
  return `${header}${parts.join('')}${delimiter}--\r\n`;
}

function encoded(node: MimeNode): string {
  const content = (node.content ?? '') as string | Buffer;
  switch (node.getTransferEncoding()) {
    case 'base64':
      return wrapBase64(base64(content));
    case 'quoted-printable':
      return wrapQuotedPrintable(quotedPrintable(content));
    default:
      return content.toString();
  }
}
