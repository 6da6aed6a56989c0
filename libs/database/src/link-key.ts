import type { Client } from 'pg';
import { Links, StartProblem, type Environment } from '@app/platform';
import { openDatabase } from './open-database';

/** What stands for the key of a database that was used before fingerprints were stored. */
const UNKNOWN = 'unknown';

/**
 * To be awaited by every program before it does anything: that the database can be reached and has this version's schema,
 * and that it is used with the link key with which it was used before. Another key would silently break every link that
 * was mailed, and links made under two keys at once.
 *
 * The first start stores the key's fingerprint. `LINK_KEY_REPLACES` with the fingerprint that is stored replaces it.
 * @throws StartProblem
 */
export async function checkDatabase(
  environment: Pick<Environment, 'DATABASE_URL' | 'LINK_KEY' | 'LINK_KEY_REPLACES'>,
): Promise<void> {
  const client = await openDatabase(environment.DATABASE_URL);
  try {
    await checkLinkKey(client, new Links(environment.LINK_KEY).fingerprint(), environment.LINK_KEY_REPLACES);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function checkLinkKey(client: Client, given: string, replaces: string | undefined): Promise<void> {
  await client
    .query('INSERT INTO link_key (fingerprint) VALUES ($1) ON CONFLICT DO NOTHING', [given])
    .catch(notMigrated);
  const { rowCount } = await client.query(
    `WITH replaced AS (
       UPDATE link_key SET fingerprint = $1, set_at = now() WHERE fingerprint = $2 AND fingerprint <> $1 RETURNING 1)
     INSERT INTO audit_entries (actor, action, details)
     SELECT 'system', 'link_key.replaced', jsonb_build_object('from', $2::text, 'to', $1::text) FROM replaced`,
    [given, replaces ?? null],
  );
  if (rowCount === 1) return;
  const stored = await fingerprintIn(client);
  if (stored === given) return;
  throw new StartProblem(
    `LINK_KEY is not the key of this database: its fingerprint is ${given}, and the database is used with ${stored}. ` +
      'Every link that was mailed would stop working. Give the key that was used before, from your backup of it. ' +
      howToReplace(String(stored)),
  );
}

/** How to go on without the key, and at what price. */
function howToReplace(stored: string): string {
  return (
    `If it is lost for good, start once with LINK_KEY_REPLACES=${stored}: all personal links, calendar feeds and ` +
    'check-in codes that were mailed then stop working, bounces of mails sent before are not recognized, and people ' +
    'ask for a new link on the page of their dialogue.'
  );
}

/**
 * Asked before a new key is made for want of one: under which key the database is used; null: under none yet.
 * @throws StartProblem when it is used under a key that is not to be replaced
 */
export async function assertMayMakeKey(
  url: string,
  file: string,
  replaces: string | undefined,
): Promise<void> {
  const client = await openDatabase(url);
  try {
    const { rowCount } = await client.query('SELECT FROM organisers LIMIT 1');
    const stored = (await fingerprintIn(client)) ?? (rowCount === 0 ? null : UNKNOWN);
    if (stored === null || stored === replaces) return;
    throw new StartProblem(
      `The link key is missing: there is no file ${file}, and the database is in use. ` +
        `Put the file back from your backup, or give the key as LINK_KEY. ${howToReplace(stored)}`,
    );
  } finally {
    await client.end();
  }
}

async function fingerprintIn(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ fingerprint: string }>('SELECT fingerprint FROM link_key');
  return rows[0]?.fingerprint ?? null;
}

/** @throws StartProblem when a table is missing, else what was thrown */
function notMigrated(error: unknown): never {
  if ((error as { code?: unknown }).code !== '42P01') throw error;
  throw new StartProblem('The database has not the schema of this version. Run: npm run migrate', {
    cause: error,
  });
}
