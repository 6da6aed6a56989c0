import { createHash, createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calendarText, declareMailKind, provedByAddress, SmtpTransport, type ComposedMail } from '@app/mail';
import { Links, readEnvironment } from '@app/platform';
import { Mailbox, type MailboxOptions, type ReceivedMail } from '../support/smtp-sink';

type LedgerFacts = Parameters<SmtpTransport['send']>[1];

const FLYER = declareMailKind({ name: 'flyer', about: 'invitation', unsubscribable: true });
const RECEIPT = declareMailKind({ name: 'receipt', about: 'registration' });
const DIALOGUE = '0d0e0a00-0000-4000-8000-00000000000d';
const LINK_KEY = 'k'.repeat(40);
const links = new Links(LINK_KEY);

const facts: LedgerFacts = {
  kind: FLYER.name,
  dialogueId: DIALOGUE,
  subjectId: '0d0e0a00-0000-4000-8000-000000000001',
  messageId: '0d0e0a00-0000-4000-8000-000000000002',
};
const mail: ComposedMail = {
  to: { name: 'Chiara De Santis', address: 'chiara@ministry.example' },
  fromName: 'Agency for Migration',
  language: 'en',
  subject: 'Invitation: dialogue on remittances',
  text: 'Hello\n\n.A line that begins with a dot\nand one that ends with blanks   \n\n\n',
  html: '<p>Hello</p>',
};

let closing: (() => Promise<void> | void)[];
beforeEach(() => void (closing = []));
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
});

/** A server and a transport to it. */
async function line(settings: NodeJS.ProcessEnv = {}, options: MailboxOptions = {}) {
  const mailbox = await Mailbox.open(options);
  closing.push(() => mailbox.close());
  const environment = readEnvironment({
    DATABASE_URL: 'postgres://localhost/none',
    SMTP_URL: mailbox.url,
    SMTP_CONNECTIONS: '1',
    MAIL_FROM: 'secretariat@plenary.example',
    PUBLIC_URL: 'https://dialogues.plenary.example',
    LINK_KEY,
    ...settings,
  });
  const transport = new SmtpTransport(environment, links);
  closing.push(() => transport.onApplicationShutdown());
  return { mailbox, transport };
}

async function received(
  changes: Partial<ComposedMail> = {},
  about: Partial<LedgerFacts> = {},
  settings: NodeJS.ProcessEnv = {},
): Promise<ReceivedMail> {
  const { mailbox, transport } = await line(settings);
  await transport.send({ ...mail, ...changes }, { ...facts, ...about });
  return mailbox.mails[0]!;
}

/** The header fields as they came over the line, unfolded; names in lower case. */
function fieldsOf({ raw }: ReceivedMail): Map<string, string> {
  return new Map(
    rawFields(raw).map((field): [string, string] => {
      const colon = field.indexOf(':');
      return [
        field.slice(0, colon).toLowerCase(),
        field
          .slice(colon + 1)
          .replace(/\r\n/g, '')
          .trim(),
      ];
    }),
  );
}

function rawFields(raw: Buffer): string[] {
  const text = raw.toString('latin1');
  return text.slice(0, text.indexOf('\r\n\r\n')).split(/\r\n(?![ \t])/);
}

/** The parts of a mail as a tree of what programs go by, with what the leaves hold. */
interface Part {
  type: string;
  parts: Part[];
  disposition: string;
  /** Decoded, without line ends behind it. */
  content: string;
}

function partsOf(raw: Buffer): Part {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const body = text.slice(end + 4);
  const fields = fieldsOf({ raw } as ReceivedMail);
  const [type = '', boundary] = (fields.get('content-type') ?? '').split(/; *boundary="([^"]+)"/);
  const inner = boundary
    ? body
        .split(`--${boundary}`)
        .slice(1, -1)
        .map((part) => partsOf(Buffer.from(part.slice(2), 'latin1')))
    : [];
  return {
    type,
    parts: inner,
    disposition: fields.get('content-disposition') ?? '',
    content: decoded(body.trimEnd(), fields.get('content-transfer-encoding')),
  };
}

