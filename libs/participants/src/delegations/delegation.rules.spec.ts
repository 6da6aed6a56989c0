import { freeForSeats, isNominated, reservedFor, seatsOver } from './delegation.rules';

const seats = { total: 3, byRole: { head_of_delegation: 1, observer: 0 } };

describe('nominees', () => {
  test('fit as long as they are no more than the seats, in all and in each role', () => {
    expect(seatsOver(seats, ['head_of_delegation', 'member', 'member'])).toBeNull();
    expect(seatsOver(seats, ['adviser', 'member', null])).toBeNull();
    expect(seatsOver(seats, [])).toBeNull();
  });

  test.each([
    ['in all', ['member', 'member', 'member', 'adviser'], { total: 1, byRole: {} }],
    [
      'in a role',
      ['head_of_delegation', 'head_of_delegation'],
      { total: 0, byRole: { head_of_delegation: 1 } },
    ],
    ['in a role that has no seats', ['observer'], { total: 0, byRole: { observer: 1 } }],
    [
      'in both',
      ['head_of_delegation', 'head_of_delegation', 'member', 'member', null],
      { total: 2, byRole: { head_of_delegation: 1 } },
    ],
  ] as const)('are over %s', (_, roles, over) => {
    expect(seatsOver(seats, roles)).toEqual(over);
  });

  test('who gave up no longer count', () => {
    expect(['sent', 'prepared', 'confirmed', 'waitlisted', 'under_review'].every(isNominated)).toBe(true);
    expect(['declined', 'withdrawn', 'refused', 'removed'].some(isNominated)).toBe(false);
  });
});

describe('reserved seats', () => {
  test('are those that nobody holds, until they are released', () => {
    expect(reservedFor({ seats: 5, taken: 2, isReleased: false })).toBe(3);
    expect(reservedFor({ seats: 5, taken: 2, isReleased: true })).toBe(0);
    expect(reservedFor(null)).toBe(0);
  });

  test('fit into what is neither taken nor reserved', () => {
    expect(freeForSeats({ places: 10, taken: 4, reserved: 5 })).toBe(1);
    expect(freeForSeats({ places: null, taken: 4, reserved: 5 })).toBeNull();
  });
});
