import type { SendMailOptions } from 'nodemailer';
import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import { writeMime, type MimeMessage } from './write-mime';

const common: Omit<MimeMessage, 'text' | 'html'> = {
  from: { name: 'Агентство, co-host', address: 'secretariat@plenary.example' },
  to: { name: 'محمد رفعت الحلبي', address: 'm@ministry.example' },
  messageId: '<1@plenary.example>',
  baseBoundary: '0123456789abcdef',
  subject:
    'Votre participation est confirmée, et les heures sont celles de votre fuseau horaire, non celles du Caire',
  headers: { 'Content-Language': 'fr', 'List-Id': '<1.dialogues.plenary.example>' },
};

const english = 'Dear colleague,\r\n\r\n.a line that begins with a dot\r\nand one that ends in a blank \r\n';
const arabic = 'السيد المحترم،\r\n\r\nيسرنا تأكيد مشاركتكم في الحوار.\r\n'.repeat(40);
const html = (text: string): string =>
  `<!doctype html><html><body><p style="margin:0 0 16px;font-size:16px;line-height:24px">${text}</p></body></html>`.repeat(
    30,
  );
const calendar = 'BEGIN:VCALENDAR\r\nSUMMARY:Диалог\r\nDESCRIPTION:a = b\r\nEND:VCALENDAR\r\n';

const picture = {
  cid: 'code',
  filename: 'código.png',
  contentType: 'image/png',
  contentDisposition: 'inline' as const,
  content: Buffer.alloc(10_000, 7),
};

/** What nodemailer puts on the line. */
function onTheLine(message: SendMailOptions): Promise<Buffer> {
  return new MailComposer(message).compile().build();
}

describe('a message that is written at once', () => {
  // Both say when they were written, a moment apart.
  beforeAll(() => jest.spyOn(Date.prototype, 'toUTCString').mockReturnValue('Thu, 28 May 2026 08:00:00 GMT'));
  afterAll(() => jest.restoreAllMocks());

  const messages: [string, Pick<MimeMessage, 'text' | 'html' | 'icalEvent' | 'attachments'>][] = [
    ['of ASCII alone', { text: english, html: '<p>a</p>' }],
    ['without an end of its last line', { text: 'Dear colleague', html: html('a') }],
    ['in a language that is mostly beyond ASCII', { text: arabic, html: html(arabic) }],
    ['of long lines', { text: 'word '.repeat(5_000), html: html('un mot à dire, '.repeat(500)) }],
    [
      'with a calendar entry',
      { text: english, html: html('é'), icalEvent: { method: 'REQUEST', content: calendar } },
    ],
    [
      'with pictures',
      { text: arabic, html: html('<img src="cid:code">'), attachments: [picture, { ...picture, cid: '2' }] },
    ],
    [
      'with a picture and a calendar entry',
      {
        text: arabic,
        html: html('<img src="cid:code">'),
        icalEvent: { method: 'CANCEL', content: calendar },
        attachments: [picture],
      },
    ],
  ];

  test.each([
    ['=?utf-8?Q?evil?='],
    [
      'Dialogue =?utf-8?B?ZXZpbA==?= with mechanisms, and a title that is longer than one line of a header may be',
    ],
    ['حوار =?utf-8?Q?evil?='],
    ['=?'],
  ])('shows a text that looks encoded as it was written, in subject and names: %s', async (text) => {
    const raw = writeMime({
      ...common,
      subject: text,
      from: { name: text, address: 'secretariat@plenary.example' },
      to: { name: text, address: 'ida@bücher.example' },
      text: english,
      html: '<p>a</p>',
    });
    const { subject, from, to } = await simpleParser(raw);
    expect(subject).toBe(text);
    expect([from, to].flat().map((field) => field?.value[0])).toEqual([
      { name: text, address: 'secretariat@plenary.example' },
      { name: text, address: expect.stringMatching(/^ida@(xn--bcher-kva|bücher)\.example$/) },
    ]);
    const header = raw.toString('latin1').split('\r\n\r\n')[0]!;
    expect(header).not.toMatch(/=\?utf-8\?[QB]\?(evil|ZXZpbA==)|"=\?/i);
    for (const line of header.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
  });

  test.each(messages)('is byte for byte what nodemailer writes: one %s', async (_, given) => {
    const message = { ...common, ...given };
    const raw = await onTheLine({ raw: writeMime(message) });
    expect(raw.toString()).toBe((await onTheLine(message)).toString());
    expect(raw.length).toBeGreaterThan(300);
  });
});
