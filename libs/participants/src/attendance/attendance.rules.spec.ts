import {
  attendsInPerson,
  attendsOnline,
  doorStanding,
  joinStanding,
  readCheckInToken,
  readSpokenCode,
  spokenCode,
} from './attendance.rules';

const startsAt = new Date('2027-01-28T09:00Z');
const endsAt = new Date('2027-01-28T11:00Z');
const at = (now: string, state: 'published' | 'cancelled' = 'published') => ({
  state,
  startsAt,
  endsAt,
  now: new Date(now),
});

describe('the door', () => {
  test('is open from twelve hours before the start to the end', () => {
    expect(doorStanding(at('2027-01-27T20:59:59Z'))).toBe('early');
    expect(doorStanding(at('2027-01-27T21:00Z'))).toBe('open');
    expect(doorStanding(at('2027-01-28T10:59:59Z'))).toBe('open');
    expect(doorStanding(at('2027-01-28T11:00Z'))).toBe('over');
  });

  test('stays shut when the dialogue is cancelled', () => {
    expect(doorStanding(at('2027-01-28T09:30Z', 'cancelled'))).toBe('not_held');
  });

  test('online opens an hour before the start', () => {
    expect(joinStanding(at('2027-01-28T07:59Z'))).toBe('early');
    expect(joinStanding(at('2027-01-28T08:00Z'))).toBe('open');
  });
});

test('who comes to a hybrid dialogue has a code, who joins it a link, and who said neither both', () => {
  const hybrid = { kind: 'hybrid' } as const;
  expect([attendsInPerson(hybrid, 'in_person'), attendsOnline(hybrid, 'in_person')]).toEqual([true, false]);
  expect([attendsInPerson(hybrid, 'virtual'), attendsOnline(hybrid, 'virtual')]).toEqual([false, true]);
  expect([attendsInPerson(hybrid, null), attendsOnline(hybrid, null)]).toEqual([true, true]);
  expect(attendsOnline({ kind: 'in_person' }, 'virtual')).toBe(false);
  expect(attendsInPerson({ kind: 'virtual' }, 'in_person')).toBe(false);
});

describe('a code', () => {
  const id = '3f2a91bc-1111-4000-8000-000000000001';

  test('is said in eight digits, and read however it is written', () => {
    expect(spokenCode(id)).toBe('3F2A-91BC');
    for (const said of ['3F2A-91BC', ' 3f2a 91bc', '3f2a91bc']) expect(readSpokenCode(said)).toBe('3f2a91bc');
    expect(readSpokenCode('Al-Dossary')).toBeNull();
  });

  test('is read from the address that a scanner sees', () => {
    const token = 'x'.repeat(65);
    expect(readCheckInToken(`https://plenary.example/c/${token}`)).toBe(token);
    expect(readCheckInToken(token)).toBe(token);
    expect(readCheckInToken(`https://plenary.example/r/${token}`)).toBeNull();
  });
});
