import type { EntityManager } from 'typeorm';
import { ownKey, prepared, preparedTogether, Problem } from '@app/platform';
import type { Limit, Seat } from '../places/places.rules';
import { LIMIT, lockOf } from '../places/places.service';
import { registrationOfInvited } from './registered';
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
  dialogue: DialogueNow & { id: string; approvalsNeeded: number; isHybrid: boolean; isByInvitation: boolean };
  /** The one that is answered, or that the registration is linked to. */
  invitation: { id: string; state: string } | null;
  /** Who is invited, as the directory knows them. */
  person: { name: string; email: string } | null;
  registration: RegistrationNow | null;
  /** Theirs as things stand: of the registration that stands, else of their nomination; none of who was taken off. */
  seat: Omit<Seat, 'attends'>;
  /** Whether the seats of that delegation are in the room or online; null: as they say. */
  delegationAttends: Attends | null;
  /** The limits that may concern them. */
  limits: Limit[];
}

/** Registration columns that make a `RegistrationNow`. */
const REGISTRATION_NOW = `json_build_object('id', r.id, 'invitationId', r.invitation_id, 'state', r.state, 'name', r.name,
  'email', r.email, 'honorific', r.honorific, 'functionalTitle', r.functional_title, 'affiliation', r.affiliation,
  'country', r.country, 'mechanismId', r.mechanism_id, 'capacity', r.capacity, 'attends', r.attends, 'language', r.language,
  'timeZone', r.time_zone, 'consentToBeListed', r.consent_to_be_listed, 'delegationId', r.delegation_id, 'role', r.role,
  'substitutesFor', r.substitutes_for, 'offerIsOver', coalesce(r.offer_expires_at <= now(), false), 'version', r.version)`;

/**
 * SQL of the seat that invitation `i` and registration `r` come to. Whoever was taken off has none, though both rows know
 * which it was: the seat is somebody else's now.
 * @param stands whether the seat of the registration is kept.
 */
function seatOf(stands: string): string {
  const seat = (column: string) => `CASE WHEN ${stands} THEN r.${column} WHEN i.state = 'removed' THEN NULL
    WHEN i.delegation_id IS NOT NULL THEN i.${column} ELSE r.${column} END`;
  return `(SELECT ${seat('delegation_id')} AS delegation_id, ${seat('role')} AS role)`;
}

/** SQL of whether registration `r` is active, see `isActive`. */
const ACTIVE = `coalesce(r.state IN ('awaiting_approval', 'waitlisted', 'offered', 'confirmed', 'under_review'), false)`;

/** Columns of a `Situation` that concern its dialogue, `d`, the `seat`, and the invitation `i` and registration `r`. */
const AROUND = `json_build_object('id', d.id, 'state', d.state, 'over', d.ends_at <= now(),
  'approvalsNeeded', d.approvals_needed, 'isHybrid', d.venue ->> 'kind' = 'hybrid',
    'isByInvitation', d.registration = 'invitation') AS dialogue,
  CASE WHEN i.id IS NOT NULL THEN json_build_object('id', i.id, 'state', i.state) END AS invitation,
  CASE WHEN r.id IS NOT NULL THEN ${REGISTRATION_NOW} END AS registration,
  json_build_object('delegationId', seat.delegation_id, 'role', seat.role) AS seat,
  delegation.attends AS "delegationAttends",
  (SELECT json_agg(${LIMIT}) FROM places l LEFT JOIN delegations g ON g.id = l.delegation_id
   WHERE l.dialogue_id = d.id AND (l.delegation_id IS NULL OR l.delegation_id IN (seat.delegation_id, r.delegation_id))) AS limits`;

/**
 * What is so of an invitation, to be read under the lock of the places in a statement of its own: only such a one sees what
 * was committed while we waited. `FOR SHARE` holds the dialogue as it is, so that a cancellation sees every registration
 * that came before it.
 */
