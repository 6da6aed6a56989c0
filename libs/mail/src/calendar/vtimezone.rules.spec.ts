import ICAL from 'ical.js';
import { vtimezone } from './vtimezone.rules';

/** The instant that a calendar program finds for a wall time with nothing but the VTIMEZONE. */
function instantByCalendar(zone: string, text: string, local: Temporal.PlainDateTime): number {
  const component = new ICAL.Component(ICAL.parse(`BEGIN:VCALENDAR\r\n${text}\r\nEND:VCALENDAR`));
  const timezone = new ICAL.Timezone({ component: component.getFirstSubcomponent('vtimezone')!, tzid: zone });
  const { year, month, day, hour, minute, second } = local;
  const time = new ICAL.Time({ year, month, day, hour, minute, second, isDate: false }, timezone);
  return time.toUnixTime();
}

describe('the description of a time zone', () => {
  test('gives every wall time of two years its instant, in every zone there is', () => {
    const wrong: string[] = [];
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      // Noon, since no zone changes then.
      for (
        let day = Temporal.PlainDateTime.from('2026-01-08T12:00');
        day.year < 2028;
        day = day.add({ days: 61 })
      ) {
        const start = day.toZonedDateTime(zone).toInstant();
        const text = vtimezone(zone, start, start.add({ hours: 2 }));
        if (instantByCalendar(zone, text, day) !== Math.floor(start.epochMilliseconds / 1000))
          wrong.push(`${zone} ${day}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each([
    ['Africa/Cairo', '2026-04-24T01:00', 'the hour after summer time began'],
    ['Africa/Cairo', '2026-04-23T23:00', 'the hour before summer time began'],
    ['Africa/Cairo', '2026-10-29T22:30', 'the evening on which summer time ends at midnight'],
    ['Africa/Cairo', '2026-10-30T00:30', 'the morning after summer time ended'],
    [
      'Africa/Cairo',
      '2024-11-01T00:30',
      'the end of summer time, the last Thursday being the last of October',
    ],
    ['Europe/Madrid', '2026-03-29T03:30', 'the hour after summer time began'],
    ['Australia/Sydney', '2026-04-05T12:00', 'the end of summer in the South'],
    ['Asia/Tehran', '2026-07-01T12:00', 'a zone that gave up summer time'],
    ['Asia/Jakarta', '2026-07-01T12:00', 'a zone without any'],
  ])('holds in %s at %s: %s', (zone, wallTime) => {
    const local = Temporal.PlainDateTime.from(wallTime);
    const start = local.toZonedDateTime(zone).toInstant();
    const text = vtimezone(zone, start, start.add({ hours: 2 }));
    expect(instantByCalendar(zone, text, local)).toBe(start.epochMilliseconds / 1000);
  });

  describe('around each change of the clocks', () => {
    /** Changes of the offset from 2025 to 2027. */
    const changesOf = (zone: string): Temporal.Instant[] => {
      const changes: Temporal.Instant[] = [];
      let next = Temporal.ZonedDateTime.from(`2025-01-01T00:00[${zone}]`).getTimeZoneTransition('next');
      for (; next && next.year < 2028; next = next.getTimeZoneTransition('next')) {
        const before = next.subtract({ nanoseconds: 1 });
        if (next.offsetNanoseconds !== before.offsetNanoseconds) changes.push(next.toInstant());
      }
      return changes;
    };

    test.each([
      ['Australia/Lord_Howe', 'by half an hour'],
      ['Antarctica/Troll', 'by two hours'],
      ['Africa/Cairo', 'at midnight on a Friday'],
      ['Africa/Casablanca', 'for Ramadan and back, on other days each year'],
    ])('in %s, %s, gives each half hour of a day its instant', (zone) => {
      const changes = changesOf(zone);
      expect(changes.length).toBeGreaterThan(2);
      const wrong: string[] = [];
      for (const change of changes) {
        for (let halfHours = -24; halfHours <= 24; halfHours++) {
          const instant = change.add({ minutes: 30 * halfHours });
          const local = instant.toZonedDateTimeISO(zone).toPlainDateTime();
          // Where a clock shows a time twice, programs differ: either will do here.
          const meant = (['earlier', 'later'] as const).map(
            (disambiguation) => local.toZonedDateTime(zone, { disambiguation }).epochMilliseconds / 1000,
          );
          // Of an entry for that time, and of one for a dialogue that begins the day before and lasts.
          for (const start of [instant, change.subtract({ hours: 36 })]) {
            const text = vtimezone(zone, start, start.add({ hours: 2 }));
            if (!meant.includes(instantByCalendar(zone, text, local)))
              wrong.push(`${local} by the description for ${start}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    });

    test('says those around Ramadan one by one, since no rule of a calendar knows it', () => {
      const start = Temporal.Instant.from('2026-02-10T10:00Z');
      const text = vtimezone('Africa/Casablanca', start, start);
      expect(text).toMatch(/DTSTART:20260215T030000\r\nTZOFFSETFROM:\+0100\r\nTZOFFSETTO:\+0000/);
      expect(text).toMatch(/DTSTART:20260322T020000\r\nTZOFFSETFROM:\+0000\r\nTZOFFSETTO:\+0100/);
      expect(text).not.toContain('RRULE');
    });

    test('says offsets and rules of half an hour and of two hours', () => {
      const start = Temporal.Instant.from('2026-06-10T10:00Z');
      expect(vtimezone('Australia/Lord_Howe', start, start)).toMatch(
        /TZOFFSETFROM:\+1030\r\nTZOFFSETTO:\+1100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU/,
      );
      expect(vtimezone('Antarctica/Troll', start, start)).toMatch(
        /TZOFFSETFROM:\+0000\r\nTZOFFSETTO:\+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU/,
      );
    });
  });

  test('says a yearly rule where there is one', () => {
    const start = Temporal.Instant.from('2026-06-01T10:00Z');
    const text = vtimezone('Europe/Madrid', start, start);
    expect(text).toContain('RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU');
    expect(text).toContain('RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU');
  });
});
