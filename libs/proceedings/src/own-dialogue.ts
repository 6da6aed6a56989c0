import type { EntityManager } from 'typeorm';
import { Problem } from '@app/platform';

/**
 * Whether the dialogue is this organiser's; locked for the rest of the transaction when asked.
 * @throws Problem `not_found` (404), the same when it is somebody else's.
 */
export async function assertOwnDialogue(
  manager: EntityManager,
  organiserId: string,
  dialogueId: string,
  lock: '' | 'FOR SHARE' | 'FOR NO KEY UPDATE' = '',
): Promise<void> {
  const rows: unknown[] = await manager.query(
    `SELECT 1 FROM dialogues WHERE id = $1 AND organiser_id = $2 ${lock}`,
    [dialogueId, organiserId],
  );
  if (rows.length === 0) throw Problem.notFound('dialogue');
}
