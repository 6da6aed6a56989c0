import type { Venue } from '@app/dialogues';
import { plain } from '@app/mail';
import { previously } from './previously.wording';

const time = {
  previous_starts_at: '2027-01-28T09:00:00Z',
  previous_ends_at: '2027-01-28T11:00:00Z',
  previous_time_zone: 'Africa/Cairo',
};
const hall = { previous_venue_kind: 'in_person', previous_platform: null, previous_room: 'Hall A' };
const kudo = { previous_venue_kind: 'virtual', previous_platform: 'Kudo', previous_room: null };
const WHEN = 'Thursday, 28 January 2027, 11:00–13:00 (Africa/Cairo,\u00a0UTC+2)';

const lines = (what: string, parameters: object, venue: Venue = { kind: 'in_person', room: 'Hall B' }) =>
  previously({ what, ...parameters }, { venue }, 'en', 'Africa/Cairo')
    .flatMap(({ values }) => values)
    .map((value) => plain('en', String(value)));

describe('what was announced before', () => {
  test('is the time, the place or both, as what has changed', () => {
    expect(lines('time', { ...time, ...hall })).toEqual([WHEN]);
    expect(lines('place', { ...time, ...hall })).toEqual(['Hall A']);
    expect(lines('both', { ...time, ...hall })).toEqual([WHEN, 'Hall A']);
    expect(lines('other', { ...time, ...hall })).toEqual([]);
  });

  test('is told of a new date with the place only where that is another', () => {
    expect(lines('date', { ...time, ...hall })).toEqual([WHEN, 'Hall A']);
    expect(lines('date', { ...time, ...hall }, { kind: 'in_person', room: 'Hall A' })).toEqual([WHEN]);
  });

  test('says nothing of the place where another link to join is all that changed', () => {
    const venue: Venue = { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/new' };
    expect(lines('place', { ...time, ...kudo }, venue)).toEqual([]);
    expect(lines('both', { ...time, ...kudo }, venue)).toEqual([WHEN]);
  });

  test('is the time alone in mails that were queued before the place was told', () => {
    expect(lines('both', time)).toEqual([WHEN]);
    expect(lines('place', time)).toEqual([]);
  });
});
