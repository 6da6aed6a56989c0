/** A limit under lock: how many places there are (null: no limit), and how many are taken. */
export interface Limit {
  places: number | null;
  taken: number;
}

/** Whether someone gets a place now. */
export type PlaceVerdict = { code: 'place' } | { code: 'full' };

/**
 * Someone gets a place when every limit that concerns them has room (design, idea 7). Nobody is passed over by it: a
 * place that becomes free goes to whoever waits in the same transaction.
 */
export function placeFor(limits: readonly Limit[]): PlaceVerdict {
  return freePlaces(limits) === 0 ? { code: 'full' } : { code: 'place' };
}

/** How many more fit every limit; null: as many as there are. Never negative. */
export function freePlaces(limits: readonly Limit[]): number | null {
  const free = limits.flatMap(({ places, taken }) => (places === null ? [] : [Math.max(0, places - taken)]));
  return free.length > 0 ? Math.min(...free) : null;
}

/** Whether a limit may be set to so many places: never below those who are confirmed, who keep their word. */
export function placesMayBecome(
  places: number | null,
  taken: number,
): { code: 'allowed' } | { code: 'places_below_confirmed'; over: number } {
  if (places === null || places >= taken) return { code: 'allowed' };
  return { code: 'places_below_confirmed', over: taken - places };
}
