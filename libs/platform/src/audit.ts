import type { EntityManager } from 'typeorm';
import { context } from './context';

/** What happened, for the append-only record; actor and origin come from the context. */
export interface AuditLine {
  /** A noun and what became of it: `dialogue.cancelled`. */
  action: string;
  dialogueId?: string | null;
  subjectId?: string | null;
  details?: Record<string, unknown>;
}

/** Who acts, and from where; the system where nobody does. */
export function actorNow(): { actor: string; origin: string | null } {
  const { actor = 'system', origin = null } = context.getStore() ?? {};
  return { actor, origin };
}

/** Writes what happened beside the change, in the change's transaction (design, idea 15). */
export async function audit(manager: EntityManager, line: AuditLine): Promise<void> {
  const { actor, origin } = actorNow();
  await manager.query(
    `INSERT INTO audit_entries (actor, origin, action, dialogue_id, subject_id, details)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [actor, origin, line.action, line.dialogueId ?? null, line.subjectId ?? null, line.details ?? {}],
  );
}

/** The same line for many subjects, in one statement. */
export async function auditEach(
  manager: EntityManager,
  subjectIds: string[],
  line: Omit<AuditLine, 'subjectId'>,
): Promise<void> {
  const { actor, origin } = actorNow();
  await manager.query(
    `INSERT INTO audit_entries (actor, origin, action, dialogue_id, subject_id, details)
     SELECT $1::text, $2::text, $3::text, $4::uuid, subject, $6::jsonb FROM unnest($5::uuid[]) WITH ORDINALITY AS subjects (subject, position)
     ORDER BY position`,
    [actor, origin, line.action, line.dialogueId ?? null, subjectIds, line.details ?? {}],
  );
}

/**
 * SQL of a part of a statement that writes a line beside what the statement changes, for each row of `from`, which has
 * `dialogue_id` and `id`. It takes four parameters from `$<first>` on; see `auditParameters`.
 */
export function auditPart(from: string, first: number): string {
  return `INSERT INTO audit_entries (actor, origin, action, dialogue_id, subject_id, details)
    SELECT $${first}::text, $${first + 1}::text, $${first + 2}::text, dialogue_id, id, $${first + 3}::jsonb FROM ${from}`;
}

/** The parameters of `auditPart`. */
export function auditParameters({ action, details = {} }: Pick<AuditLine, 'action' | 'details'>): unknown[] {
  const { actor, origin } = actorNow();
  return [actor, origin, action, details];
}
