import type { EntityManager } from 'typeorm';
import { mailsPart, noteQueued, type MailKind } from '@app/mail';
import { actorNow, emailKey, nameKey, prepared, type preparedAtLast } from '@app/platform';
import { AWAITING_APPROVAL, CONFIRMATION, WAITLISTED } from '../mail-kinds';
import type { LimitChange, PlaceVerdict } from '../places/places.rules';
import { changeParameters, changePlaces } from '../places/places.service';
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
  const rows = newcomers.map(({ participant, invitationId, actor, origin }) => [
    invitationId,
    ...columns(participant),
    participant.delegationId,
    participant.role,
    actor,
    origin,
  ]);
  const answered = await write<WrittenNewcomer & { mails: string[] | null }>(manager, WRITE[state], [
    dialogueId,
    ...rows[0]!.map((_, column) => rows.map((row) => row[column])),
    ...(state === 'confirmed' ? changeParameters(changes) : []),
  ]);
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

/** In the order of the columns: honorific, name and its key, functional title, email and its key, … consent, attends. */
export function columns(participant: Person): unknown[] {
  return DATA.flatMap((field) => {
    const value = participant[field];
    if (field === 'name') return [value, nameKey(participant.name)];
    if (field === 'email') return [value, emailKey(participant.email)];
    return [value];
  });
}

function writeAndTell(state: FirstState, kind: MailKind, parameters: Record<string, unknown>): string {
  const limits = {
    confirmed: `counted AS (${changePlaces(21)} AND EXISTS (SELECT FROM registered)),`,
    waitlisted: `numbered AS (
      UPDATE places SET next_waitlist_number = next_waitlist_number + (SELECT count(*) FROM registered)
      WHERE dialogue_id = $1 AND scope = 'dialogue' AND EXISTS (SELECT FROM registered)),`,
    awaiting_approval: '',
  }[state];
  const number =
    state === 'waitlisted'
      ? `(SELECT next_waitlist_number FROM places WHERE dialogue_id = $1 AND scope = 'dialogue') + g.position - 1`
      : 'NULL::bigint';
  return `WITH given AS (
      SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::uuid[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::uuid[], $18::text[],
        $19::text[], $20::text[]) WITH ORDINALITY AS given (invitation_id, honorific, name, name_key, functional_title, email,
        email_key, affiliation, country, mechanism_id, capacity, language, time_zone, consent_to_be_listed, attends,
        delegation_id, role, actor, origin, position)),
    registered AS (
      INSERT INTO registrations AS r (dialogue_id, invitation_id, honorific, name, name_key, functional_title, email,
        email_key, affiliation, country, mechanism_id, capacity, language, time_zone, consent_to_be_listed, attends,
        delegation_id, role, state, participation_count, confirmed_at, waitlist_number, approval_round)
      SELECT $1::uuid, g.invitation_id, g.honorific, g.name, g.name_key, g.functional_title, g.email,
        g.email_key, g.affiliation, g.country, g.mechanism_id, g.capacity, g.language, g.time_zone, g.consent_to_be_listed,
        g.attends, g.delegation_id, g.role, '${state}', ${state === 'confirmed' ? '1, now()' : '0, NULL::timestamptz'},
        ${number}, ${state === 'awaiting_approval' ? 1 : 0}
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
      SELECT g.actor, g.origin, 'registration.${state}', t.dialogue_id, t.id, '{}'
      FROM registered t JOIN given g USING (email_key, name_key) ORDER BY g.position),
    mailed AS (${mailsPart(kind, registrationMails(kind, 'registered', `'${JSON.stringify(parameters)}'`))})
    SELECT t.id, t.link_generation AS "linkGeneration", CASE WHEN g.position = 1 THEN ARRAY(SELECT id::text FROM mailed) END AS mails
    FROM registered t JOIN given g USING (email_key, name_key) ORDER BY g.position`;
}

const WRITE: Record<FirstState, string> = {
  awaiting_approval: writeAndTell('awaiting_approval', AWAITING_APPROVAL, {}),
  confirmed: writeAndTell('confirmed', CONFIRMATION, { promoted: false }),
  waitlisted: writeAndTell('waitlisted', WAITLISTED, {}),
};
