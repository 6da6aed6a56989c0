import type { DataSource, EntityManager } from 'typeorm';
import { isRegisteredAlready } from '../registrations/registered';
import type { Attends } from '../registrations/registration.entity';
import type { DelegationRole } from './delegation.entity';

/** A delegation as it is now, with its seats. */
export interface DelegationNow {
  id: string;
  dialogueId: string;
  mechanism: { id: string; code: string; name: string } | null;
  organisation: string | null;
  /** Name of the mechanism, or the organisation. */
  name: string;
  focalPoint: { id: string; name: string; email: string } | null;
  attends: Attends | null;
  seats: number;
  seatsByRole: Partial<Record<DelegationRole, number>>;
  /** How many seats are held. */
  taken: number;
  nominationsCloseAtLocal: string | null;
  nominationsCloseAt: Date | null;
  releaseAtLocal: string | null;
  releaseAt: Date | null;
  releasedAt: Date | null;
  invitedAt: Date | null;
  version: number;
}

/** Someone who was nominated for a seat, or has come to it as a substitute. */
export interface Nominee {
  /** Their invitation's id; of a substitute, who has none in this delegation, the registration's. */
  id: string;
  invitationId: string | null;
  registrationId: string | null;
  honorific: string | null;
  name: string;
  role: DelegationRole | null;
  /** Of their registration once they have answered by one, else of their invitation (`sent`: silent). */
  state: string;
}

/** Delegations with their seats, by name, in one statement. */
export async function loadDelegations(
  manager: EntityManager | DataSource,
  of: { dialogueId: string } | { ids: string[] },
  hold: '' | 'FOR UPDATE OF d' = '',
): Promise<DelegationNow[]> {
  const [which, value] = 'ids' in of ? ['d.id = ANY($1)', of.ids] : ['d.dialogue_id = $1', of.dialogueId];
  return manager.query(
    `SELECT d.id, d.dialogue_id AS "dialogueId",
       CASE WHEN m.id IS NOT NULL THEN jsonb_build_object('id', m.id, 'code', m.code, 'name', m.name) END AS mechanism,
       d.organisation, coalesce(m.name, d.organisation) AS name,
       CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('id', p.id, 'name', p.name, 'email', p.email) END
         AS "focalPoint",
       d.attends, coalesce(seats.places, 0) AS seats, coalesce(seats.taken, 0) AS taken,
       coalesce((SELECT jsonb_object_agg(role, places) FROM places
         WHERE delegation_id = d.id AND scope = 'role'), '{}') AS "seatsByRole",
       d.nominations_close_at_local AS "nominationsCloseAtLocal", d.nominations_close_at AS "nominationsCloseAt",
       d.release_at_local AS "releaseAtLocal", d.release_at AS "releaseAt", d.released_at AS "releasedAt",
       d.invited_at AS "invitedAt", d.version
     FROM delegations d LEFT JOIN mechanisms m ON m.id = d.mechanism_id LEFT JOIN people p ON p.id = d.focal_point_id
     LEFT JOIN places seats ON seats.delegation_id = d.id AND seats.scope = 'delegation'
     WHERE ${which} ORDER BY coalesce(m.name, d.organisation), d.id ${hold}`,
    [value],
  );
}

/**
 * SQL of whether registration `r`, linked to invitation `i`, has or wants a seat of its delegation: also whoever declined
 * or was taken off before, and came to it as a substitute.
 */
const HAS_SEAT = `(r.delegation_id = i.delegation_id AND r.state NOT IN ('withdrawn', 'refused', 'unconfirmed'))`;

/**
 * SQL of whoever was nominated for delegations of which `$1` holds the ids, and was not taken off again: `delegation_id,
 * id, invitation_id, registration_id, honorific, name, role, state, created_at`.
 */
export const NOMINEES = `
  SELECT i.delegation_id, i.id, i.id AS invitation_id, r.id AS registration_id,
    coalesce(p.honorific, r.honorific) AS honorific, coalesce(p.name, r.name, '') AS name,
    CASE WHEN ${HAS_SEAT} THEN r.role ELSE i.role END AS role,
    CASE WHEN ${HAS_SEAT} THEN r.state WHEN i.state = 'accepted' THEN coalesce(r.state, i.state)
      WHEN i.state = 'sent' AND ${isRegisteredAlready('p')} THEN coalesce(r.state, 'accepted') ELSE i.state END AS state, i.created_at
  FROM invitations i LEFT JOIN people p ON p.id = i.person_id
  LEFT JOIN registrations r ON r.invitation_id = i.id AND coalesce(r.delegation_id, i.delegation_id) = i.delegation_id
  WHERE i.delegation_id = ANY($1) AND (i.state <> 'removed' OR ${HAS_SEAT})
  UNION ALL
  SELECT r.delegation_id, r.id, NULL, r.id, r.honorific, r.name, r.role, r.state, r.created_at
  FROM registrations r LEFT JOIN invitations i ON i.id = r.invitation_id
  WHERE r.delegation_id = ANY($1) AND i.delegation_id IS DISTINCT FROM r.delegation_id
    AND r.state NOT IN ('withdrawn', 'refused', 'unconfirmed')`;

/** The nominees of these delegations, heads of delegation first, in the order of nomination, in one statement. */
export async function loadNominees(
  manager: EntityManager | DataSource,
  delegationIds: string[],
): Promise<Map<string, Nominee[]>> {
  const rows: (Nominee & { delegation_id: string })[] = await manager.query(
    `SELECT delegation_id, id, invitation_id AS "invitationId", registration_id AS "registrationId", honorific, name,
       role, state FROM (${NOMINEES}) AS nominee
     ORDER BY array_position(ARRAY['head_of_delegation', 'member', 'adviser', 'observer'], role), created_at, name, id`,
    [delegationIds],
  );
  const nominees = new Map<string, Nominee[]>();
  for (const { delegation_id: delegationId, ...nominee } of rows) {
    nominees.set(delegationId, [...(nominees.get(delegationId) ?? []), nominee]);
  }
  return nominees;
}
