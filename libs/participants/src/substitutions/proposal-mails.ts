import type { EntityManager } from 'typeorm';
import { rolesWith } from '@app/dialogues';
import { hasKey, queueMails } from '@app/mail';
import { NOMINATION_REQUEST, SUBSTITUTION_PROPOSED } from '../mail-kinds';
import { usefulUntil } from '../registrations/registration-mails';

/** SQL of whether organiser `o` may decide on substitutes in dialogue `d`: managing and approving each give the right. */
export const MAY_DECIDE_ON_SUBSTITUTES = `o.id IN (
  SELECT organiser_id FROM dialogue_roles WHERE dialogue_id = d.id AND roles && ARRAY[${deciding()}]
  UNION SELECT organiser_id FROM process_roles WHERE process_id = d.process_id AND roles && ARRAY[${deciding()}])`;

/**
 * Tells who decides on a proposed substitute: the focal point of the delegate's delegation, else the organisers who may.
 * A focal point who was never asked, or whose link was taken away, is not given one by this.
 */
export async function queueProposalMails(manager: EntityManager, substitutionId: string): Promise<void> {
  await queueMails(
    manager,
    SUBSTITUTION_PROPOSED,
    `SELECT s.dialogue_id, s.id, reader.name, reader.email, reader.language,
       '${SUBSTITUTION_PROPOSED.name}:' || s.id || ':' || reader.id, reader.parameters, ${usefulUntil('d')}
     FROM substitutions s JOIN registrations r ON r.id = s.registration_id JOIN dialogues d ON d.id = s.dialogue_id
     LEFT JOIN delegations l ON l.id = r.delegation_id AND l.focal_point_id IS NOT NULL AND EXISTS (
       SELECT FROM mails m WHERE m.subject_id = l.id AND ${hasKey('m', `'${NOMINATION_REQUEST.name}:' || l.id || ':' || l.link_generation`)}
         AND (m.state IN ('queued', 'deferred', 'held', 'sending', 'sent') OR m.uncertain))
     CROSS JOIN LATERAL (
       SELECT p.id, p.name, p.email, p.language,
         jsonb_build_object('delegation_id', l.id, 'link_generation', l.link_generation) AS parameters
       FROM people p WHERE p.id = l.focal_point_id
       UNION ALL
       SELECT o.id, o.name, o.email, o.language, jsonb_build_object('organiser_id', o.id)
       FROM organisers o WHERE l.id IS NULL AND ${MAY_DECIDE_ON_SUBSTITUTES}) AS reader
     WHERE s.id = $1`,
    [substitutionId],
  );
}

function deciding(): string {
  return [...new Set([...rolesWith('manage'), ...rolesWith('approve')])]
    .map((role) => `'${role}'`)
    .join(', ');
}