function decoded(body: string, encoding: string | undefined): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString().trimEnd();
  const octets =
    encoding === 'quoted-printable'
      ? body
          .replaceAll('=\r\n', '')
          .replace(/=([0-9A-F]{2})/g, (_, octet: string) => String.fromCharCode(Number.parseInt(octet, 16)))
      : body;
  return Buffer.from(octets, 'latin1').toString();
}

describe('a mail with a calendar entry', () => {
  const entry = (method: 'REQUEST' | 'CANCEL') =>
    calendarText({
      method,
      uid: '7f3c2c1e-0000-4000-8000-000000000001@plenary.example',
      sequence: 3,
      stamp: new Date('2027-01-02T03:04:05Z'),
      startsAt: new Date('2027-05-28T08:00:00Z'),
      endsAt: new Date('2027-05-28T10:00:00Z'),
      timeZone: 'Africa/Cairo',
      summary: 'حوار بشأن التحويلات المالية',
      description:
        'Prepare the contribution, with what each of the mechanisms brings along to the conference.',
      page: 'https://plenary.example/d/dialogue',
      organizer: { name: 'Agency for Migration', address: 'secretariat@plenary.example' },
      attendee: { name: 'محمد رفعت الحلبي', address: 'chiara@ministry.example' },
    });

  it.each(['REQUEST', 'CANCEL'] as const)(
    'has it as the last of its alternatives, which makes a card of it, and as a file, when it is a %s',
    async (method) => {
      const content = entry(method);
      const { raw } = await received({ calendar: { method, content } }, { kind: RECEIPT.name });
      const whole = partsOf(raw);
      expect(whole.type).toBe('multipart/mixed');
      const [alternatives, file] = whole.parts;
      expect(whole.parts).toHaveLength(2);
      expect(alternatives!.type).toBe('multipart/alternative');
      // Programs show the last that they understand (RFC 2046, 5.1.4); the method is that of the calendar (RFC 6047, 2.4).
      expect(alternatives!.parts.map(({ type }) => type)).toEqual([
        'text/plain; charset=utf-8',
        'text/html; charset=utf-8',
        `text/calendar; charset=utf-8; method=${method}`,
      ]);
      expect(file).toMatchObject({
        type: 'application/ics; name=invite.ics',
        disposition: 'attachment; filename=invite.ics',
      });
      for (const part of [alternatives!.parts[2]!, file!]) {
        expect(part.content).toBe(content.trimEnd());
      }
      expect(content).toContain(`METHOD:${method}\r\n`);
    },
  );

  it('has neither part when it has none, and is no more than its two alternatives', async () => {
    const whole = partsOf((await received()).raw);
    expect([whole.type, ...whole.parts.map(({ type }) => type)]).toEqual([
      'multipart/alternative',
      'text/plain; charset=utf-8',
      'text/html; charset=utf-8',
    ]);
  });
});

