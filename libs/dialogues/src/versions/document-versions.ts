import { createHash } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { Problem } from '@app/platform';
import type { WrittenDocument } from './document-version.entity';

/**
 * The version of a document. Read it before the document itself: a reader whose version is older than what they see is
 * refused once without need; a reader whose version is newer would overwrite what they never saw.
 */
export async function versionOf(
  manager: EntityManager | DataSource,
  dialogueId: string,
  document: WrittenDocument,
): Promise<number> {
  const [row]: { version: number }[] = await manager.query(
    'SELECT version FROM document_versions WHERE dialogue_id = $1 AND document = $2',
    [dialogueId, document],
  );
  return row?.version ?? 1;
}

/**
 * Raises the version of a document in the transaction that writes it. The version is compared in the statement that
 * raises it, so of two writers who read the same version one is refused.
 * @param expected the version that the writer read; undefined where the writer replaces nothing they would have to read.
 * @returns the new version.
 * @throws Problem 412 `changed_meanwhile`
 */
export async function raiseVersion(
  manager: EntityManager,
  dialogueId: string,
  document: WrittenDocument,
  expected?: string,
): Promise<number> {
  const [raised]: { version: number }[] = await manager.query(
    `INSERT INTO document_versions AS v (dialogue_id, document, version)
     SELECT $1, $2, 2 WHERE coalesce($3, '1') = '1'
       OR EXISTS (SELECT FROM document_versions WHERE dialogue_id = $1 AND document = $2)
     ON CONFLICT (dialogue_id, document) DO UPDATE SET version = v.version + 1
       WHERE $3 IS NULL OR v.version::text = $3
     RETURNING version`,
    [dialogueId, document, expected ?? null],
  );
  if (!raised) throw Problem.changedMeanwhile();
  return raised.version;
}

/**
 * The version of a document that also holds rows which others add, such as arrivals: it is another one as soon as these
 * rows are others, so that nobody removes what they never saw.
 * @param rows what of them counts, in an order of its own.
 */
export function versionWithRows(version: number, rows: readonly unknown[]): string {
  return `${version}-${createHash('sha256').update(JSON.stringify(rows)).digest('base64url').slice(0, 22)}`;
}
