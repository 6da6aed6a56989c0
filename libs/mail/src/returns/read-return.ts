import { createHash } from 'node:crypto';
import { simpleParser, type ParsedMail } from 'mailparser';
import type { ReturnedMessage } from './returns.rules';

/** So much of the text is looked at; a server says why it gives up before it quotes the mail. */
const MOST_TEXT = 8_000;

/**
 * Reads a message as it came in. What can't be read is empty: half of what comes back is broken in some way.
 * @param isFromNobody whether it was handed over without a return path; else the header of a delivered message says it.
 */
export async function readReturn(message: Buffer, isFromNobody = false): Promise<ReturnedMessage> {
  const parsed = await simpleParser(message, {
    keepDeliveryStatus: true,
    skipImageLinks: true,
    skipTextToHtml: true,
    skipTextLinks: true,
  });
  const headers = headersOf(parsed);
  return {
    from: addresses(parsed.from)[0] ?? '',
    subject: parsed.subject ?? '',
    isFromNobody: isFromNobody || headers.get('return-path') === '<>',
    headers,
    text: (parsed.text ?? '').slice(0, MOST_TEXT),
    deliveryStatus: partOf(parsed, /^message\/(global-)?delivery-status$/),
    calendar: partOf(parsed, /^text\/calendar$/),
  };
}

/**
 * To whom a message in a folder was delivered, by the headers that mail servers write, the surest first; each in lower
 * case.
 */
export async function recipientsOf(message: Buffer): Promise<string[]> {
  const parsed = await simpleParser(message, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
  });
  const headers = headersOf(parsed);
  const written = ['x-original-to', 'delivered-to', 'envelope-to', 'x-envelope-to'].flatMap(
    (name) => headers.get(name)?.match(/[^\s<>,;"]+@[^\s<>,;"]+/g) ?? [],
  );
  return [
    ...new Set([
      ...written.map((each) => each.toLowerCase()),
      ...addresses(parsed.to),
      ...addresses(parsed.cc),
    ]),
  ];
}

/** SHA-256 (hex) by which the same message, handed in twice for the same recipient, is one. */
export function digestOf(recipient: string, message: Buffer): string {
  return createHash('sha256').update(`${recipient.toLowerCase()}\n`).update(message).digest('hex');
}

function partOf({ attachments }: ParsedMail, type: RegExp): string | null {
  const part = attachments.find(({ contentType }) => type.test(contentType.toLowerCase()));
  return part ? part.content.toString('utf8').slice(0, 100_000) : null;
}

function headersOf({ headerLines }: ParsedMail): Map<string, string> {
  const headers = new Map<string, string>();
  for (const { key, line } of headerLines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replaceAll(/\s+/g, ' ')
      .trim();
    headers.set(key, headers.has(key) ? `${headers.get(key)}, ${value}` : value);
  }
  return headers;
}

function addresses(field: ParsedMail['to']): string[] {
  return [field ?? []]
    .flat()
    .flatMap(({ value }) => value)
    .flatMap(({ address, group }) =>
      address ? [address] : (group ?? []).map((member) => member.address ?? ''),
    )
    .filter(Boolean)
    .map((address) => address.toLowerCase());
}
