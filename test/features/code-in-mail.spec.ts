import { randomUUID } from 'node:crypto';
import { compose, SmtpTransport } from '@app/mail';
import { Links, type Environment } from '@app/platform';
import { Mailbox } from '../support/smtp-sink';

test('the picture of a code travels inside the mail, beside its calendar entry, and the text says the same', async () => {
  const mailbox = await Mailbox.open();
  const transport = new SmtpTransport(
    {
      SMTP_URL: mailbox.url,
      SMTP_CONNECTIONS: 1,
      MAIL_FROM: 'secretariat@plenary.example',
      PUBLIC_URL: 'https://plenary.example',
    } as Environment,
    new Links('k'.repeat(40)),
  );
  const url = `https://plenary.example/c/${'x'.repeat(65)}`;
  const mail = compose(
    {
      to: { name: 'Person 1', address: 'person.1@ministry.example' },
      fromName: 'Agency for Migration',
      calendar: {
        method: 'REQUEST',
        content: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n',
      },
    },
    {
      subject: 'Registration confirmed',
      preheader: '',
      title: 'Your code',
      blocks: [{ kind: 'code', url, alt: 'Code to be shown', caption: 'Say this code: 3F2A-91BC' }],
    },
    'en',
  );
  await transport.send(mail, {
    kind: 'confirmation',
    dialogueId: null,
    subjectId: randomUUID(),
    messageId: randomUUID(),
  });
  const [received] = await mailbox.waitFor(1);
  const parsed = await received!.parsed();
  const picture = parsed.attachments.find(({ contentType }) => contentType === 'image/png')!;
  expect(picture).toMatchObject({ contentDisposition: 'inline', related: true });
  expect(picture.content.subarray(1, 4).toString()).toBe('PNG');
  // Where the parser finds the picture it puts it in place of its address.
  expect(parsed.html).toContain('<img src="data:image/png;base64,');
  expect(parsed.html).toContain('alt="Code to be shown"');
  expect(parsed.text).toContain(`Say this code: 3F2A-91BC:\n${url}`);
  const raw = received!.raw.toString();
  expect(raw).toContain('Content-Type: multipart/related');
  expect(raw).toMatch(/Content-Type: text\/calendar;.*method=REQUEST/);
  transport.onApplicationShutdown();
  await mailbox.close();
});