describe('a mail in good standing', () => {
  it('says what it is, is one thread with the others of its dialogue, and can be ended with one click', async () => {
    const fields = fieldsOf(await received());
    const thread = `<dialogue.${DIALOGUE}@plenary.example>`;
    expect(Object.fromEntries(fields)).toMatchObject({
      from: 'Agency for Migration <secretariat@plenary.example>',
      'message-id': `<${facts.messageId}@plenary.example>`,
      references: thread,
      'in-reply-to': thread,
      'list-id': `<${DIALOGUE}.dialogues.plenary.example>`,
      'feedback-id': `flyer:${DIALOGUE}:plenary.example:plenary`,
      'auto-submitted': 'auto-generated',
      'list-unsubscribe': `<https://dialogues.plenary.example/u/${links.compose('unsubscription', facts.messageId, 1)}>`,
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
    });
  });

  it('cannot be ended when it is about the own registration, and is in no thread without a dialogue', async () => {
    const fields = fieldsOf(await received({}, { kind: RECEIPT.name, dialogueId: null }));
    expect(fields.get('feedback-id')).toBe('receipt:none:plenary.example:plenary');
    for (const absent of [
      'list-unsubscribe',
      'list-unsubscribe-post',
      'references',
      'in-reply-to',
      'list-id',
    ]) {
      expect(fields.has(absent)).toBe(false);
    }
  });

  it('comes back under an address of its own that proves which it was, when there is a service mailbox', async () => {
    const { from } = await received({}, {}, { MAIL_RETURNS: 'returns@plenary.example' });
    expect(from).toMatch(/^returns\+b[0-9a-v]{42}@plenary\.example$/);
    expect(provedByAddress(links, from)).toEqual({ purpose: 'bounce', id: facts.messageId });
    expect((await received()).from).toBe('secretariat@plenary.example');
  });

  it.each([
    ['a line break and a header', 'Minister\r\nBcc: everyone@victim.example'],
    ['a bare line feed', 'Minister\nBcc: everyone@victim.example'],
    ['a bare carriage return', 'Minister\rBcc: everyone@victim.example'],
    ['line separators of Unicode', 'Minister\u2028Bcc: everyone@victim.example\u0085X: y'],
    ['the end of the header', 'Minister\r\n\r\n<p>Another text</p>'],
    ['the end of the message', 'Minister\r\n.\r\nMAIL FROM:<a@b.example>'],
  ])('takes no other header from a name or a title: %s', async (_, text) => {
    const { mailbox, transport } = await line();
    await transport.send(
      { ...mail, subject: text, fromName: text, to: { name: text, address: mail.to.address } },
      facts,
    );
    await transport.send(mail, facts);
    expect(mailbox.mails.map(({ to }) => to)).toEqual([[mail.to.address], [mail.to.address]]);
    const [odd, plain] = mailbox.mails;
    expect([...fieldsOf(odd!).keys()].toSorted()).toEqual([...fieldsOf(plain!).keys()].toSorted());
    expect((await odd!.parsed()).html).toContain('Hello');
  });

  it.each([
    ['quotes and a comma', 'De Santis, "Chiara"', /"De Santis, \\"Chiara\\""/],
    ['an address', 'minister@ministry.example', /"minister@ministry\.example"/],
    ['letters beyond ASCII', 'Ministère de l’Intérieur', /=\?UTF-8\?/],
    ['another script', 'وزارة الخارجية', /=\?UTF-8\?B\?/],
  ])('writes a name so that it is read as it was meant: %s', async (_, name, written) => {
    const one = await received({ to: { name, address: mail.to.address }, fromName: name });
    const fields = fieldsOf(one);
    for (const field of ['to', 'from']) {
      expect(fields.get(field)).toMatch(written);
      expect(fields.get(field)).toMatch(/^[\x20-\x7e]*$/);
    }
    const { from, to } = await one.parsed();
    expect(from!.value).toEqual([{ name, address: 'secretariat@plenary.example' }]);
    expect([to].flat()[0]!.value).toEqual([{ name, address: mail.to.address }]);
  });

  it('holds nothing that watches its reader: no picture and no link to elsewhere', async () => {
    const { raw } = await received({}, { kind: RECEIPT.name });
    expect(raw.toString()).not.toMatch(/<img|https?:|Return-Receipt-To|Disposition-Notification-To/i);
  });
});

describe('an address beyond ASCII', () => {
  const to = (address: string) => ({ to: { name: '', address } });

  it('is written to with its domain as the DNS has it, which every server can take', async () => {
    const { mailbox, transport } = await line({}, { utf8: false });
    for (const name of ['', 'Chiara']) {
      await transport.send({ ...mail, to: { name, address: 'chiara@außenministerium.example' } }, facts);
    }
    const written = mailbox.mails.map((one) => fieldsOf(one).get('to'));
    const address = 'chiara@xn--auenministerium-rib.example';
    expect(written).toEqual([address, `Chiara <${address}>`]);
  });

  it('keeps its local part where the server can take that', async () => {
    const one = await received(to('josé@ministerio.example'));
    expect(one.to).toEqual(['josé@ministerio.example']);
  });

  it('fails with an answer that says why where the server has said that it cannot', async () => {
    const { transport } = await line({}, { utf8: false });
    await transport.send(mail, facts);
    await expect(transport.send({ ...mail, ...to('josé@ministerio.example') }, facts)).rejects.toMatchObject({
      responseCode: 550,
      response: expect.stringContaining('5.6.7'),
    });
  });
});

