import type { DelegationRole } from './delegation.entity';
import { standing, type DialogueNow } from '../registrations/registration.rules';

/** How many a delegation may send: in all, and at most so many in a role. A role that is not named has no limit of its own. */
export interface Seats {
  total: number;
  byRole: Partial<Record<DelegationRole, number>>;
}

/** By how many something is over the seats, in all and in each role that has too many. */
export interface SeatsOver {
  /** 0 when there are enough in all. */
  total: number;
  byRole: Partial<Record<DelegationRole, number>>;
}

/** States of a nomination that gives its seat up again. */
const GIVEN_UP: readonly string[] = ['declined', 'withdrawn', 'refused', 'removed'];

/** Whether a nomination in this state still takes one of the seats that may be filled. */
export function isNominated(state: string): boolean {
  return !GIVEN_UP.includes(state);
}

/**
 * By how many these nominees are more than the seats; null when they fit.
 * @param roles of those nominated, one entry each; null: no role was named for them.
 */
export function seatsOver(seats: Seats, roles: readonly (DelegationRole | null)[]): SeatsOver | null {
  const total = Math.max(0, roles.length - seats.total);
  const byRole: SeatsOver['byRole'] = {};
  for (const [role, most] of Object.entries(seats.byRole) as [DelegationRole, number][]) {
    const over = roles.filter((held) => held === role).length - most;
    if (over > 0) byRole[role] = over;
  }
  return total > 0 || Object.keys(byRole).length > 0 ? { total, byRole } : null;
}

/** Seats of a delegation as they count in the rows of the dialogue. */
export interface ReservedSeats {
  seats: number;
  /** How many of them somebody holds. */
  taken: number;
  isReleased: boolean;
}

/** How many places a delegation keeps for whoever is still to come; none once its seats are released. */
export function reservedFor(delegation: ReservedSeats | null): number {
  return delegation && !delegation.isReleased ? Math.max(0, delegation.seats - delegation.taken) : 0;
}

/** How many more seats a limit can keep; null: as many as there are. */
export function freeForSeats(limit: {
  places: number | null;
  taken: number;
  reserved: number;
}): number | null {
  return limit.places === null ? null : Math.max(0, limit.places - limit.taken - limit.reserved);
}

/** Whether people can be nominated now: the dialogue takes registrations. */
export function mayNominate(dialogue: DialogueNow): boolean {
  return standing(dialogue) === 'open';
}
