import type { EntityManager } from 'typeorm';
import { Problem } from '@app/platform';
import { ownProcess } from './own-process';

/**
 * Whether a dialogue may become a step of a process: who has roles in the process gets them in the dialogue by it.
 * @param mover who moves it, and whether they may see what is sensitive in the dialogue: who may not, can't let others.
 * @throws Problem 422 `unknown_process`; 403 `role_insufficient` or `sees_sensitive_not_yours`
 */
export async function assertMayJoin(
  manager: EntityManager,
  processId: string,
  mover: { organiserId: string; seesSensitive: boolean },
): Promise<void> {
  await ownProcess(manager, mover.organiserId, processId, 'manage', 'FOR SHARE').catch((error: unknown) => {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
    throw Problem.field(
      'process_id',
      'unknown_process',
      'process_id must be the id of a process in which you are owner or organiser; GET /v1/processes lists them.',
    );
  });
  if (mover.seesSensitive) return;
  const [seer]: unknown[] = await manager.query(
    'SELECT FROM process_roles WHERE process_id = $1 AND sees_sensitive LIMIT 1',
    [processId],
  );
  if (!seer) return;
  throw new Problem(
    403,
    'sees_sensitive_not_yours',
    'Some in this process may see what is sensitive, and you may not in this dialogue. An owner of the dialogue who may can move it.',
  );
}
