import type { DialogueState, Venue } from '@app/dialogues';
import type { Attends } from '../registrations/registration.entity';

/** For how long before the start people are checked in: the room opens on the day. */
const DOOR_OPENS_BEFORE_MS = 12 * 3_600_000;

/** For how long before the start a link to join notes who comes: who presses the button earlier only tries the platform. */
const JOIN_OPENS_BEFORE_MS = 3_600_000;

/** What of a dialogue decides whether arrivals are noted. */
export interface DoorFacts {
  state: DialogueState;
  startsAt: Date;
  endsAt: Date;
  /** By the database's clock. */
  now: Date;
}

/** Whether arrivals are noted now; `not_held`: it is a draft, postponed or cancelled. */
export type DoorStanding = 'early' | 'open' | 'over' | 'not_held';

/** When people can first be checked in. */
export function doorOpensAt({ startsAt }: Pick<DoorFacts, 'startsAt'>): Date {
  return new Date(startsAt.getTime() - DOOR_OPENS_BEFORE_MS);
}

/** From when on joining by the link counts as arrival. */
export function joinOpensAt({ startsAt }: Pick<DoorFacts, 'startsAt'>): Date {
  return new Date(startsAt.getTime() - JOIN_OPENS_BEFORE_MS);
}

/** People are checked in on the day of the dialogue only: from half a day before it starts until it ends. */
export function doorStanding(facts: DoorFacts): DoorStanding {
  return standingFrom(doorOpensAt(facts), facts);
}

/** Joining by the link counts as arrival from an hour before the dialogue starts until it ends. */
export function joinStanding(facts: DoorFacts): DoorStanding {
  return standingFrom(joinOpensAt(facts), facts);
}

function standingFrom(opensAt: Date, { state, endsAt, now }: DoorFacts): DoorStanding {
  if (state !== 'published') return 'not_held';
  if (now >= endsAt) return 'over';
  return now < opensAt ? 'early' : 'open';
}

/** Whether someone comes to a room, and so has a code for the door. Where a hybrid dialogue doesn't ask: they may. */
export function attendsInPerson(venue: Pick<Venue, 'kind'>, attends: Attends | null): boolean {
  return venue.kind === 'in_person' || (venue.kind === 'hybrid' && attends !== 'virtual');
}

/** Whether someone joins online, and so has a personal link to join. Where a hybrid dialogue doesn't ask: they may. */
export function attendsOnline(venue: Pick<Venue, 'kind'>, attends: Attends | null): boolean {
  return venue.kind === 'virtual' || (venue.kind === 'hybrid' && attends !== 'in_person');
}

/** Whether there is something that someone joins by a link of their own. */
export function hasLinkToJoin(venue: Pick<Venue, 'kind' | 'join_url'>, attends: Attends | null): boolean {
  return Boolean(venue.join_url) && attendsOnline(venue, attends);
}

/**
 * SQL of whether the registration `r` in the dialogue `d` is let in: confirmed, or confirmed before a change on which is still
 * to be decided. A substitute under review whom nobody has approved yet is not: they have the seat of somebody who was. Those
 * who are let in, and nobody else, have a calendar entry and a link to join.
 */
export const LET_IN = `(r.state = 'confirmed' OR r.state = 'under_review' AND (r.substitutes_for IS NULL OR EXISTS (
  SELECT FROM approvals WHERE registration_id = r.id AND round < r.approval_round AND decision = 'approved'
  GROUP BY round HAVING count(*) >= d.approvals_needed)))`;

/**
 * SQL of the generation of the link to join of registration `r`. A new personal link revokes the link to join, too; the
 * link to join can be revoked by itself. Both counts only rise, so no generation ever comes back.
 */
export const JOIN_GENERATION = `(r.link_generation + r.join_link_revocations)`;

/** What a person can say at the door when their code can't be read: `3F2A-91BC`. Names nobody; it is no secret. */
export function spokenCode(registrationId: string): string {
  const code = registrationId.slice(0, 8).toUpperCase();
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** The first eight hexadecimal digits of a registration's id, from what was said or typed; null when it is none. */
export function readSpokenCode(said: string): string | null {
  const digits = said.replace(/[\s-]/g, '').toLowerCase();
  return /^[0-9a-f]{8}$/.test(digits) ? digits : null;
}

/** The token in what a scanner read: the token itself, or the address that ends with it. */
export function readCheckInToken(read: string): string | null {
  return /(?:^|\/c\/)([\w-]{65})\/?$/.exec(read.trim())?.[1] ?? null;
}
