import { checkVenue } from './venue.rules';

const codes = (venue: Parameters<typeof checkVenue>[0]) =>
  checkVenue(venue).map(({ field, code }) => `${field}: ${code}`);

test('who joins from afar needs a platform, who comes needs a room, a hybrid dialogue both', () => {
  expect(codes({ kind: 'virtual' })).toEqual(['venue.platform: missing']);
  expect(codes({ kind: 'in_person' })).toEqual(['venue.room: missing']);
  expect(codes({ kind: 'hybrid' })).toEqual(['venue.platform: missing', 'venue.room: missing']);
  expect(
    codes({ kind: 'hybrid', platform: 'Kudo', room: 'Room 1', join_url: 'https://meet.example' }),
  ).toEqual([]);
});

test('what belongs to another kind of venue is refused, lest it be believed', () => {
  expect(codes({ kind: 'virtual', platform: 'Kudo', room: 'Room 1' })).toEqual([
    'venue.room: not_for_this_venue',
  ]);
  expect(
    codes({ kind: 'in_person', room: 'Room 1', platform: 'Kudo', join_url: 'https://meet.example' }),
  ).toEqual(['venue.platform: not_for_this_venue', 'venue.join_url: not_for_this_venue']);
});
