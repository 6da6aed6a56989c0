import { dueReminders, normaliseOffset } from './reminder.rules';

test.each([
  ['PT60M', 'PT1H'],
  ['PT90M', 'PT1H30M'],
  ['PT20S', 'PT20S'],
  ['P1W', 'P7D'],
  ['P1DT24H', 'P1DT24H'],
  ['PT24H', 'PT24H'],
  ['pt1h', 'PT1H'],
])('%s is written %s', (before, normal) => {
  expect(normaliseOffset(before)).toBe(normal);
});

test.each(['P0D', '-P1D', '1 hour', '', 'PT0.5S', 'P2Y', 'PT99999999H', 'P1D '.repeat(20)])(
  '%p is no time before a start',
  (before) => {
    expect(normaliseOffset(before)).toBeNull();
  },
);

test('a day before is the same wall time the day before, also when the clocks change between', () => {
  // Paris puts its clocks forward on 28 March 2027: that day before has 23 hours.
  const startsAt = new Date('2027-03-28T09:00:00Z');
  const [day, hours] = dueReminders(startsAt, 'Europe/Paris', [
    { before: 'P1D', audience: 'everyone' },
    { before: 'PT24H', audience: 'everyone' },
  ]);
  expect(day!.dueAt).toEqual(new Date('2027-03-27T10:00:00Z'));
  expect(hours!.dueAt).toEqual(new Date('2027-03-27T09:00:00Z'));
});

test('a reminder is useful until the next one for the same people, the last until the start', () => {
  const startsAt = new Date('2027-01-28T09:00:00Z');
  const reminders = dueReminders(startsAt, 'Africa/Cairo', [
    { before: 'PT1H', audience: 'everyone' },
    { before: 'P1D', audience: 'everyone' },
    { before: 'PT6H', audience: 'speakers' },
  ]);
  expect(reminders.map(({ before, usefulUntil }) => [before, usefulUntil.toISOString()])).toEqual([
    ['PT1H', '2027-01-28T09:00:00.000Z'],
    ['P1D', '2027-01-28T08:00:00.000Z'],
    ['PT6H', '2027-01-28T09:00:00.000Z'],
  ]);
});
