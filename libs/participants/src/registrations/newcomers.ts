import type { EntityManager } from 'typeorm';
import { mailsPart, noteQueued, type MailKind } from '@app/mail';
import {
  actorNow,
  emailKey,
  empty,
  join,
  nameKey,
  prepared,
  raw,
  sql,
  type preparedAtLast,
  type Sql,
} from '@app/platform';
import { AWAITING_APPROVAL, CONFIRMATION, WAITLISTED } from '../mail-kinds';
import type { LimitChange, PlaceVerdict } from '../places/places.rules';
import { changePlaces } from '../places/places.service';
import { registrationMails } from './registration-mails';
import type { Participant, Person } from './situation';

/** Where a newcomer may stand. */
export type FirstState = 'awaiting_approval' | 'confirmed' | 'waitlisted';

/** Someone who registers and did not take part before. */
export interface Newcomer {
  participant: Participant;
  /** What they answer by it. */
  invitationId: string | null;
  /** For the audit line. */
  actor: string;
  origin: string | null;
}

/** What was written of a newcomer. */
export interface WrittenNewcomer {
  id: string;
  linkGeneration: number;
}

/** One who comes by what is being done now; see `actorNow`. */
export function newcomer(participant: Participant, invitationId: string | null): Newcomer {
  return { participant, invitationId, ...actorNow() };
}

/** Where a newcomer stands: to be approved first, where the dialogue asks for it; else with a place or on the waitlist. */
export function firstState(approvalsNeeded: number, verdict: PlaceVerdict): FirstState {
  if (approvalsNeeded > 0) return 'awaiting_approval';
  return verdict.code === 'place' ? 'confirmed' : 'waitlisted';
}

/**
 * A place, a number on the waitlist or a wait for approval for each, in their order: registration, answered invitation, audit
 * line and mail, in one statement, which writes all of it or nothing. Whoever takes part already is not written again.
 * @param changes what that changes for the limits.
 * @param write `preparedAtLast` when nothing is written after it.
 * @returns what was written, in the same order.
 */
export async function writeNewcomers(
  manager: EntityManager,
  dialogueId: string,
  state: FirstState,
  newcomers: readonly Newcomer[],
  changes: readonly LimitChange[],
  write: typeof preparedAtLast = prepared,
): Promise<WrittenNewcomer[]> {
  const statement = writing(dialogueId, state, newcomers, changes);
  const answered = await write<WrittenNewcomer & { mails: string[] | null }>(
    manager,
    statement.text,
    statement.values,
  );
  noteQueued(
    manager,
    answered.flatMap(({ mails }) => mails ?? []),
  );
  return answered.map(({ id, linkGeneration }) => ({ id, linkGeneration }));
}

/** What someone tells about themselves, or was told by others. */
export const DATA = [
  'honorific',
  'name',
  'functionalTitle',
  'email',
  'affiliation',
  'country',
  'mechanismId',
  'capacity',
  'language',
  'timeZone',
  'consentToBeListed',
  'attends',
] as const satisfies (keyof Person)[];

/** What someone tells about themselves, as it is stored, by column. */
export function stored(person: Person) {
  return {
    honorific: person.honorific,
    name: person.name,
    name_key: nameKey(person.name),
    functional_title: person.functionalTitle,
    email: person.email,
    email_key: emailKey(person.email),
    affiliation: person.affiliation,
    country: person.country,
    mechanism_id: person.mechanismId,
    capacity: person.capacity,
    language: person.language,
    time_zone: person.timeZone,
    consent_to_be_listed: person.consentToBeListed,
    attends: person.attends,
  };
}

/** The mail that tells of each first state, and its parameters. */
const TELLING: Record<FirstState, [kind: MailKind, parameters: Record<string, unknown>]> = {
  awaiting_approval: [AWAITING_APPROVAL, {}],
  confirmed: [CONFIRMATION, { promoted: false }],
  waitlisted: [WAITLISTED, {}],
};

/** Columns that hold an id; the others of a newcomer are text. */
const IDS = ['invitation_id', 'mechanism_id', 'delegation_id'];

/**
 * The statement that writes newcomers. Its text is the same for every newcomer of one state, however many: it is prepared
 * once for each connection.
 */
