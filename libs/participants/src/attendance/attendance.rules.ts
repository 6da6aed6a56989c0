import type { DialogueState, Venue } from '@app/dialogues';
import type { Attends } from '../registrations/registration.entity';

/** For how long before the start people are checked in: the room opens on the day. */
const DOOR_OPENS_BEFORE_MS = 12 * 3_600_000;

/** For how long before the start a personal link joins: who looks earlier only tries the platform. */
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

/** When a personal link first joins. */
export function joinOpensAt({ startsAt }: Pick<DoorFacts, 'startsAt'>): Date {
  return new Date(startsAt.getTime() - JOIN_OPENS_BEFORE_MS);
}

/** People are checked in on the day of the dialogue only: from half a day before it starts until it ends. */
export function doorStanding(facts: DoorFacts): DoorStanding {
  return standingFrom(doorOpensAt(facts), facts);
}

/** A personal link joins from an hour before the dialogue starts until it ends. */
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
