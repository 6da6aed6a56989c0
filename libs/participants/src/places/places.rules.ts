import type { DelegationRole } from '../delegations/delegation.entity';
import type { Attends } from '../registrations/registration.entity';

/** A limit under lock: how many places there are (null: no limit), how many are taken, how many kept for delegations. */
export interface Limit {
  id: string;
  scope: 'dialogue' | 'attendance' | 'delegation' | 'role';
  attends: Attends | null;
  delegationId: string | null;
  role: DelegationRole | null;
  places: number | null;
  taken: number;
  /** Of the dialogue, and in the room or online: kept for seats of delegations that nobody holds yet. */
  reserved: number;
  /** Of a delegation whose seats are not released: where they are kept beside the dialogue. Null for all others. */
  keeps: { attends: Attends | null } | null;
}

/** What of someone decides which limits concern them. */
export interface Seat {
  attends: Attends | null;
  delegationId: string | null;
  role: DelegationRole | null;
}

/** By how much the counts of a limit change. */
export interface LimitChange {
  id: string;
  taken: number;
  reserved: number;
}

/** Whether someone gets a place now, and which limits have no room if not. */
export type PlaceVerdict = { code: 'place' } | { code: 'full'; limits: Limit[] };

/** The limits that hold together for someone: of the dialogue, of room or platform, of their delegation, of their role. */
export function limitsOf(limits: readonly Limit[], seat: Seat): Limit[] {
  return limits.filter((limit) => {
    if (limit.delegationId !== null && limit.delegationId !== seat.delegationId) return false;
    if (limit.scope === 'attendance') return limit.attends === seat.attends;
    return limit.scope !== 'role' || limit.role === seat.role;
  });
}

/**
 * Someone gets a place when every limit that concerns them has room (design, idea 7). Nobody is passed over by it: a
 * place that becomes free goes in the same transaction to the first who waits and fits. A seat that is kept for their
 * delegation is room for them and for nobody else.
 */
export function placeFor(limits: readonly Limit[], seat: Seat): PlaceVerdict {
  const kept = new Set(keptFor(limits, seat, 'take').map(({ id }) => id));
  const full = limitsOf(limits, seat).filter(
    ({ id, places, taken, reserved }) =>
      places !== null && taken + reserved >= places + (kept.has(id) ? 1 : 0),
  );
  return full.length > 0 ? { code: 'full', limits: full } : { code: 'place' };
}

/** What taking a place changes: one more everywhere it concerns, one less kept where it was kept for them. */
export function taking(limits: readonly Limit[], seat: Seat): LimitChange[] {
  return changes(limitsOf(limits, seat), 1, keptFor(limits, seat, 'take'));
}

/** What giving a place back changes: a seat of a delegation whose seats are not released is kept for it again. */
export function givingBack(limits: readonly Limit[], seat: Seat): LimitChange[] {
  return changes(limitsOf(limits, seat), -1, keptFor(limits, seat, 'give back'));
}

/** The limits as they are after changes. */
export function afterwards(limits: readonly Limit[], changed: readonly LimitChange[]): Limit[] {
  const byId = new Map(changed.map((change) => [change.id, change]));
  return limits.map((limit) => {
    const change = byId.get(limit.id);
    return change
      ? { ...limit, taken: limit.taken + change.taken, reserved: limit.reserved + change.reserved }
      : limit;
  });
}

/** Several changes as one for each limit; what comes to nothing is left out. */
export function together(changed: readonly LimitChange[]): LimitChange[] {
  const byId = new Map<string, LimitChange>();
  for (const { id, taken, reserved } of changed) {
    const before = byId.get(id) ?? { id, taken: 0, reserved: 0 };
    byId.set(id, { id, taken: before.taken + taken, reserved: before.reserved + reserved });
  }
  return [...byId.values()].filter(({ taken, reserved }) => taken !== 0 || reserved !== 0);
}

/**
 * Goes through people in the given order and gives a place to each who fits every limit; who does not is passed over.
 * @returns who gets one, what that changes, and the limits after it.
 */
export function fill<Person extends Seat>(
  limits: readonly Limit[],
  people: readonly Person[],
): { placed: Person[]; changed: LimitChange[]; limits: Limit[] } {
  let now = [...limits];
  const placed: Person[] = [];
  const changed: LimitChange[] = [];
  for (const person of people) {
    if (placeFor(now, person).code === 'full') continue;
    const taken = taking(now, person);
    now = afterwards(now, taken);
    changed.push(...taken);
    placed.push(person);
  }
  return { placed, changed: together(changed), limits: now };
}

/** Whether a limit may be set to so many places: never below those who hold one and those that are kept. */
export function placesMayBecome(
  places: number | null,
  { taken, reserved }: Pick<Limit, 'taken' | 'reserved'>,
): { code: 'allowed' } | { code: 'places_below_confirmed'; over: number } {
  if (places === null || places >= taken + reserved) return { code: 'allowed' };
  return { code: 'places_below_confirmed', over: taken + reserved - places };
}

/** The limits in which a seat is kept for this person's delegation (`take`), or will be once they gave theirs back. */
function keptFor(limits: readonly Limit[], seat: Seat, what: 'take' | 'give back'): Limit[] {
  const own = limits.find(
    ({ scope, delegationId }) => scope === 'delegation' && delegationId === seat.delegationId,
  );
  if (!own?.keeps || own.places === null) return [];
  if (what === 'take' && own.taken >= own.places) return [];
  const { attends } = own.keeps;
  return limits.filter(
    (limit) => limit.scope === 'dialogue' || (limit.scope === 'attendance' && limit.attends === attends),
  );
}

function changes(concerned: Limit[], by: 1 | -1, kept: Limit[]): LimitChange[] {
  return together([
    ...concerned.map(({ id }) => ({ id, taken: by, reserved: 0 })),
    ...kept.map(({ id }) => ({ id, taken: 0, reserved: -by })),
  ]);
}
