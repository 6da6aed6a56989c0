import {
  afterwards,
  fill,
  givingBack,
  placeFor,
  placesMayBecome,
  taking,
  type Limit,
  type Seat,
} from './places.rules';

const limit = (id: string, places: number | null, taken: number, more: Partial<Limit> = {}): Limit => ({
  id,
  scope: 'dialogue',
  attends: null,
  delegationId: null,
  role: null,
  places,
  taken,
  reserved: 0,
  keeps: null,
  ...more,
});
const seat = (of: Partial<Seat> = {}): Seat => ({ attends: null, delegationId: null, role: null, ...of });
const code = (limits: Limit[], of: Partial<Seat> = {}) => placeFor(limits, seat(of)).code;

describe('a place', () => {
  test('is given while every limit has room', () => {
    expect(code([limit('all', 10, 9)])).toBe('place');
    expect(code([limit('all', null, 5_000)])).toBe('place');
    expect(code([])).toBe('place');
  });

  test('is not given when one of the limits that concern someone is full', () => {
    expect(code([limit('all', 10, 10)])).toBe('full');
    expect(code([limit('all', 0, 0)])).toBe('full');
    const limits = [
      limit('all', 100, 3),
      limit('room', 2, 2, { scope: 'attendance', attends: 'in_person' }),
      limit('online', 2, 1, { scope: 'attendance', attends: 'virtual' }),
    ];
    expect(code(limits, { attends: 'in_person' })).toBe('full');
    expect(code(limits, { attends: 'virtual' })).toBe('place');
    expect(code(limits)).toBe('place');
  });

  test('in a delegation is one of the dialogue, of the delegation, and of the role in it and in all of them', () => {
    const limits = [
      limit('all', 10, 0),
      limit('one', 3, 1, { scope: 'delegation', delegationId: 'one' }),
      limit('other', 3, 3, { scope: 'delegation', delegationId: 'other' }),
      limit('head of one', 1, 1, { scope: 'role', delegationId: 'one', role: 'head_of_delegation' }),
      limit('observers', 2, 2, { scope: 'role', role: 'observer' }),
    ];
    const inOne = (role: Seat['role']) => code(limits, { delegationId: 'one', role });
    expect([inOne('member'), inOne('head_of_delegation'), inOne('observer')]).toEqual([
      'place',
      'full',
      'full',
    ]);
    expect(code(limits, { delegationId: 'other', role: 'member' })).toBe('full');
    expect(taking(limits, seat({ delegationId: 'one', role: 'observer' })).map(({ id }) => id)).toEqual([
      'all',
      'one',
      'observers',
    ]);
  });
});

describe('a seat that is kept for a delegation', () => {
  const limits = [
    limit('all', 5, 2, { reserved: 3 }),
    limit('room', 4, 1, { scope: 'attendance', attends: 'in_person', reserved: 3 }),
    limit('bali', 4, 1, { scope: 'delegation', delegationId: 'bali', keeps: { attends: 'in_person' } }),
  ];
  const inBali = seat({ delegationId: 'bali', attends: 'in_person', role: 'member' });

  test('is room for them and for nobody else', () => {
    expect(code(limits)).toBe('full');
    expect(code(limits, inBali)).toBe('place');
  });

  test('is no longer kept when they take it, and kept again when they give it back', () => {
    const taken = afterwards(limits, taking(limits, inBali));
    expect(taken.map((one) => [one.taken, one.reserved])).toEqual([
      [3, 2],
      [2, 2],
      [2, 0],
    ]);
    expect(afterwards(taken, givingBack(taken, inBali))).toEqual(limits);
  });

  test('goes to whoever waits once it is released', () => {
    const released = limits.map((one) => ({ ...one, reserved: 0, keeps: null }));
    expect(code(released)).toBe('place');
    const [all] = afterwards(released, givingBack(released, inBali));
    expect(all).toMatchObject({ taken: 1, reserved: 0 });
  });

  test('beyond the seats of the delegation there is none', () => {
    const all = limits.map((one) => (one.id === 'bali' ? { ...one, taken: 4 } : { ...one, reserved: 0 }));
    expect(code(all, inBali)).toBe('full');
  });
});

describe('who moves up', () => {
  test('is the first in order who fits every limit; who does not is passed over', () => {
    const limits = [
      limit('all', 10, 8),
      limit('room', 5, 5, { scope: 'attendance', attends: 'in_person' }),
      limit('online', 5, 3, { scope: 'attendance', attends: 'virtual' }),
    ];
    const waiting = (['in_person', 'virtual', 'in_person', 'virtual', 'virtual'] as const).map(
      (attends, index) => ({ ...seat({ attends }), number: index + 1 }),
    );
    const { placed, changed, limits: after } = fill(limits, waiting);
    expect(placed.map(({ number }) => number)).toEqual([2, 4]);
    expect(changed).toEqual([
      { id: 'all', taken: 2, reserved: 0 },
      { id: 'online', taken: 2, reserved: 0 },
    ]);
    expect(after.map(({ taken }) => taken)).toEqual([10, 5, 5]);
  });
});

describe('lowering places', () => {
  test('is refused below those who are confirmed and the seats that are kept, and says by how many', () => {
    expect(placesMayBecome(8, { taken: 10, reserved: 0 })).toEqual({
      code: 'places_below_confirmed',
      over: 2,
    });
    expect(placesMayBecome(11, { taken: 10, reserved: 3 })).toEqual({
      code: 'places_below_confirmed',
      over: 2,
    });
  });

  test('is allowed down to those, and to no limit at all', () => {
    expect(placesMayBecome(13, { taken: 10, reserved: 3 })).toEqual({ code: 'allowed' });
    expect(placesMayBecome(null, { taken: 10, reserved: 0 })).toEqual({ code: 'allowed' });
  });
});
