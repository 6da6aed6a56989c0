import type { Ground } from './ground';

/** States in which someone holds a place (design, idea 7). */
export const HOLDING = ['confirmed', 'offered', 'under_review'];

interface RegistrationNow {
  id: string;
  name: string;
  state: string;
  waitlist_number: number | null;
  delegation_id: string | null;
  role: string | null;
  transition_id: string;
}

interface LimitNow {
  scope: string;
  delegation_id: string | null;
  role: string | null;
  places: number | null;
  taken: number;
  reserved: number;
  next_waitlist_number: number;
}

/** Everything about a dialogue's places, as the database has it in the end. */
export interface Seen {
  registrations: RegistrationNow[];
  limits: LimitNow[];
  /** What happened, in the order in which it was written under the lock. */
  history: { action: string; subject_id: string }[];
  /** Mails about registrations: the transition is the end of the dedupe key. */
  mails: { kind: string; subject_id: string; dedupe_key: string }[];
}

/** Reads the database. */
export async function see(ground: Ground, dialogueId: string): Promise<Seen> {
  const query = <Row>(statement: string): Promise<Row[]> =>
    ground.world.database.query(statement, [dialogueId]);
  return {
    registrations: await query(
      `SELECT id, name, state, waitlist_number::int, delegation_id, role, transition_id FROM registrations
       WHERE dialogue_id = $1 ORDER BY waitlist_number, id`,
    ),
    limits: await query(
      `SELECT scope, delegation_id, role, places, taken, reserved, next_waitlist_number::int FROM places WHERE dialogue_id = $1`,
    ),
    history: await query(
      `SELECT action, subject_id FROM audit_entries
       WHERE dialogue_id = $1 AND action LIKE 'registration.%' ORDER BY id`,
    ),
    mails: await query(
      `SELECT m.kind, m.subject_id, m.dedupe_key FROM mails m JOIN registrations r ON r.id = m.subject_id
       WHERE m.dialogue_id = $1 ORDER BY m.id`,
    ),
  };
}

/** How many registrations are in a state. */
export function inState({ registrations }: Seen, ...states: string[]): number {
  return registrations.filter(({ state }) => states.includes(state)).length;
}

/** The limit of the whole dialogue. */
export function dialogueLimit({ limits }: Seen): LimitNow {
  return limits.find(({ scope }) => scope === 'dialogue')!;
}

/** What must be so whatever was asked in which order; every difference is a line. */
export function differencesOfCounters(seen: Seen): string[] {
  const differences: string[] = [];
  for (const limit of seen.limits) {
    const name = [limit.scope, limit.role].filter(Boolean).join(' ');
    const holding = seen.registrations.filter(
      (one) =>
        HOLDING.includes(one.state) &&
        (limit.delegation_id === null || one.delegation_id === limit.delegation_id) &&
        (limit.role === null || one.role === limit.role),
    ).length;
    if (limit.scope !== 'attendance' && limit.taken !== holding) {
      differences.push(`the limit of the ${name} counts ${limit.taken} taken, ${holding} hold a place`);
    }
    if (limit.places !== null && limit.taken + limit.reserved > limit.places) {
      differences.push(
        `${limit.taken} taken and ${limit.reserved} reserved of ${limit.places} in the ${name}: too many`,
      );
    }
  }
  const numbers = seen.registrations.flatMap((one) =>
    one.waitlist_number === null ? [] : [one.waitlist_number],
  );
  if (new Set(numbers).size !== numbers.length) differences.push('a waitlist number was given twice');
  const { next_waitlist_number: next } = dialogueLimit(seen);
  if (numbers.some((number) => number >= next)) differences.push('a waitlist number is still to be given');
  return differences;
}

/** Where the whole dialogue is the only limit, nobody waits while a place is free. */
export function differencesOfWaiting(seen: Seen): string[] {
  const limit = dialogueLimit(seen);
  const waiting = inState(seen, 'waitlisted');
  const free = limit.places === null ? Infinity : limit.places - limit.taken - limit.reserved;
  return waiting > 0 && free > 0 ? [`${waiting} wait while ${free} places are free`] : [];
}

/** The mail that tells of each step in the history; a step without one is told to nobody. */
const TOLD_BY: Record<string, string> = {
  'registration.confirmed': 'confirmation',
  'registration.promoted': 'confirmation',
  'registration.waitlisted': 'waitlisted',
  'registration.awaiting_approval': 'awaiting-approval',
  'registration.refused': 'refusal',
  'registration.offered': 'offer',
  'registration.offer_lapsed': 'offer-lapsed',
  'registration.withdrawn': 'withdrawal',
};

/** What the last mail about a registration says, by where it stands. */
const LAST_TOLD: Record<string, string[]> = {
  awaiting_approval: ['awaiting-approval'],
  confirmed: ['confirmation'],
  offered: ['offer'],
  refused: ['refusal'],
  waitlisted: ['waitlisted'],
  withdrawn: ['withdrawal', 'offer-lapsed'],
};

