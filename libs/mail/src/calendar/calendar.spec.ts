import ICAL from 'ical.js';
import { calendarSequence, calendarText, type CalendarEntry } from './calendar';

const entry: CalendarEntry = {
  method: 'REQUEST',
  uid: '7f3c2c1e-0000-4000-8000-000000000001@plenary.example',
  sequence: 3,
  stamp: new Date('2026-01-02T03:04:05Z'),
  startsAt: new Date('2026-05-28T08:00:00Z'),
  endsAt: new Date('2026-05-28T10:00:00Z'),
  timeZone: 'Africa/Cairo',
  summary: 'Dialogue, with inter-state; consultation mechanisms',
  description: 'Prepare the contribution.',
  page: 'https://plenary.example/d/dialogue',
  location: 'Kudo',
  joinUrl: `https://plenary.example/j/${'A'.repeat(65)}`,
  organizer: { name: 'International Organization for Migration', address: 'secretariat@plenary.example' },
  attendee: { name: 'Hoda Mansy', address: 'hoda.mansy@las.example' },
};

function read(text: string): { calendar: ICAL.Component; event: ICAL.Event } {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const zone = calendar.getFirstSubcomponent('vtimezone')!;
  ICAL.TimezoneService.reset();
  ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  return { calendar, event: new ICAL.Event(calendar.getFirstSubcomponent('vevent')!) };
}

describe('a calendar entry', () => {
  test('is read by another program as it was meant', () => {
    const { calendar, event } = read(calendarText(entry));
    expect(calendar.getFirstPropertyValue('method')).toBe('REQUEST');
    expect(calendar.getFirstPropertyValue('version')).toBe('2.0');
    expect(event).toMatchObject({
      uid: entry.uid,
      sequence: 3,
      summary: entry.summary,
      description: `Prepare the contribution.\n\n${entry.joinUrl}\n\nhttps://plenary.example/d/dialogue`,
      location: `Kudo – ${entry.joinUrl}`,
    });
    expect(event.startDate.zone.tzid).toBe('Africa/Cairo');
    expect(event.startDate.toString()).toBe('2026-05-28T11:00:00');
    expect(event.startDate.toJSDate()).toEqual(entry.startsAt);
    expect(event.endDate.toJSDate()).toEqual(entry.endsAt);
    expect(event.component.getFirstPropertyValue('status')).toBe('CONFIRMED');
    expect(event.component.getFirstPropertyValue('url')).toBe(entry.joinUrl);
    expect(event.organizer).toBe('mailto:secretariat@plenary.example');
    const attendee = event.attendees[0]!;
    expect(attendee.getParameter('partstat')).toBe('ACCEPTED');
    expect(attendee.getParameter('rsvp')).toBe('FALSE');
    expect(attendee.getParameter('cn')).toBe('Hoda Mansy');
  });

  test('that cancels says so in its method and in its status', () => {
    const { calendar, event } = read(calendarText({ ...entry, method: 'CANCEL', sequence: 4 }));
    expect(calendar.getFirstPropertyValue('method')).toBe('CANCEL');
    expect(event.component.getFirstPropertyValue('status')).toBe('CANCELLED');
    expect(event.sequence).toBe(4);
  });

  test('folds long lines of Arabic at 75 octets and within no letter', () => {
    const summary = 'حوار مع آليات التشاور بين الدول حول الهجرة الآمنة والمنظمة والنظامية '.repeat(6).trim();
    const text = calendarText({ ...entry, summary });
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(text).toMatch(/END:VCALENDAR\r\n$/);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(text).not.toContain('\ufffd');
    expect(read(text).event.summary).toBe(summary);
  });

  test('keeps a name with quotes, commas and line breaks from ending its parameter', () => {
    const { event } = read(
      calendarText({
        ...entry,
        attendee: { name: 'Al "the judge" O\'Neil,\r\nX-EVIL:1;', address: 'a@b.example' },
      }),
    );
    expect(event.attendees).toHaveLength(1);
    expect(event.attendees[0]!.getParameter('cn')).toBe("Al 'the judge' O'Neil, X-EVIL:1;");
    expect(event.component.getFirstProperty('x-evil')).toBeNull();
  });

  test('has its reader’s own link to join wherever a program looks for one, though what a mailing has in common is written once', () => {
    const own = (letter: string) => `https://plenary.example/j/${letter.repeat(65)}`;
    const texts = ['A', 'B'].map((letter) => calendarText({ ...entry, joinUrl: own(letter) }));
    const without = calendarText({ ...entry, joinUrl: undefined });
    for (const [index, text] of texts.entries()) {
      const letter = 'AB'[index]!;
      expect(text.replaceAll('\r\n ', '').match(/\/j\/\w+/g)).toEqual(
        Array(3).fill(new URL(own(letter)).pathname),
      );
      for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      const { event } = read(text);
      expect(event.description).toContain(own(letter));
      expect(event.location).toContain(own(letter));
      expect(event.component.getFirstPropertyValue('url')).toBe(own(letter));
    }
    expect(texts[1]).toBe(texts[0]!.replaceAll(/A{2,}/g, (letters) => 'B'.repeat(letters.length)));
    expect(without).not.toMatch(/\/j\/|URL|\.invalid/);
    expect(read(without).event.location).toBe('Kudo');
  });
});

describe('the sequence of a registration', () => {
  const facts = { scheduleRevision: 1, participationCount: 1, withdrawn: false, joinGeneration: 1 };

  test('rises through confirmation, move, a new link to join, withdrawal, return and cancellation', () => {
    const life = [
      facts,
      { ...facts, scheduleRevision: 2 },
      { ...facts, scheduleRevision: 2, joinGeneration: 2 },
      { ...facts, scheduleRevision: 2, joinGeneration: 2, withdrawn: true },
      { scheduleRevision: 2, participationCount: 2, withdrawn: false, joinGeneration: 2 },
      { scheduleRevision: 3, participationCount: 2, withdrawn: false, joinGeneration: 2 },
    ].map(calendarSequence);
    expect(life).toEqual([...new Set(life)].toSorted((one, other) => one - other));
  });
});
