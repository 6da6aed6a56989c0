import ICAL from 'ical.js';
import type { ReceivedMail } from '../support/smtp-sink';
import { cellsOf, linksOf, rootOf, textOf } from './browser';

/** A calendar entry as a calendar program understands it. Instants are milliseconds since 1970. */
export interface CalendarReading {
  /** METHOD of the MIME part and of the calendar inside. */
  mimeMethod: string;
  method: string;
  uid: string;
  sequence: number;
  stamp: number;
  startsAt: number;
  endsAt: number;
  status: string;
  attendee: string;
  participation: string;
  organizer: string;
  /** The whole, unfolded. */
  text: string;
}

/** A mail as a mail program shows it. */
export interface Reading {
  messageId: string;
  kind: string;
  address: string;
  /** MAIL FROM of the envelope. */
  returnPath: string;
  /** All recipients of the envelope. */
  envelope: string[];
  /** Display name of the addressee. */
  addressee: string;
  subject: string;
  /** The text part. */
  text: string;
  /** The HTML part as a reader sees it. */
  visible: string;
  /** Content-Language, and `lang` and `dir` of the HTML part. */
  language: string;
  htmlLanguage: string;
  direction: string;
  autoSubmitted: string;
  from: string;
  references: string;
  inReplyTo: string;
  listId: string;
  /** List-Unsubscribe and List-Unsubscribe-Post (RFC 8058); '' without. */
  unsubscribe: string;
  unsubscribePost: string;
  /** `lang` and `dir` of each cell that has them, once each: "ar rtl". */
  cells: string[];
  /** The header as it came. */
  head: string;
  links: string[];
  calendars: CalendarReading[];
  receivedAt: number;
  /** False when its sender was not told that it had arrived. */
  acknowledged: boolean;
}

/** Reads a mail with mailparser, and its calendar with ical.js. */
export async function read(mail: ReceivedMail): Promise<Reading> {
  const parsed = await mail.parsed();
  const header = (name: string): string => {
    const value = parsed.headers.get(name);
    return typeof value === 'string' ? value : '';
  };
  /** As it stands in the header, on one line: mailparser reads the list fields its own way. */
  const field = (name: string): string => {
    const line = parsed.headerLines.find(({ key }) => key === name)?.line ?? '';
    return line
      .slice(line.indexOf(':') + 1)
      .replace(/\s+/g, ' ')
      .trim();
  };
  const html = parsed.html || '';
  const to = Array.isArray(parsed.to) ? parsed.to[0] : parsed.to;
  const calendars = parsed.attachments
    .filter(({ contentType }) => contentType === 'text/calendar')
    .map(({ content, headers }) => {
      const type = headers.get('content-type') as { params?: Record<string, string> } | undefined;
      return readCalendar(content.toString('utf8'), type?.params?.['method'] ?? '');
    });
  return {
    messageId: parsed.messageId ?? '',
    kind: header('x-plenary-mail'),
    address: (to?.value[0]?.address ?? '').toLowerCase(),
    returnPath: mail.from,
    envelope: mail.to.map((address) => address.toLowerCase()),
    addressee: to?.value[0]?.name ?? '',
    subject: plain(parsed.subject ?? ''),
    text: plain(parsed.text ?? ''),
    visible: plain(textOf(html)),
    language: header('content-language'),
    htmlLanguage: rootOf(html)['lang'] ?? '',
    direction: rootOf(html)['dir'] ?? 'ltr',
    autoSubmitted: header('auto-submitted'),
    from: (parsed.from?.value[0]?.address ?? '').toLowerCase(),
    references: field('references'),
    inReplyTo: field('in-reply-to'),
    listId: field('list-id'),
    unsubscribe: field('list-unsubscribe'),
    unsubscribePost: field('list-unsubscribe-post'),
    cells: [...new Set(cellsOf(html).map(({ lang, dir }) => `${lang ?? ''} ${dir ?? ''}`))],
    head: mail.raw.subarray(0, mail.raw.indexOf('\r\n\r\n')).toString('latin1'),
    links: [...new Set(linksOf(html))],
    calendars,
    receivedAt: mail.receivedAt.getTime(),
    acknowledged: mail.acknowledged,
  };
}

/** Without the marks and isolates that steer direction (UAX 9), and with white space as one space. */
export function plain(text: string): string {
  return text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').replace(/\s+/gu, ' ');
}

function readCalendar(text: string, mimeMethod: string): CalendarReading {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  const events = calendar.getAllSubcomponents('vevent');
  const component = events[0];
  if (!component || events.length !== 1) throw new Error(`A calendar with ${events.length} events.`);
  const event = new ICAL.Event(component);
  const value = (name: string): string => String(component.getFirstPropertyValue(name) ?? '');
  const attendees = component.getAllProperties('attendee');
  const stamp = component.getFirstPropertyValue('dtstamp') as unknown as { toJSDate(): Date };
  return {
    mimeMethod: mimeMethod.toUpperCase(),
    method: String(calendar.getFirstPropertyValue('method') ?? ''),
    uid: event.uid,
    sequence: event.sequence,
    stamp: stamp.toJSDate().getTime(),
    startsAt: event.startDate.toJSDate().getTime(),
    endsAt: event.endDate.toJSDate().getTime(),
    status: value('status'),
    attendee: attendees.map((one) => mailbox(String(one.getFirstValue()))).join(', '),
    participation: attendees.map((one) => String(one.getParameter('partstat') ?? '')).join(', '),
    organizer: mailbox(value('organizer')),
    text: text.replace(/\r\n[ \t]/g, ''),
  };
}

function mailbox(uri: string): string {
  return uri.replace(/^mailto:/i, '').toLowerCase();
}