/** Each transition is mailed exactly once, and where someone stands now is what they were told last. */
export function differencesOfMails(seen: Seen): string[] {
  const differences: string[] = [];
  const kinds = new Set(Object.values(TOLD_BY));
  const owed = tally(
    seen.history.flatMap(({ action, subject_id }) =>
      TOLD_BY[action] ? [`${TOLD_BY[action]} ${subject_id}`] : [],
    ),
  );
  const queued = tally(
    seen.mails.filter(({ kind }) => kinds.has(kind)).map(({ kind, subject_id }) => `${kind} ${subject_id}`),
  );
  for (const key of new Set([...owed.keys(), ...queued.keys()])) {
    const [wanted, got] = [owed.get(key) ?? 0, queued.get(key) ?? 0];
    if (wanted !== got) differences.push(`${got} mails of ${key}, ${wanted} are owed`);
  }
  const last = new Map(
    seen.mails.filter(({ kind }) => kinds.has(kind)).map((mail) => [mail.subject_id, mail]),
  );
  for (const { id, name, state, transition_id } of seen.registrations) {
    const mail = last.get(id);
    const isTold = LAST_TOLD[state]?.some((kind) => mail?.dedupe_key === `${kind}:${id}:${transition_id}`);
    if (!isTold) differences.push(`${name} is ${state}, and the last mail was ${mail?.kind ?? 'none'}`);
  }
  return differences;
}

/**
 * Plays the history over again, one step after the other, with nothing but a number of places and a list: whoever was
 * confirmed found a place and nobody before them, whoever was waitlisted found none, whoever moved up was the first.
 * What comes out must be what the database says.
 */
export function differencesOfHistory(seen: Seen): string[] {
  const differences: string[] = [];
  const places = dialogueLimit(seen).places ?? Infinity;
  const nameOf = new Map(seen.registrations.map(({ id, name }) => [id, name]));
  const holding = new Set<string>();
  const waiting: string[] = [];
  const leave = (id: string): void => {
    holding.delete(id);
    const at = waiting.indexOf(id);
    if (at >= 0) waiting.splice(at, 1);
  };
  for (const { action, subject_id: id } of seen.history) {
    const name = nameOf.get(id);
    switch (action) {
      case 'registration.confirmed':
        // An offer that was accepted held the place already.
        if (holding.has(id)) break;
        if (holding.size >= places) differences.push(`${name} was confirmed when all places were taken`);
        else if (waiting.length > 0)
          differences.push(`${name} was confirmed before ${waiting.length} who waited`);
        holding.add(id);
        break;
      case 'registration.waitlisted':
        if (holding.size < places) differences.push(`${name} was waitlisted when a place was free`);
        waiting.push(id);
        break;
      case 'registration.promoted':
      case 'registration.offered':
        if (holding.size >= places) differences.push(`${name} moved up when all places were taken`);
        if (waiting[0] !== id) differences.push(`${name} moved up and was not the first`);
        leave(id);
        holding.add(id);
        break;
      case 'registration.withdrawn':
      case 'registration.offer_lapsed':
      case 'registration.refused':
        leave(id);
        break;
    }
  }
  const confirmed = seen.registrations.filter(({ state }) => HOLDING.includes(state)).map(({ id }) => id);
  if (confirmed.toSorted().join() !== [...holding].toSorted().join()) {
    differences.push(`${confirmed.length} hold a place, by the history ${holding.size}`);
  }
  const listed = seen.registrations.filter(({ state }) => state === 'waitlisted').map(({ id }) => id);
  if (listed.join() !== waiting.join()) differences.push('the waitlist is not in the order of the history');
  return differences;
}

/** The API says what the database says. */
export async function differencesOfApi(ground: Ground, dialogueId: string, seen: Seen): Promise<string[]> {
  const differences: string[] = [];
  const path = `/v1/dialogues/${dialogueId}/registrations`;
  const listed = await ground.list<{ id: string; state: string; waitlist_number: number | null }>(path);
  const line = (one: { id: string; state: string; waitlist_number: number | null }): string =>
    `${one.id} ${one.state} ${one.waitlist_number ?? ''}`;
  if (listed.map(line).toSorted().join() !== seen.registrations.map(line).toSorted().join()) {
    differences.push(`the API lists ${listed.length} registrations otherwise than the database`);
  }
  const { body } = await ground.api<{ counts: Record<string, number> }>('GET', `${path}?limit=1`);
  for (const state of ['awaiting_approval', 'confirmed', 'offered', 'refused', 'waitlisted', 'withdrawn']) {
    const count = inState(seen, state);
    if (body.counts[state] !== count) {
      differences.push(`the API counts ${body.counts[state]} ${state}, not ${count}`);
    }
  }
  return differences;
}

function tally(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** A few lines stand for many that are alike. */
export function few(differences: string[], most = 5): string[] {
  return differences.length <= most
    ? differences
    : [...differences.slice(0, most), `… and ${differences.length - most} more`];
}
