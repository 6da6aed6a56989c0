import type { EntityManager } from 'typeorm';
import { queueMails, type MailKind } from '@app/mail';

/**
 * SQL of the instant until which a mail about a registration is useful: the end of the dialogue. While a new date is
 * looked for, the old end says nothing, and the mail stays useful.
 * @param dialogue how the statement calls the row of the dialogue
 */
export function usefulUntil(dialogue: string): string {
  return `CASE WHEN ${dialogue}.state = 'postponed' THEN NULL ELSE ${dialogue}.ends_at END`;
}

/**
 * Queues the mail that tells of a registration's last change of state, one for each of these registrations; useful until
 * the dialogue ends (`usefulUntil`). Key: `<kind>:<registration>:<transition>`.
 * @returns ids of the mails to hint at after the commit.
 */
export async function queueRegistrationMails(
  manager: EntityManager,
  kind: MailKind,
  registrationIds: string[],
  parameters: Record<string, boolean | string> = {},
): Promise<string[]> {
  const { ids } = await queueMails(
    manager,
    kind,
    `SELECT dialogue_id, registrations.id, name, email, language,
            '${kind.name}:' || registrations.id || ':' || transition_id, $2::jsonb, ${usefulUntil('dialogues')}
     FROM registrations JOIN dialogues ON dialogues.id = dialogue_id WHERE registrations.id = ANY($1)`,
    [registrationIds, parameters],
  );
  return ids;
}
