import type { DataSource, EntityManager } from 'typeorm';
import { Problem } from '@app/platform';
import { assertMay } from '../own-dialogue';
import type { Right, Role, Standing } from '../roles/rights.rules';

/**
 * SQL: whether organiser `$<organiser>` may see process `p`: by a role in it, or in one of its dialogues. The latter
 * gives no right but to read what the process is.
 */
export function seesProcess(organiser: number): string {
  return `(EXISTS (SELECT FROM process_roles WHERE process_id = p.id AND organiser_id = $${organiser})
    OR EXISTS (SELECT FROM dialogues d JOIN dialogue_roles ON dialogue_id = d.id
      WHERE d.process_id = p.id AND dialogue_roles.organiser_id = $${organiser}))`;
}

/**
 * The process, when this organiser has the right to do something with it.
 * @param hold `FOR SHARE` keeps it as it is until the transaction ends; `FOR NO KEY UPDATE` also keeps others out.
 * @throws Problem 404, the same whether there is no such process or they have no role in it or its dialogues; 403
 *   `role_insufficient`.
 */
export async function ownProcess(
  manager: EntityManager | DataSource,
  organiserId: string,
  processId: string,
  right: Right,
  hold: '' | 'FOR SHARE' | 'FOR NO KEY UPDATE' = '',
): Promise<Standing> {
  const [process]: { roles: Role[] | null; seesSensitive: boolean | null }[] = await manager.query(
    `SELECT r.roles, r.sees_sensitive AS "seesSensitive"
     FROM processes p LEFT JOIN process_roles r ON r.process_id = p.id AND r.organiser_id = $2
     WHERE p.id = $1 AND ${seesProcess(2)} ${hold && `${hold} OF p`}`,
    [processId, organiserId],
  );
  if (!process) throw Problem.notFound('process');
  const standing = { roles: process.roles ?? [], seesSensitive: process.seesSensitive ?? false };
  assertMay(standing, right, 'process');
  return standing;
}
