import { randomBytes, randomUUID } from 'node:crypto';
import ical, {
  ICalAttendeeStatus,
  ICalEventBusyStatus,
  ICalEventStatus,
  ICalEventTransparency,
  type ICalEventData,
} from 'ical-generator';
import { remember } from '@app/platform';
import { vtimezone } from './vtimezone.rules';

/** What a calendar program shall do with an entry (RFC 5546, 1.4). */
export type CalendarMethod = 'REQUEST' | 'CANCEL';

/** One dialogue in a calendar. */
export interface CalendarEvent {
  /** The same in every entry of a registration, mailed or in its feed, and in no other's: `<registration id>@<domain>`. */
  uid: string;
  /** Rises with every entry of one UID; see `calendarSequence`. */
  sequence: number;
  /** When this was made; in a feed, when what it says last changed (RFC 5545, 3.8.7.2). */
  stamp: Date;
  startsAt: Date;
  endsAt: Date;
  /** IANA zone in which the times are written. */
  timeZone: string;
  summary: string;
  /** What the organisers say of it. */
  description: string;
  /** Its public page. */
  page: string;
  /** Where it is. */
  location?: string;
  /**
   * The reader's own link to join, written where programs look for one: into description, location and URL. Nothing else
   * that is personal is in an entry: calendars are shared with assistants and colleagues.
   */
  joinUrl?: string;
}

/** One person's entry for one dialogue, as it is mailed. */
export interface CalendarEntry extends CalendarEvent {
  method: CalendarMethod;
  /** A mailbox kept by the service, under the name of the host: it gets no personal mail and no surprise. */
  organizer: { name: string; address: string };
  attendee: { name: string; address: string };
}

/** A calendar to which a program subscribes, with what it asks for again by itself. */
export interface CalendarFeed {
  /** What the program calls it. */
  name: string;
  /** Null: there is nothing to put into a calendar, or not any more. */
  event: (CalendarEvent & { isCancelled: boolean }) | null;
}

/** How often a program should ask for a feed again, ISO 8601. */
const REFRESH = 'PT1H';

/**
 * SEQUENCE of a registration's entries (RFC 5545, 3.8.7.4): a calendar program takes only what is newer than what it
 * has. It must therefore rise when the dialogue moves or is cancelled (`scheduleRevision` rises), when its owner
 * withdraws (one more), when they come back (`participationCount` rises, which counts two) and when their link to join
 * is replaced (`joinGeneration` rises).
 */
export function calendarSequence(facts: {
  scheduleRevision: number;
  participationCount: number;
  withdrawn: boolean;
  joinGeneration: number;
}): number {
  const { scheduleRevision, participationCount, withdrawn, joinGeneration } = facts;
  return scheduleRevision + 2 * participationCount + (withdrawn ? 1 : 0) + joinGeneration - 1;
}

const ONES_LINK = randomBytes(1_024).toString('hex');

/**
 * Stand for what only one person's entry says, while an entry is written for all of a mailing. Made up with every start, so
 * that nobody can write them into a name.
 */
const ONE = {
  uid: randomUUID(),
  stamp: new Date(0),
  organizer: `${randomUUID()}@entry.invalid`,
  attendee: { name: randomUUID(), address: `${randomUUID()}@entry.invalid` },
  /** As long as the address that is put in for it, so that lines fold alike. */
  joinUrl: (length: number) => `https://${ONES_LINK}`.slice(0, length),
};
const ONES_STAMP = 'DTSTAMP:19700101T000000Z';
const PERSONAL = /^(?:UID|DTSTAMP|ORGANIZER|ATTENDEE)\b/;

/** A folded line in pieces: text, or from where to where of the reader's link to join, which a fold may cut. */
type Pieces = (string | [from: number, to: number])[];

/** What entries have in common, as lines: folded; in pieces; or still to be filled and folded with what is one person's. */
const common = new Map<string, (string | Pieces | { unfilled: string })[]>();

/**
 * The entry as an iCalendar object (RFC 5545), lines folded at 75 octets, ends of line CRLF.
 *
 * The library writes the event; frame and folding are ours, since its own folding took half the time of writing a whole
 * mail (profiled). What the thousands of entries of a mailing have in common is written once.
 */
export function calendarText({ uid, stamp, organizer, attendee, joinUrl, ...shared }: CalendarEntry): string {
  const isCancelled = shared.method === 'CANCEL';
  const link = joinUrl === undefined ? undefined : ONE.joinUrl(joinUrl.length);
  const one = { uid: ONE.uid, stamp: ONE.stamp, ...(link !== undefined && { joinUrl: link }) };
  const lines = remember(common, JSON.stringify([shared, organizer.name, link?.length]), () =>
    eventLines({ ...shared, ...one }, isCancelled, {
      organizer: { name: quotable(organizer.name), email: ONE.organizer },
      attendees: [
        {
          name: ONE.attendee.name,
          email: ONE.attendee.address,
          // They have accepted by registering; a calendar's own buttons would change nothing here (design, idea 14).
          status: ICalAttendeeStatus.ACCEPTED,
          rsvp: false,
        },
      ],
    }).map((line) => {
      if (PERSONAL.test(line)) return { unfilled: line };
      return link !== undefined && line.includes(link) ? piecesOf(line, link) : folded(line);
    }),
  );
  const filled = (line: string): string =>
    folded(
      line
        .replace(ONE.uid, () => uid)
        .replace(
          ONES_STAMP,
          () => `DTSTAMP:${instantOf(stamp).toString({ fractionalSecondDigits: 0 }).replace(/[-:]/g, '')}`,
        )
        .replace(ONE.organizer, () => organizer.address)
        .replace(ONE.attendee.name, () => quotable(attendee.name))
        .replace(ONE.attendee.address, () => attendee.address),
    );
  return calendarObject([
    `METHOD:${shared.method}`,
    ...lines.map((line) => {
      if (typeof line === 'string') return line;
      if ('unfilled' in line) return filled(line.unfilled);
      return line.map((piece) => (typeof piece === 'string' ? piece : joinUrl!.slice(...piece))).join('');
    }),
  ]);
}

