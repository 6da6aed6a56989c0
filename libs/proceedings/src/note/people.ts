import type { EntityManager } from 'typeorm';
import { nameKey, ownKey } from '@app/platform';
import type { PersonOfDialogue } from './people.rules';

/**
 * The people of this dialogue who have one of these names, by the key of the name: anyone who takes part or was invited.
 * Anyone else in the directory has nothing to do with it, and must not be printed in its note.
 */
export async function peopleNamed(
  manager: EntityManager,
  dialogueId: string,
  names: readonly string[],
): Promise<Map<string, PersonOfDialogue[]>> {
  const people: PersonOfDialogue[] = await manager.query(
    `SELECT known.key, rank, registration_id AS "registrationId", person_id AS "personId", honorific, functional_title,
            affiliation, country, capacity, m.name AS mechanism, l.organisation
       FROM (SELECT ${ownKey('r.name_key')} AS key, CASE WHEN r.invitation_id IS NULL THEN 3 ELSE 1 END AS rank, r.id AS registration_id,
                    i.person_id, r.honorific, r.functional_title, r.affiliation, r.country, r.capacity, r.mechanism_id,
                    r.delegation_id
               FROM registrations r LEFT JOIN invitations i ON i.id = r.invitation_id
              WHERE r.dialogue_id = $1 AND r.state IN ('confirmed', 'under_review') AND r.erased_at IS NULL
                AND ${ownKey('r.name_key')} = ANY ($2)
             UNION ALL
             SELECT ${ownKey('p.name_key')}, 2, r.id, p.id, p.honorific, p.functional_title, p.affiliation, p.country, p.capacity,
                    p.mechanism_id, i.delegation_id
               FROM invitations i JOIN people p ON p.id = i.person_id LEFT JOIN registrations r ON r.invitation_id = i.id
              WHERE i.dialogue_id = $1 AND i.state NOT IN ('prepared', 'removed') AND ${ownKey('p.name_key')} = ANY ($2)) AS known
       LEFT JOIN delegations l ON l.id = known.delegation_id
       LEFT JOIN mechanisms m ON m.id = coalesce(known.mechanism_id, l.mechanism_id)
      ORDER BY registration_id, person_id`,
    [dialogueId, [...new Set(names.map(nameKey))]],
  );
  return Map.groupBy(people, ({ key }) => key);
}
