import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import type { ComposedMail } from '@app/mail';

/**
 * The limit: nodemailer's pool alone sends the mails of a file, with no database, no queue and no rendering.
 * Settings: SMTP_URL, CONNECTIONS, MAILS (a file). Tells its parent how many milliseconds it took.
 */
const { SMTP_URL: url, CONNECTIONS: connections, MAILS: file } = process.env;
const mails = JSON.parse(readFileSync(file!, 'utf8')) as ComposedMail[];
const transport = createTransport({
  url: url!,
  pool: true,
  maxConnections: Number(connections),
  maxMessages: Infinity,
  maxRequeues: 0,
});

async function send(mail: ComposedMail, number: number): Promise<void> {
  await transport.sendMail({
    from: { name: mail.fromName, address: 'secretariat@plenary.example' },
    to: mail.to,
    messageId: `<00000000-0000-4000-8000-${String(number).padStart(12, '0')}@plenary.example>`,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    ...(mail.calendar && { icalEvent: { method: mail.calendar.method, content: mail.calendar.content } }),
    headers: {
      'Content-Language': mail.language,
      'X-Plenary-Mail': 'confirmation',
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
  });
}

async function main(): Promise<void> {
  const started = performance.now();
  await Promise.all(mails.map(send));
  process.send!({ milliseconds: performance.now() - started });
  transport.close();
  process.disconnect!();
}

void main();
