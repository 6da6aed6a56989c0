import type { EntityManager } from 'typeorm';
import { Problem } from '@app/platform';
import type { Limit, Seat } from '../places/places.rules';
import { LIMIT } from '../places/places.service';
import type { Attends, RegistrationState } from './registration.entity';
import type { RegistrationData } from './registration-data.rules';
import type { DialogueNow } from './registration.rules';

/** Who takes part, as the row is written: the person's own copy of their data. */
export interface Person extends RegistrationData {
  name: string;
  email: string;
}

/** Who takes part, and on which seat. */
export interface Participant extends Person, Seat {}

/** A registration as a transaction reads it, under the lock of its dialogue's places. */
export interface RegistrationNow extends Participant {
  id: string;
  invitationId: string | null;
  state: RegistrationState;
  substitutesFor: string | null;
  /** Whether the time in which to take the offered place has passed, by the database's clock. */
  offerIsOver: boolean;
  version: number;
}

/** What a transition decides on. */
export interface Situation {
  dialogue: DialogueNow & { id: string; approvalsNeeded: number; isHybrid: boolean };
  invitation: { id: string; state: string; seat: Omit<Seat, 'attends'> } | null;
  /** Who is invited, as the directory knows them. */
  person: { name: string; email: string } | null;
  registration: RegistrationNow | null;
  /** Whether the seats of their delegation are in the room or online; null: as they say. */
  delegationAttends: Attends | null;
  /** The limits that may concern them. */
  limits: Limit[];
}

/** Registration columns that make a `RegistrationNow`. */
const REGISTRATION_NOW = `jsonb_build_object('id', r.id, 'invitationId', r.invitation_id, 'state', r.state, 'name', r.name,
  'email', r.email, 'honorific', r.honorific, 'functionalTitle', r.functional_title, 'affiliation', r.affiliation,
  'country', r.country, 'mechanismId', r.mechanism_id, 'capacity', r.capacity, 'attends', r.attends, 'language', r.language,
  'timeZone', r.time_zone, 'consentToBeListed', r.consent_to_be_listed, 'delegationId', r.delegation_id, 'role', r.role,
  'substitutesFor', r.substitutes_for, 'offerIsOver', coalesce(r.offer_expires_at <= now(), false), 'version', r.version)`;

/** Columns of a `Situation` that concern its dialogue, `d`, and the delegation `g`. */
const AROUND = `jsonb_build_object('id', d.id, 'state', d.state, 'over', d.ends_at <= now(),
  'approvalsNeeded', d.approvals_needed, 'isHybrid', d.venue ->> 'kind' = 'hybrid') AS dialogue,
  delegation.attends AS "delegationAttends",
  (SELECT jsonb_agg(${LIMIT}) FROM places l LEFT JOIN delegations g ON g.id = l.delegation_id
   WHERE l.dialogue_id = d.id AND (l.delegation_id IS NULL OR l.delegation_id IN (of.invited, of.registered))) AS limits`;

/**
 * Reads under the lock of the places, in a statement of its own: only such a one sees what was committed while we waited.
 * `FOR SHARE` holds the dialogue as it is, so that a cancellation sees every registration that came before it.
 * @throws Problem 404
 */
export async function situationOfInvitation(
  manager: EntityManager,
  invitationId: string,
): Promise<Situation & { invitation: NonNullable<Situation['invitation']> }> {
  const [situation] = await manager.query(
    `SELECT ${AROUND}, jsonb_build_object('name', p.name, 'email', p.email) AS person, registration.now AS registration,
       jsonb_build_object('id', i.id, 'state', i.state,
         'seat', jsonb_build_object('delegationId', i.delegation_id, 'role', i.role)) AS invitation
     FROM invitations i JOIN dialogues d ON d.id = i.dialogue_id JOIN people p ON p.id = i.person_id
     LEFT JOIN LATERAL (
       SELECT ${REGISTRATION_NOW} AS now, r.delegation_id FROM registrations r WHERE r.dialogue_id = d.id
         AND (r.invitation_id = i.id OR (r.invitation_id IS NULL AND r.email_key = p.email_key AND r.name_key = p.name_key))
       ORDER BY r.invitation_id IS NULL LIMIT 1) AS registration ON true
     CROSS JOIN LATERAL (SELECT i.delegation_id AS invited, registration.delegation_id AS registered) AS of
     LEFT JOIN delegations delegation ON delegation.id = coalesce(of.invited, of.registered)
     WHERE i.id = $1 FOR SHARE OF d`,
    [invitationId],
  );
  if (!situation) throw Problem.notFound('invitation');
  return situation;
}

/** The same of a registration. @throws Problem 404 */
export async function situationOfRegistration(
  manager: EntityManager,
  registrationId: string,
): Promise<Situation & { registration: RegistrationNow }> {
  const [situation] = await manager.query(
    `SELECT ${AROUND}, ${REGISTRATION_NOW} AS registration, NULL AS person, NULL AS invitation
     FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
     CROSS JOIN LATERAL (SELECT r.delegation_id AS invited, r.delegation_id AS registered) AS of
     LEFT JOIN delegations delegation ON delegation.id = r.delegation_id
     WHERE r.id = $1 FOR SHARE OF d`,
    [registrationId],
  );
  if (!situation) throw Problem.notFound('registration');
  return situation;
}

/** Someone with their seat: that of their nomination or registration, in the room or online where the dialogue is both. */
export function seated(
  { dialogue, invitation, registration, delegationAttends }: Situation,
  person: Person,
): Participant {
  const seat = invitation?.seat.delegationId ? invitation.seat : registration;
  return {
    ...person,
    delegationId: seat?.delegationId ?? null,
    role: seat?.role ?? null,
    attends: dialogue.isHybrid ? (delegationAttends ?? person.attends) : null,
  };
}
