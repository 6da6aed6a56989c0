import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { Delivered } from './inbox';

/** What the mail servers and programs of the readers send back, as real ones write it. */

/** A mail that could not be delivered, as Postfix reports it (RFC 3464). @param status enhanced status code, RFC 3463 */
export function notDelivered(mail: Delivered, status: string, said: string): string {
  const boundary = `4F3C21A.${mail.receivedAt}/mx.reader.example`;
  return lines(
    'From: MAILER-DAEMON@mx.reader.example (Mail Delivery System)',
    'Subject: Undelivered Mail Returned to Sender',
    `To: ${mail.returnPath}`,
    'Auto-Submitted: auto-replied',
    ...report(boundary),
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This is the mail system at host mx.reader.example.',
    '',
    `<${mail.address}>: ${said}`,
    '',
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.reader.example',
    `X-Postfix-Sender: rfc822; ${mail.returnPath}`,
    '',
    `Final-Recipient: rfc822; ${mail.address}`,
    `Original-Recipient: rfc822;${mail.address}`,
    'Action: failed',
    `Status: ${status}`,
    `Diagnostic-Code: smtp; ${said}`,
    '',
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
    mail.head,
    '',
    `--${boundary}--`,
    '',
  );
}

/** The same as a delivery agent writes it into a file, with the address that the server delivered it to. */
export function asFile(mail: Delivered, message: string): string {
  return lines('Return-Path: <>', `Delivered-To: ${mail.returnPath}`) + '\r\n' + message;
}

/** "I am on holiday", by a machine that does not look at Auto-Submitted, with a number in it that looks like a status. */
export function onHoliday(mail: Delivered): string {
  return lines(
    `From: ${mail.address}`,
    `To: ${mail.returnPath}`,
    `Subject: Automatic reply: out of office`,
    'Auto-Submitted: auto-replied',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'I am away until the 5.1.1 and will answer after. In urgent cases call extension 550.',
    '',
  );
}

/** What a calendar program sends when somebody presses a button (RFC 5546, 3.2.3). @param at when, for DTSTAMP */
export function calendarReply(mail: Delivered, answer: 'ACCEPTED' | 'DECLINED', at: Date): string {
  const [entry] = mail.calendars;
  if (!entry) throw new Error(`The ${mail.kind} to ${mail.address} has no calendar entry to answer.`);
  const instant = (one: Date) => one.toISOString().replace(/[-:]|\.\d+/g, '');
  const boundary = `reply-${at.getTime()}`;
  return lines(
    `From: ${mail.address}`,
    `To: ${entry.organizer}`,
    `Subject: ${answer === 'ACCEPTED' ? 'Accepted' : 'Declined'}: ${instant(at)}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    `${mail.address} has answered.`,
    '',
    `--${boundary}`,
    'Content-Type: text/calendar; charset=utf-8; method=REPLY',
    '',
    'BEGIN:VCALENDAR',
    'PRODID:-//A calendar//EN',
    'VERSION:2.0',
    'METHOD:REPLY',
    'BEGIN:VEVENT',
    `UID:${entry.uid}`,
    `SEQUENCE:${entry.sequence}`,
    `DTSTAMP:${instant(at)}`,
    `DTSTART:${instant(new Date(entry.startsAt))}`,
    `DTEND:${instant(new Date(entry.endsAt))}`,
    `ORGANIZER:mailto:${entry.organizer}`,
    `ATTENDEE;PARTSTAT=${answer}:mailto:${mail.address}`,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
    `--${boundary}--`,
    '',
  );
}

/**
 * Hands a message to the returns program as a mail server does: one that is told to come back (4xx) comes back.
 * @throws Error when it is refused, or not taken within half a minute.
 */
export async function deliver(port: number, to: string, message: string, from = ''): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
  try {
    for (const end = Date.now() + 30_000; ; await pause(300)) {
      try {
        await transport.sendMail({ envelope: { from, to }, raw: message });
        return;
      } catch (error) {
        const { responseCode = 400 } = error as { responseCode?: number };
        if (responseCode >= 500 || Date.now() > end) throw error;
      }
    }
  } finally {
    transport.close();
  }
}

/** Puts a message into the folder, whole at once, and waits until it was taken in. @throws Error after half a minute. */
export async function putIntoFolder(folder: string, name: string, message: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.part`), message);
  await rename(join(folder, `${name}.part`), join(folder, `${name}.eml`));
  const taken = async () =>
    (await readdir(join(folder, 'read')).catch((): string[] => [])).includes(`${name}.eml`);
  for (const end = Date.now() + 30_000; !(await taken()); await pause(100)) {
    if (Date.now() > end) throw new Error(`${name}.eml was not taken from the folder within 30 s.`);
  }
}

function report(boundary: string): string[] {
  return [
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
  ];
}

function lines(...all: string[]): string {
  return all.join('\r\n');
}
