import ical, { ICalAttendeeStatus, ICalEventBusyStatus, ICalEventStatus } from 'ical-generator';
import { vtimezone } from './vtimezone.rules';

/** What a calendar program shall do with an entry (RFC 5546, 1.4). */
export type CalendarMethod = 'REQUEST' | 'CANCEL';

/** One person's entry for one dialogue. */
export interface CalendarEntry {
  method: CalendarMethod;
  /** The same for every entry of this registration, and no other's: `<registration id>@<domain>`. */
  uid: string;
  /** Rises with every entry of one UID; see `calendarSequence`. */
  sequence: number;
  /** When this entry was made. */
  stamp: Date;
  startsAt: Date;
  endsAt: Date;
  /** IANA zone in which the times are written. */
  timeZone: string;
  summary: string;
  /** Holds no personal link: calendars are shared with assistants and colleagues. */
  description: string;
  location?: string;
  url?: string;
  /** A mailbox kept by the service, under the name of the host: it gets no personal mail and no surprise. */
  organizer: { name: string; address: string };
  attendee: { name: string; address: string };
}

/**
 * SEQUENCE of a registration's entries (RFC 5545, 3.8.7.4): a calendar program takes only what is newer than what it
 * has. It must therefore rise when the dialogue moves or is cancelled (`scheduleRevision` rises), when its owner
 * withdraws (one more) and when they come back (`participationCount` rises, which counts two).
 */
export function calendarSequence(facts: {
  scheduleRevision: number;
  participationCount: number;
  withdrawn: boolean;
}): number {
  return facts.scheduleRevision + 2 * facts.participationCount + (facts.withdrawn ? 1 : 0);
}

/**
 * The entry as an iCalendar object (RFC 5545), lines folded at 75 octets, ends of line CRLF.
 *
 * The library writes the event; frame and folding are ours, since its own folding took half the time of writing a whole mail (profiled).
 */
export function calendarText(entry: CalendarEntry): string {
  const start = instantOf(entry.startsAt);
  const end = instantOf(entry.endsAt);
  const cancelled = entry.method === 'CANCEL';
  const event = ical().createEvent({
    id: entry.uid,
    sequence: entry.sequence,
    stamp: entry.stamp,
    start: start.toZonedDateTimeISO(entry.timeZone),
    end: end.toZonedDateTimeISO(entry.timeZone),
    timezone: entry.timeZone,
    summary: entry.summary,
    description: entry.description,
    ...(entry.location && { location: { title: entry.location } }),
    // The library escapes an address as if it were text, which would break one with these characters in it.
    ...(entry.url && !/[,;\\]/.test(entry.url) && { url: entry.url }),
    organizer: { name: quotable(entry.organizer.name), email: entry.organizer.address },
    attendees: [
      {
        name: quotable(entry.attendee.name),
        email: entry.attendee.address,
        // They have accepted by registering; a calendar's own buttons would change nothing here (design, idea 14).
        status: ICalAttendeeStatus.ACCEPTED,
        rsvp: false,
      },
    ],
    status: cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    busystatus: cancelled ? ICalEventBusyStatus.FREE : ICalEventBusyStatus.BUSY,
  });
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Plenary//Plenary//EN',
    `METHOD:${entry.method}`,
    vtimezone(entry.timeZone, start, end),
    ...event.toString().trimEnd().split('\r\n').map(folded),
    'END:VCALENDAR',
    '',
  ].join('\r\n');
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