function writing(
  dialogueId: string,
  state: FirstState,
  newcomers: readonly Newcomer[],
  changes: readonly LimitChange[],
): Sql {
  const rows = newcomers.map(({ participant, invitationId, actor, origin }) => ({
    invitation_id: invitationId,
    ...stored(participant),
    delegation_id: participant.delegationId,
    role: participant.role,
    actor,
    origin,
  }));
  const columns = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
  const given = columns.map(
    (column) => sql`${rows.map((row) => row[column])}::${raw(IDS.includes(column) ? 'uuid' : 'text')}[]`,
  );
  const limits = {
    confirmed: sql`counted AS (${changePlaces(changes)} AND EXISTS (SELECT FROM registered)),`,
    waitlisted: sql`numbered AS (
      UPDATE places SET next_waitlist_number = next_waitlist_number + (SELECT count(*) FROM registered)
      WHERE dialogue_id = ${dialogueId} AND scope = 'dialogue' AND EXISTS (SELECT FROM registered)),`,
    awaiting_approval: empty,
  }[state];
  const number =
    state === 'waitlisted'
      ? sql`(SELECT next_waitlist_number FROM places WHERE dialogue_id = ${dialogueId} AND scope = 'dialogue')
          + g.position - 1`
      : raw('NULL::bigint');
  const [kind, parameters] = TELLING[state];
  return sql`WITH given AS (
      SELECT * FROM unnest(${join(given)}) WITH ORDINALITY AS given (${raw(columns.join(', '))}, position)),
    registered AS (
      INSERT INTO registrations AS r (dialogue_id, invitation_id, honorific, name, name_key, functional_title, email,
        email_key, affiliation, country, mechanism_id, capacity, language, time_zone, consent_to_be_listed, attends,
        delegation_id, role, state, participation_count, confirmed_at, waitlist_number, approval_round)
      SELECT ${dialogueId}::uuid, g.invitation_id, g.honorific, g.name, g.name_key, g.functional_title, g.email,
        g.email_key, g.affiliation, g.country, g.mechanism_id, g.capacity, g.language, g.time_zone, g.consent_to_be_listed,
        g.attends, g.delegation_id, g.role, ${raw(`'${state}'`)}, ${raw(state === 'confirmed' ? '1, now()' : '0, NULL::timestamptz')},
        ${number}, ${raw(state === 'awaiting_approval' ? '1' : '0')}
      FROM given g ORDER BY g.position
      ON CONFLICT ON CONSTRAINT registrations_address_and_name DO UPDATE SET
        invitation_id = coalesce(excluded.invitation_id, r.invitation_id), honorific = excluded.honorific,
        name = excluded.name, functional_title = excluded.functional_title, email = excluded.email,
        affiliation = excluded.affiliation, country = excluded.country, mechanism_id = excluded.mechanism_id,
        capacity = excluded.capacity, language = excluded.language, time_zone = excluded.time_zone,
        consent_to_be_listed = excluded.consent_to_be_listed, attends = excluded.attends,
        delegation_id = excluded.delegation_id, role = excluded.role, state = excluded.state,
        transition_id = gen_random_uuid(), participation_count = r.participation_count + excluded.participation_count,
        confirmed_at = excluded.confirmed_at, waitlist_number = excluded.waitlist_number, substitutes_for = NULL,
        approval_round = r.approval_round + excluded.approval_round, version = r.version + 1
        -- Whoever takes part already took their place then; nobody takes two.
        WHERE r.state IN ('unconfirmed', 'withdrawn')
      RETURNING *),
    ${limits}
    answered AS (
      UPDATE invitations SET state = 'accepted', answered_at = now(), decline_reason = NULL
      WHERE id IN (SELECT invitation_id FROM registered) AND state <> 'removed'),
    audited AS (
      INSERT INTO audit_entries (actor, origin, action, dialogue_id, subject_id, details)
      SELECT g.actor, g.origin, ${raw(`'registration.${state}'`)}, t.dialogue_id, t.id, '{}'
      FROM registered t JOIN given g USING (email_key, name_key) ORDER BY g.position),
    mailed AS (${raw(mailsPart(kind, registrationMails(kind, 'registered', `'${JSON.stringify(parameters)}'`)))})
    SELECT t.id, t.link_generation AS "linkGeneration", CASE WHEN g.position = 1 THEN ARRAY(SELECT id::text FROM mailed) END AS mails
    FROM registered t JOIN given g USING (email_key, name_key) ORDER BY g.position`;
}
