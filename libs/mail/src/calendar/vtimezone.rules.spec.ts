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

  test('says a yearly rule where there is one', () => {
    const start = Temporal.Instant.from('2026-06-01T10:00Z');
    const text = vtimezone('Europe/Madrid', start, start);
    expect(text).toContain('RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU');
    expect(text).toContain('RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU');
  });
});
