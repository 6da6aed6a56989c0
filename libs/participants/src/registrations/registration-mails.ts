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
 */
export async function queueRegistrationMails(
  manager: EntityManager,
  kind: MailKind,
  registrationIds: string[],
  parameters: Record<string, boolean | string> = {},
): Promise<void> {
  const from = '(SELECT * FROM registrations WHERE id = ANY($1))';
  await queueMails(manager, kind, registrationMails(kind, from, '$2'), [registrationIds, parameters]);
}

/**
 * SQL of the mails that `queueRegistrationMails` queues.
 * @param from a table expression of registrations
 * @param parameters the number of the parameter that has the mail's own, such as `$2`
 */
export function registrationMails(kind: MailKind, from: string, parameters: string): string {
  return `SELECT r.dialogue_id, r.id, r.name, r.email, r.language, '${kind.name}:' || r.id || ':' || r.transition_id,
      ${parameters}::jsonb, ${usefulUntil('d')}
    FROM ${from} AS r JOIN dialogues d ON d.id = r.dialogue_id`;
}
