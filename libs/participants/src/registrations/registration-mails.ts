import type { EntityManager } from 'typeorm';
import { queueMails, type MailKind } from '@app/mail';

/**
 * Queues the mail that tells of a registration's last change of state, one for each of these registrations; useful until
 * the dialogue ends. Key: `<kind>:<registration>:<transition>`.
 * @returns ids of the mails to hint at after the commit.
 */
export async function queueRegistrationMails(
  manager: EntityManager,
  kind: MailKind,
  registrationIds: string[],
  parameters: Record<string, boolean> = {},
): Promise<string[]> {
  const { ids } = await queueMails(
    manager,
    kind,
    `SELECT dialogue_id, registrations.id, name, email, language,
            '${kind.name}:' || registrations.id || ':' || transition_id, $2::jsonb, ends_at
     FROM registrations JOIN dialogues ON dialogues.id = dialogue_id WHERE registrations.id = ANY($1)`,
    [registrationIds, parameters],
  );
  return ids;
}
