import { freePlaces, placeFor, placesMayBecome } from './places.rules';

describe('a place', () => {
  test('is given while every limit has room', () => {
    expect(placeFor([{ places: 10, taken: 9 }])).toEqual({ code: 'place' });
    expect(placeFor([{ places: null, taken: 5_000 }])).toEqual({ code: 'place' });
    expect(placeFor([])).toEqual({ code: 'place' });
  });

  test('is not given when one of the limits is full', () => {
    expect(placeFor([{ places: 10, taken: 10 }])).toEqual({ code: 'full' });
    expect(
      placeFor([
        { places: 100, taken: 3 },
        { places: 2, taken: 2 },
      ]),
    ).toEqual({ code: 'full' });
    expect(placeFor([{ places: 0, taken: 0 }])).toEqual({ code: 'full' });
  });
});

describe('the number of free places', () => {
  test('is that of the tightest limit', () => {
    expect(
      freePlaces([
        { places: 10, taken: 4 },
        { places: 5, taken: 3 },
        { places: null, taken: 70 },
      ]),
    ).toBe(2);
  });

  test('has no bound without a limit, and is never negative', () => {
    expect(freePlaces([{ places: null, taken: 7 }])).toBeNull();
    expect(freePlaces([{ places: 3, taken: 5 }])).toBe(0);
  });
});

describe('lowering places', () => {
  test('is refused below those who are confirmed, and says by how many', () => {
    expect(placesMayBecome(8, 10)).toEqual({ code: 'places_below_confirmed', over: 2 });
  });

  test('is allowed down to those who are confirmed, and to no limit at all', () => {
    expect(placesMayBecome(10, 10)).toEqual({ code: 'allowed' });
    expect(placesMayBecome(null, 10)).toEqual({ code: 'allowed' });
  });
});
