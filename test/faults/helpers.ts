import { readFileSync } from 'node:fs';
import { ADDRESS_CONFIRMATION, CONFIRMATION } from '@app/participants';
import type { Stage } from '../support/smtp-sink';
import { until } from '../support/until';
import { CONNECTIONS, type Program, type World } from '../support/world';
import type { Scene } from './fault';

/** From now on every transaction waits at this stage until it is released. */
export function holdAt(world: World, at: Stage): { count(): number; release(): void } {
  const { promise: released, resolve } = Promise.withResolvers<void>();
  let count = 0;
  world.mailbox.behave(async ({ stage }) => {
    if (stage !== at) return;
    count++;
    await released;
  });
  return {
    count: () => count,
    release: () => {
      world.mailbox.behave();
      resolve();
    },
  };
}

/** Waits until every connection has a mail on the line, and each 250 that was given is recorded: nobody writes to the ledger. */
export function allHeldBack(world: World): Promise<void> {
  return until(async () => {
    const [{ sending, sent }] = await world.database.query(
      `SELECT count(*) FILTER (WHERE state = 'sending')::int AS sending,
         count(*) FILTER (WHERE state = 'sent')::int AS sent FROM mails`,
    );
    return sending === 2 * CONNECTIONS && sent === world.mailbox.mails.length;
  });
}

/**
 * So many confirmations are refused at RCPT TO once the mailing is let go: of those that are not on the line yet, in whatever
 * order the workers took them, the last. Gives their recipients.
 */
export async function refuseLast(
  { world, opened }: Scene,
  count: number,
  refusal: { reply: number; text: string },
): Promise<Set<string>> {
  let refused = new Set<string>();
  world.mailbox.behave(async ({ stage, to }) => {
    if (stage !== 'recipient') return;
    await opened;
    return refused.has(to.at(-1)!) ? refusal : undefined;
  });
  await allHeldBack(world);
  const rows: { recipient: string }[] = await world.database.query(
    `SELECT recipient FROM mails WHERE kind = '${CONFIRMATION.name}' AND state NOT IN ('sending', 'sent')
     ORDER BY id DESC LIMIT $1`,
    [count],
  );
  refused = new Set(rows.map(({ recipient }) => recipient));
  return refused;
}

/**
 * Whoever queues a mail with that dedupe key waits inside its INSERT while this works: another session has begun to queue
 * the same, and at the end takes it back.
 */
export async function whileQueued(world: World, dedupeKey: string, work: () => Promise<void>): Promise<void> {
  const session = await world.session();
  try {
    await session.query('BEGIN');
    await session.query(
      `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key)
       VALUES ('sign-in', gen_random_uuid(), 'nobody@world.example', 'en', $1)`,
      [dedupeKey],
    );
    await work();
  } finally {
    await session.end();
  }
}

/** Which programs (by their `PGAPPNAME`) wait for a lock to queue mails of that kind. */
export async function queueing(world: World, kind: string): Promise<string[]> {
  const rows: { application_name: string }[] = await world.database.query(
    `SELECT application_name FROM pg_stat_activity
     WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO mails%' AND query LIKE $1`,
    [`%'${kind}'%`],
  );
  return rows.map((row) => row.application_name);
}

/** Waits until every mail has its end, but for those to people who register meanwhile: they keep coming. */
export function mailingSettled(world: World, seconds: number): Promise<void> {
  return world.settled(seconds, ADDRESS_CONFIRMATION.name);
}

/** Everyone's mails in the order in which they came, by address. */
export function byReader(world: World) {
  return Map.groupBy(world.mailbox.mails, ({ to }) => to.join());
}

/** What a mail does to a calendar; null when it has no entry. */
export async function calendarOf(mail: World['mailbox']['mails'][number]) {
  const text = (await mail.parsed()).attachments
    .find(({ contentType }) => contentType === 'text/calendar')
    ?.content.toString();
  if (!text) return null;
  return {
    method: /^METHOD:(\w+)/m.exec(text)?.[1],
    start: /^DTSTART[^:\n]*:(\w+)/m.exec(text.slice(text.indexOf('BEGIN:VEVENT')))?.[1],
    sequence: Number(/^SEQUENCE:(\d+)/m.exec(text)?.[1]),
  };
}

/** What the programs logged of that level (pino's: 40 a warning, 50 an error, 60 fatal) or above. */
export function logged(programs: Program[], level: number): { level: number; msg: string }[] {
  return (
    programs
      .flatMap(({ log }) => readFileSync(log, 'utf8').split('\n'))
      // A last line may be half written yet.
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as { level: number; msg: string })
      .filter((entry) => entry.level >= level)
  );
}

/** Lets what waits for its next attempt, or for a circuit to close, wait no longer: the short form spares those minutes. */
export async function hurry(world: World): Promise<void> {
  await world.database
    .query(
      `WITH circuits AS (UPDATE smtp_circuits SET next_try_at = now())
       UPDATE mails SET next_attempt_at = now()
       WHERE state IN ('queued', 'deferred') AND claimed_by IS NULL AND next_attempt_at > now()`,
    )
    .catch(() => undefined);
}