/**
 * A feed as an iCalendar object. It has no METHOD: PUBLISH would ask for an ORGANIZER (RFC 5546, 3.2.1), which makes an
 * invitation of it to which programs offer an answer. Nobody is named in it.
 *
 * What is cancelled stays and says so: a program that also has the mailed entry knows by UID and SEQUENCE that it is one.
 */
export function calendarFeed({ name, event }: CalendarFeed): string {
  return calendarObject([
    // RFC 7986, 5.1 and 5.7; and what Apple, Google and Outlook read instead.
    ...[`NAME:${escaped(name)}`, `X-WR-CALNAME:${escaped(name)}`].map(folded),
    `REFRESH-INTERVAL;VALUE=DURATION:${REFRESH}`,
    `X-PUBLISHED-TTL:${REFRESH}`,
    ...(event
      ? eventLines(event, event.isCancelled, { lastModified: event.stamp }).map(folded)
      : // A calendar holds at least one component (RFC 5545, 3.6).
        [
          'BEGIN:VTIMEZONE',
          'TZID:UTC',
          'BEGIN:STANDARD',
          'DTSTART:19700101T000000',
          'TZOFFSETFROM:+0000',
        ].concat(['TZOFFSETTO:+0000', 'END:STANDARD', 'END:VTIMEZONE'])),
  ]);
}

function calendarObject(lines: string[]): string {
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Plenary//Plenary//EN',
    ...lines,
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}

/** The zone and the event; no line is folded yet. */
function eventLines(event: CalendarEvent, isCancelled: boolean, more: Partial<ICalEventData>): string[] {
  const start = instantOf(event.startsAt);
  const end = instantOf(event.endsAt);
  const { joinUrl } = event;
  const location = [event.location, joinUrl].filter(Boolean).join(' – ');
  const written = ical().createEvent({
    id: event.uid,
    sequence: event.sequence,
    stamp: event.stamp,
    start: start.toZonedDateTimeISO(event.timeZone),
    end: end.toZonedDateTimeISO(event.timeZone),
    timezone: event.timeZone,
    summary: event.summary,
    description: [event.description, joinUrl, event.page].filter(Boolean).join('\n\n'),
    ...(location && { location: { title: location } }),
    ...(joinUrl && { url: joinUrl }),
    status: isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    transparency: isCancelled ? ICalEventTransparency.TRANSPARENT : ICalEventTransparency.OPAQUE,
    busystatus: isCancelled ? ICalEventBusyStatus.FREE : ICalEventBusyStatus.BUSY,
    ...more,
  });
  return [
    ...vtimezone(event.timeZone, start, end).split('\r\n'),
    ...written.toString().trimEnd().split('\r\n'),
  ];
}

/** TEXT (RFC 5545, 3.3.11). */
function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/[\p{Cc}\s]+/gu, ' ');
}

/** Lines of at most 75 octets, broken within no character; each but the first begins with a space (RFC 5545, 3.1). */
function folded(line: string): string {
  if (line.length <= 25) return line;
  const octets = Buffer.from(line);
  if (octets.length <= 75) return line;
  const parts: string[] = [];
  let from = 0;
  while (from < octets.length) {
    let to = Math.min(from + (from === 0 ? 75 : 74), octets.length);
    // An octet of the form 10xxxxxx goes on with the character before it.
    while (to < octets.length && (octets[to]! & 0b1100_0000) === 0b1000_0000) to--;
    parts.push(octets.toString('utf8', from, to));
    from = to;
  }
  return parts.join('\r\n ');
}

/** Folds a line with a stand-in for a link, and takes the stand-in out. */
function piecesOf(line: string, link: string): Pieces {
  const start = line.indexOf(link);
  let read = 0;
  return folded(line)
    .split('\r\n ')
    .flatMap((part, index): Pieces => {
      const from = read;
      read += part.length;
      const within = (position: number): number => Math.min(Math.max(position - from, 0), part.length);
      const [first, last] = [within(start), within(start + link.length)];
      const before = (index > 0 ? '\r\n ' : '') + part.slice(0, first);
      return [before, [from + first - start, from + last - start], part.slice(last)];
    })
    .filter((piece) => (typeof piece === 'string' ? piece !== '' : piece[0] < piece[1]));
}

function instantOf(date: Date): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(date.getTime());
}

/** A quoted parameter value knows no escape: neither quote nor control may stand in it (RFC 5545, 3.1, QSAFE-CHAR). */
function quotable(name: string): string {
  return name
    .replace(/[\p{Cc}]+/gu, ' ')
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .trim();
}