describe('a signature (DKIM)', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const folder = mkdtempSync(join(tmpdir(), 'dkim-'));
  const keyFile = (name: string, text: string | Buffer): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const file = keyFile('dkim.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));

  afterAll(() => rmSync(folder, { recursive: true }));

  it('holds for what came over the line, and covers every header that speaks for us', async () => {
    const calendar = {
      method: 'REQUEST' as const,
      content: 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n',
    };
    const one = await received(
      {
        calendar,
        subject: 'Invitation à un dialogue — 10 décembre, '.repeat(4),
        to: { name: 'وزارة', address: mail.to.address },
      },
      {},
      { DKIM_KEY_FILE: file, DKIM_SELECTOR: 'autumn' },
    );
    const tags = tagsOf(one);
    expect(tags).toMatchObject({ d: 'plenary.example', s: 'autumn', a: 'rsa-sha256', c: 'relaxed/relaxed' });
    expect(verifies(one, publicKey)).toBe(true);
    const signed = tags.h!.toLowerCase().split(':');
    const unsigned = [...fieldsOf(one).keys()].filter((name) => !signed.includes(name));
    expect(unsigned).toEqual(['dkim-signature']);
    expect(signed).toEqual(
      expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post', 'references', 'feedback-id']),
    );
  });

  it('does not hold when a header or the text was changed on the way', async () => {
    const one = await received({}, {}, { DKIM_KEY_FILE: file });
    const changed = (from: string, to: string) => ({
      ...one,
      raw: Buffer.from(one.raw.toString('latin1').replace(from, to), 'latin1'),
    });
    expect(verifies(one, publicKey)).toBe(true);
    expect(verifies(changed('One-Click', 'Two-Click'), publicKey)).toBe(false);
    expect(verifies(changed('<p>Hello', '<p>Adieu'), publicKey)).toBe(false);
  });

  it.each([
    [
      'a file that is not there',
      () => join(folder, 'nowhere.pem'),
      /DKIM_KEY_FILE .*nowhere\.pem does not exist\. Put the key there/,
    ],
    [
      'a file without a key',
      () => keyFile('text.pem', 'no key'),
      /DKIM_KEY_FILE .*text\.pem holds no private key in PEM/,
    ],
    [
      'a key that mails are not signed with here',
      () =>
        keyFile('ed.pem', generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
      /must hold an RSA key, not ed25519/,
    ],
  ])(
    'is not promised with %s: the worker does not start, and says why in one line',
    async (_, path, message) => {
      const refusal = await line({ DKIM_KEY_FILE: path() }).catch((error: Error) => error.message);
      expect(refusal).toMatch(message);
      expect(refusal).not.toContain('\n');
    },
  );
});

function tagsOf(one: ReceivedMail): Record<string, string> {
  const tags = fieldsOf(one)
    .get('dkim-signature')!
    .split(';')
    .filter((tag) => tag.includes('='));
  return Object.fromEntries(
    tags.map((tag) => [
      tag.slice(0, tag.indexOf('=')).trim(),
      tag.slice(tag.indexOf('=') + 1).replace(/\s/g, ''),
    ]),
  );
}

/** RFC 6376, 3.4.2, 3.4.4, 3.7, 6.1: written from the standard, not with the library that signs. */
function verifies(one: ReceivedMail, key: KeyObject): boolean {
  const tags = tagsOf(one);
  const text = one.raw.toString('latin1');
  const body = text
    .slice(text.indexOf('\r\n\r\n') + 4)
    .replace(/[ \t]+/g, ' ')
    .replace(/ \r\n/g, '\r\n')
    .replace(/(\r\n)*$/, '\r\n');
  const bodyHash = createHash('sha256').update(body, 'latin1').digest('base64');
  if (bodyHash !== tags.bh) return false;
  const relaxed = (field: string): string => {
    const colon = field.indexOf(':');
    const value = field
      .slice(colon + 1)
      .replace(/\r\n/g, '')
      .replace(/[ \t]+/g, ' ')
      .trim();
    return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
  };
  const fields = rawFields(one.raw);
  const named = (name: string) =>
    fields.findLast((field) => relaxed(field).startsWith(`${name.toLowerCase()}:`));
  const signed = tags.h!.split(':').flatMap((name) => named(name) ?? []);
  const itself = relaxed(named('dkim-signature')!).replace(/([;\s]b=)[^;]*/, '$1');
  const input = [...signed.map(relaxed), itself.trimEnd()].join('\r\n');
  return createVerify('RSA-SHA256').update(input, 'latin1').verify(key, tags.b!, 'base64');
}
