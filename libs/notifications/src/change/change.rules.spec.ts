import type { Announced } from '@app/dialogues';
import { newsOf, staleNews } from './change.rules';

const told: Announced = {
  state: 'published',
  starts_at: '2027-01-28T09:00:00.000Z',
  ends_at: '2027-01-28T11:00:00.000Z',
  time_zone: 'Africa/Cairo',
  venue: { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/a' },
};
const later = { starts_at: '2027-01-29T09:00:00.000Z', ends_at: '2027-01-29T11:00:00.000Z' };
const elsewhere = { venue: { kind: 'in_person', room: 'Hall A' } } as const;

describe('what is to be told', () => {
  test.each([
    ['nothing when all is as announced', {}, null],
    ['nothing when only the writing of an instant differs', { starts_at: '2027-01-28T09:00:00+00:00' }, null],
    ['nothing when only the order in the venue differs', { venue: { ...told.venue } }, null],
    ['the time when it moved', later, { kind: 'change', what: 'time' }],
    ['the time when only its end moved', { ends_at: later.ends_at }, { kind: 'change', what: 'time' }],
    ['the time when it is in another zone', { time_zone: 'Asia/Beirut' }, { kind: 'change', what: 'time' }],
    ['the place when it moved', elsewhere, { kind: 'change', what: 'place' }],
    [
      'the place when the link to join is another',
      { venue: { ...told.venue, join_url: 'https://meet.example/b' } },
      { kind: 'change', what: 'place' },
    ],
    ['both when both moved', { ...later, ...elsewhere }, { kind: 'change', what: 'both' }],
    ['the cancellation, whatever else changed', { ...later, state: 'cancelled' }, { kind: 'cancellation' }],
    ['the postponement', { state: 'postponed' }, { kind: 'postponement' }],
  ] as const)('%s', (_, present, news) => {
    expect(newsOf(told, { ...told, ...present } as Announced, false)).toEqual(news);
  });

  test('a new date when it had been postponed, even if it is the old one', () => {
    expect(newsOf({ ...told, state: 'postponed' }, told, false)).toEqual({ kind: 'change', what: 'date' });
  });

  test('nothing twice', () => {
    for (const state of ['cancelled', 'postponed'] as const) {
      expect(newsOf({ ...told, state }, { ...told, state }, true)).toBeNull();
    }
  });

  test('any other change when it is asked for, and the time all the same when that moved', () => {
    expect(newsOf(told, told, true)).toEqual({ kind: 'change', what: 'other' });
    expect(newsOf(told, { ...told, ...later }, true)).toEqual({ kind: 'change', what: 'time' });
  });

  test('nothing while nobody was told anything', () => {
    expect(newsOf(null, told, true)).toBeNull();
    expect(newsOf(told, { ...told, state: 'draft' }, true)).toBeNull();
  });
});

describe('news that wait', () => {
  const facts = {
    kind: 'change',
    registration: { state: 'confirmed' },
    dialogue: { state: 'published' },
    newerQueued: false,
  } as const;

  test('are told to the confirmed and the waitlisted', () => {
    expect(staleNews(facts)).toBeNull();
    expect(staleNews({ ...facts, registration: { state: 'waitlisted' } })).toBeNull();
  });

  test('are not told to whoever withdrew', () => {
    expect(staleNews({ ...facts, registration: { state: 'withdrawn' } })).toMatch(/withdrawn/);
  });

  test.each([
    ['change', 'cancelled'],
    ['change', 'postponed'],
    ['postponement', 'published'],
    ['postponement', 'cancelled'],
    ['cancellation', 'published'],
  ] as const)('%s is stale once the dialogue is %s', (kind, state) => {
    expect(staleNews({ ...facts, kind, dialogue: { state } })).toMatch(state);
  });

  test('give way to newer ones', () => {
    expect(staleNews({ ...facts, newerQueued: true })).toMatch(/later/);
  });
});
