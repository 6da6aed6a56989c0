import type { EntityManager } from 'typeorm';
import type { MailKind } from './mail-kind';
import { PAGE } from './mail.jobs';
import { noteQueued } from './unit-of-work.service';

/**
 * Queues mails in the unit of work of the change that causes them, in one statement however many they are. The worker
 * gets a hint after the commit.
 *
 * `select` yields one row a mail: `dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key,
 * parameters (jsonb), useful_until (timestamptz or null)`. A mail whose dedupe key is already there is not queued again.
 * @param held none of them goes before an organiser releases it.
 * @returns how many were queued.
 */
export async function queueMails(
  manager: EntityManager,
  kind: MailKind,
  select: string,
  parameters: unknown[],
  held = false,
): Promise<number> {
  const [row]: { queued: string; ids: string[] | null }[] = await manager.query(
    `WITH queued AS (${mailsPart(kind, select, held)})
     SELECT count(*) AS queued, (SELECT array_agg(id::text) FROM (SELECT id FROM queued LIMIT ${held ? 0 : PAGE}) AS page) AS ids
     FROM queued`,
    parameters,
  );
  const queued = Number(row!.queued);
  // There is no hint of what an organizer holds.
  noteQueued(manager, row!.ids ?? [], held ? 0 : queued);
  return queued;
}

/** What the ledger says of a mail that an organiser holds. */
export const HELD_BY_ORGANISER = 'Held by an organiser.';

/** What the key of a mail sent again has behind that of the first, before its number. Renderers read a key by position. */
export const AGAIN = ':again:';

/**
 * SQL of whether a row of the ledger has this key, or is that mail sent again by an organiser. No index finds the latter:
 * ask for the subject beside it.
 */
export function hasKey(mail: string, key: string): string {
  return `(${mail}.dedupe_key = ${key} OR starts_with(${mail}.dedupe_key, ${key} || '${AGAIN}'))`;
}

/** SQL of a part of a statement that queues mails beside what the statement changes; `select` and `held` as for `queueMails`. */
export function mailsPart(kind: MailKind, select: string, held = false): string {
  const [columns, values] = held ? [', state, answer', `, 'held', '${HELD_BY_ORGANISER}'`] : ['', ''];
  return `INSERT INTO mails (kind, dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key, parameters, useful_until${columns})
    SELECT '${kind.name}', due.*${values} FROM (${select}) AS due
    ON CONFLICT (dedupe_key) DO NOTHING RETURNING id`;
}

/**
 * A dialogue's start moved: what still waits and is useful until then moves along, as its caller promised by giving it that
 * end. Part of the transaction that moves it.
 */
export async function moveEndOfUse(
  manager: EntityManager,
  dialogueId: string,
  from: Date,
  to: Date,
): Promise<void> {
  // In the order in which a worker takes them, and none that is on the line: neither waits for the other for ever.
  await manager.query(
    `UPDATE mails SET useful_until = $3 FROM (
       SELECT id FROM mails WHERE dialogue_id = $1 AND useful_until = $2 AND state IN ('queued', 'deferred', 'held')
       ORDER BY id FOR UPDATE) AS waiting
     WHERE mails.id = waiting.id`,
    [dialogueId, from, to],
  );
}
