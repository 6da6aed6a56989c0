import { daysBetween, endOfSameLength, shifted } from './shift.rules';

const BETWEEN = { now: new Date('2027-01-01T00:00:00Z'), startsAt: new Date('2027-05-01T09:00:00Z') };

describe('a dialogue that is copied to another date', () => {
  test('is as far away as the calendar says, whatever the hour and the clocks', () => {
    expect(daysBetween('2027-01-28T11:00', '2027-01-29T09:00')).toBe(1);
    expect(daysBetween('2027-03-01T23:00', '2027-04-01T01:00')).toBe(31);
    expect(daysBetween('2027-03-01T11:00', '2027-02-01T11:00')).toBe(-28);
  });

  test('lasts as long by the clock, over midnight too', () => {
    const source = { startsAtLocal: '2027-01-28T22:00', endsAtLocal: '2027-01-29T01:30' };
    expect(endOfSameLength(source, '2027-05-01T10:15')).toBe('2027-05-01T13:45');
    expect(
      endOfSameLength(
        { startsAtLocal: '2027-01-28T09:00', endsAtLocal: '2027-01-29T17:00' },
        '2027-02-28T09:00',
      ),
    ).toBe('2027-03-01T17:00');
  });

  test('has its deadlines at the same hour, so many days on', () => {
    expect(shifted('2027-01-20T18:00', 90, 'Europe/Paris', BETWEEN)).toEqual({
      local: '2027-04-20T18:00',
      // Summer time by then.
      instant: new Date('2027-04-20T16:00:00Z'),
    });
    expect(shifted(null, 90, 'Europe/Paris', BETWEEN)).toBeNull();
  });

  test('has no deadline after it has begun', () => {
    expect(shifted('2027-01-20T18:00', 120, 'Europe/Paris', BETWEEN)).toBeNull();
  });

  test('has no deadline that has passed, and none in an hour that the clocks skip', () => {
    expect(shifted('2026-01-20T18:00', 90, 'Europe/Paris', BETWEEN)).toBeNull();
    expect(shifted('2027-01-28T02:30', 59, 'Europe/Paris', BETWEEN)).toEqual({
      local: '2027-03-28T03:30',
      instant: new Date('2027-03-28T01:30:00Z'),
    });
  });
});
