import { instantsByRules, mustLieAhead, readSchedule } from './schedule.rules';

const schedule = (startsAtLocal: string, endsAtLocal: string, timeZone: string) =>
  readSchedule({ startsAtLocal, endsAtLocal, timeZone });
const codes = (read: ReturnType<typeof readSchedule>) =>
  'errors' in read ? read.errors.map(({ field, code }) => `${field}: ${code}`) : read;
/** The start of a dialogue that was accepted under other rules. */
const startByRules = (startsAtLocal: string, timeZone: string) =>
  instantsByRules({
    startsAtLocal,
    endsAtLocal: '2026-12-01T12:00',
    timeZone,
    answersDueAtLocal: null,
  }).startsAt.toTemporalInstant();

test('eleven in Cairo is nine in UTC in winter, eight in summer', () => {
  expect(schedule('2027-01-28T11:00', '2027-01-28T13:00', 'africa/cairo')).toEqual({
    startsAt: new Date('2027-01-28T09:00:00Z'),
    endsAt: new Date('2027-01-28T11:00:00Z'),
    timeZone: 'Africa/Cairo',
  });
  expect(schedule('2027-06-28T11:00', '2027-06-28T13:00', 'Africa/Cairo')).toMatchObject({
    startsAt: new Date('2027-06-28T08:00:00Z'),
  });
});

test('a dialogue may span a change of the clocks', () => {
  expect(schedule('2027-03-27T22:00', '2027-03-28T10:00', 'Europe/Paris')).toEqual({
    startsAt: new Date('2027-03-27T21:00:00Z'),
    endsAt: new Date('2027-03-28T08:00:00Z'),
    timeZone: 'Europe/Paris',
  });
});

test('a wall time that the clocks skip does not exist, and two that do are offered', () => {
  const read = schedule('2027-03-28T02:30', '2027-03-28T12:00', 'Europe/Paris');
  expect(codes(read)).toEqual(['starts_at_local: wall_time_does_not_exist']);
  expect('errors' in read && read.errors[0]!.detail).toContain('2027-03-28T03:30 or 2027-03-28T01:30');
});

test('a wall time that the clocks repeat is ambiguous, and both instants are named', () => {
  const read = schedule('2027-10-31T01:00', '2027-10-31T02:30', 'Europe/Paris');
  expect(codes(read)).toEqual(['ends_at_local: wall_time_ambiguous']);
  expect('errors' in read && read.errors[0]!.detail).toContain('2027-10-31T00:30Z or 2027-10-31T01:30Z');
});

test.each([
  ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-04T02:45', '2026-10-04T01:45'],
  ['Antarctica/Troll', '2026-03-29T01:30', '2026-03-29T03:30', '2026-03-28T23:30'],
  ['Africa/Cairo', '2026-04-24T00:30', '2026-04-24T01:30', '2026-04-23T23:30'],
  ['Africa/Casablanca', '2026-03-22T02:30', '2026-03-22T03:30', '2026-03-22T01:30'],
])(
  'a start that %s skips, %s, is refused; where new rules came to skip it, it is %s',
  (zone, wall, later, earlier) => {
    const read = schedule(wall, '2026-12-01T12:00', zone);
    expect(codes(read)).toEqual(['starts_at_local: wall_time_does_not_exist']);
    expect('errors' in read && read.errors[0]!.detail).toContain(`Give ${later} or ${earlier} instead.`);
    expect(startByRules(wall, zone).toZonedDateTimeISO(zone).toPlainDateTime().toString()).toBe(
      `${later}:00`,
    );
  },
);

test.each([
  ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45Z', '2026-04-04T15:15Z'],
  ['Antarctica/Troll', '2026-10-25T01:30', '2026-10-24T23:30Z', '2026-10-25T01:30Z'],
  ['Africa/Cairo', '2026-10-29T23:30', '2026-10-29T20:30Z', '2026-10-29T21:30Z'],
  ['Africa/Casablanca', '2026-02-15T02:30', '2026-02-15T01:30Z', '2026-02-15T02:30Z'],
])(
  'a start that %s repeats, %s, is refused; where new rules came to repeat it, it is %s',
  (zone, wall, first, second) => {
    const read = schedule(wall, '2026-12-01T12:00', zone);
    expect(codes(read)).toEqual(['starts_at_local: wall_time_ambiguous']);
    expect('errors' in read && read.errors[0]!.detail).toContain(`${first} or ${second}`);
    expect(startByRules(wall, zone).equals(Temporal.Instant.from(first))).toBe(true);
  },
);

test('both ends are judged at once', () => {
  expect(codes(schedule('2027-02-30T11:00', 'tomorrow', 'Africa/Cairo'))).toEqual([
    'starts_at_local: wall_time_malformed',
    'ends_at_local: wall_time_malformed',
  ]);
});

test.each([
  '2027-01-28T11:00Z',
  '2027-01-28T11:00+02:00',
  '2027-01-28',
  '2027-01-28T25:00',
  '28.1.2027 11:00',
])('%s is not what a clock on the wall shows', (text) => {
  expect(codes(schedule(text, '2027-01-29T13:00', 'Africa/Cairo'))).toEqual([
    'starts_at_local: wall_time_malformed',
  ]);
});

test('an unknown zone is told before anything else', () => {
  expect(codes(schedule('x', 'y', 'Cairo'))).toEqual(['time_zone: time_zone_unknown']);
  expect(codes(schedule('x', 'y', 'EST'))).toEqual(['time_zone: time_zone_unknown']);
});

test('the end comes after the start, by the instants and not by the clock', () => {
  expect(codes(schedule('2027-01-28T11:00', '2027-01-28T11:00', 'UTC'))).toEqual([
    'ends_at_local: end_not_after_start',
  ]);
});

test('a new time lies ahead', () => {
  const now = new Date('2027-01-28T09:00:00Z');
  expect(mustLieAhead(new Date('2027-01-28T09:00:01Z'), now)).toBeNull();
  expect(mustLieAhead(now, now)).toMatchObject({ code: 'in_the_past', field: 'starts_at_local' });
});