// Who corrected name or address may be registered here by another invitation: that row is theirs all the same.
const ofInvitations = (from: string, where: string): string => `SELECT ${AROUND},
    json_build_object('name', p.name, 'email', p.email) AS person
  FROM ${from} JOIN dialogues d ON d.id = i.dialogue_id JOIN people p ON p.id = i.person_id
  LEFT JOIN LATERAL ${registrationOfInvited()} AS r ON true
  CROSS JOIN LATERAL ${seatOf(`${ACTIVE} AND r.delegation_id IS NOT NULL`)} AS seat
  LEFT JOIN delegations delegation ON delegation.id = seat.delegation_id
  WHERE ${where} FOR SHARE OF d`;

const OF_INVITATION = ofInvitations('invitations i', 'i.id = $1');
const OF_INVITATIONS = ofInvitations(
  'unnest($1::uuid[]) AS asked (id) JOIN invitations i ON i.id = asked.id',
  'i.dialogue_id = $2',
);

/** The same of a registration. */
// Who was nominated after having asked by the open link answers the nomination, too.
const OF_REGISTRATION = `SELECT ${AROUND}, NULL AS person
  FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
  LEFT JOIN invitations i ON i.id = coalesce(r.invitation_id, CASE WHEN NOT ${ACTIVE} THEN (
    SELECT own.id FROM people p JOIN invitations own ON own.person_id = p.id AND own.dialogue_id = d.id
    WHERE p.organiser_id = d.organiser_id AND p.email_key = r.email_key AND p.name_key = ${ownKey('r.name_key')}
      AND own.state <> 'removed'
      AND NOT EXISTS (SELECT FROM registrations other WHERE other.invitation_id = own.id)) END)
  CROSS JOIN LATERAL ${seatOf(ACTIVE)} AS seat
  LEFT JOIN delegations delegation ON delegation.id = seat.delegation_id
  WHERE r.id = $1 FOR SHARE OF d`;

type OfInvitation = Situation & { invitation: NonNullable<Situation['invitation']> };
type OfRegistration = Situation & { registration: RegistrationNow };

/**
 * Locks the places of an invitation's dialogue, and reads what is so then: two statements, sent together, as whoever comes
 * next waits until this transaction ends.
 * @throws Problem 404
 */
export async function lockForInvitation(manager: EntityManager, invitationId: string): Promise<OfInvitation> {
  const [, [situation]] = (await preparedTogether(manager, [
    lockOf({ invitationId }),
    [OF_INVITATION, [invitationId]],
  ])) as [unknown, OfInvitation[]];
  if (!situation) throw Problem.notFound('invitation');
  return situation;
}

/** The same of several invitations of one dialogue, by their ids; none of who is not there. */
export async function lockForInvitations(
  manager: EntityManager,
  dialogueId: string,
  invitationIds: string[],
): Promise<Map<string, OfInvitation>> {
  const [, situations] = (await preparedTogether(manager, [
    lockOf({ dialogueId }),
    [OF_INVITATIONS, [invitationIds, dialogueId]],
  ])) as [unknown, OfInvitation[]];
  return new Map(situations.map((situation) => [situation.invitation.id, situation]));
}

/** The same of a registration. @throws Problem 404 */
export async function lockForRegistration(
  manager: EntityManager,
  registrationId: string,
): Promise<OfRegistration> {
  const [, [situation]] = (await preparedTogether(manager, [
    lockOf({ registrationId }),
    [OF_REGISTRATION, [registrationId]],
  ])) as [unknown, OfRegistration[]];
  if (!situation) throw Problem.notFound('registration');
  return situation;
}

/** What is so of a registration whose places are locked already. @throws Problem 404 */
export async function situationOfRegistration(
  manager: EntityManager,
  registrationId: string,
): Promise<OfRegistration> {
  const [situation] = await prepared<OfRegistration>(manager, OF_REGISTRATION, [registrationId]);
  if (!situation) throw Problem.notFound('registration');
  return situation;
}

/** Someone with their seat, in the room or online where the dialogue is both. */
export function seated({ dialogue, seat, delegationAttends }: Situation, person: Person): Participant {
  return {
    ...person,
    delegationId: seat.delegationId,
    role: seat.role,
    attends: dialogue.isHybrid ? (delegationAttends ?? person.attends) : null,
  };
}
