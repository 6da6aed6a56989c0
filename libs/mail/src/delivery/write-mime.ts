import MimeNode from 'nodemailer/lib/mime-node';
import { encode as base64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import { encodeWord } from 'nodemailer/lib/mime-funcs';
import { encode as quotedPrintable, wrap as wrapQuotedPrintable } from 'nodemailer/lib/qp';

/** A message as `sendMail` of nodemailer takes it, and of that only what our mails have. */
export interface MimeMessage {
  from: { name: string; address: string };
  to: { name: string; address: string };
  /** With its angle brackets. */
  messageId: string;
  subject: string;
  headers: Record<string, string>;
  text: string;
  html: string;
  icalEvent?: { method: string; content: string };
  /** Pictures that the HTML part shows as `cid:…`. */
  attachments?: {
    cid: string;
    filename: string;
    contentType: string;
    contentDisposition: 'inline';
    content: Buffer;
  }[];
  /** What the boundaries of its parts have in common; must stand in none of them. */
  baseBoundary: string;
}

/**
 * A message as its bytes on the line, before DKIM: nodemailer's own header and encodings, byte for byte what it sends when it
 * is given the same. It would write each part through streams of its own, made for content that does not fit into memory;
 * ours does, and written at once it costs half the processor time.
 *
 * The calendar entry is the last alternative, which Gmail, Outlook and Apple show as a card, and a file beside, for
 * programs that know only files.
 */
export function writeMime(message: MimeMessage): Buffer {
  const { baseBoundary, icalEvent, attachments } = message;
  // To every node, since one without draws random bytes.
  const options = { baseBoundary };
  const root = new MimeNode(icalEvent ? 'multipart/mixed' : 'multipart/alternative', options);
  const alternative = icalEvent ? root.createChild('multipart/alternative', options) : root;
  alternative.createChild('text/plain; charset=utf-8', options).setContent(message.text);
  const related = attachments
    ? alternative.createChild('multipart/related; type="text/html"', options)
    : alternative;
  related.createChild('text/html; charset=utf-8', options).setContent(message.html);
  for (const { cid, filename, contentType, contentDisposition, content } of attachments ?? []) {
    related
      .createChild(contentType, { ...options, filename })
      .setHeader('Content-Id', `<${cid}>`)
      .setHeader('Content-Transfer-Encoding', 'base64')
      .setHeader('Content-Disposition', contentDisposition)
      .setContent(content);
  }
  if (icalEvent) {
    const type = `text/calendar; charset=utf-8; method=${icalEvent.method}`;
    alternative.createChild(type, options).setContent(icalEvent.content);
    root
      .createChild('application/ics', { ...options, filename: 'invite.ics' })
      .setHeader('Content-Disposition', 'attachment')
      .setHeader('Content-Transfer-Encoding', 'base64')
      .setContent(icalEvent.content);
  }
  root.addHeader(message.headers);
  encodeNames(root);
  root.setHeader('From', message.from).setHeader('To', message.to);
  root.setHeader('Subject', literal(message.subject));
  root.setHeader('Message-ID', message.messageId);
  return Buffer.from(written(root));
}

/** What begins an encoded word (RFC 2047): a reader would decode it, and see what nobody wrote. */
const ENCODED_WORD = '=?';

/** A text that looks encoded, encoded, so that it is shown as it was written. Other text is nodemailer's to encode. */
function literal(text: string): string {
  return text.includes(ENCODED_WORD) ? encodeWord(text, 'Q', 52) : text;
}

/**
 * nodemailer would put a name that looks encoded into quotes, in which many programs decode it all the same. How it encodes a
 * name is no part of what it declares; the test of this file fails where that changes.
 */
function encodeNames(root: MimeNode): void {
  const node = root as unknown as { _encodeAddressName: (name: string) => string };
  // oxlint-disable-next-line no-underscore-dangle -- nodemailer's name of it
  const encode = node._encodeAddressName.bind(root);
  // oxlint-disable-next-line no-underscore-dangle -- nodemailer's name of it
  node._encodeAddressName = (name) => (name.includes(ENCODED_WORD) ? literal(name) : encode(name));
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
  const content = node.content as string | Buffer;
  switch (node.getTransferEncoding()) {
    case 'base64':
      return wrapBase64(base64(content));
    case 'quoted-printable':
      return wrapQuotedPrintable(quotedPrintable(content));
    default:
      return content.toString();
  }
}
