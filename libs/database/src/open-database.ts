import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { StartProblem } from '@app/platform';

/** How often a database is tried that may just be starting, a second apart. */
const ATTEMPTS = 5;

/**
 * A connection of its own to the database of this URL, for what comes before everything else.
 * @throws StartProblem that says why there is none and what to do
 */
export async function openDatabase(url: string): Promise<Client> {
  for (let attempt = 1; ; attempt++) {
    let client: Client | undefined;
    try {
      client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
      await client.connect();
      // Broken later, whatever is asked next fails and says so.
      client.on('error', () => undefined);
      return client;
    } catch (error) {
      await client?.end().catch(() => undefined);
      if (attempt >= ATTEMPTS || !mayComeYet(error))
        throw new StartProblem(whyNot(url, error), { cause: error });
      await sleep(1_000);
    }
  }
}

/** Node gives one error for all the addresses of a host, whose code is that of the first. */
function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

/** Whether the server may only be starting. */
function mayComeYet(error: unknown): boolean {
  return /^(ECONNREFUSED|ECONNRESET|57P03|EAI_AGAIN)$/.test(codeOf(error));
}

/** Why the database of this URL can't be opened, in a sentence, and what to do in another; without the password. */
function whyNot(url: string, error: unknown): string {
  if (!URL.canParse(url))
    return 'DATABASE_URL is not a URL. Write it like postgres://user:password@host:5432/database, with special characters of the password percent-encoded.';
  const { host, pathname, username } = new URL(url);
  const server = host === '' ? 'this machine' : host;
  const database = decodeURIComponent(pathname.slice(1)) || username;
  const code = codeOf(error);
  switch (code) {
    case '28P01':
    case '28000':
      return `PostgreSQL at ${server} refuses the user "${decodeURIComponent(username)}" or the password. Correct them in DATABASE_URL.`;
    case '3D000':
      return `There is no database "${database}" at ${server}. Create it (createdb ${database}), or correct DATABASE_URL.`;
    case '42501':
      return `The user "${decodeURIComponent(username)}" may not connect to the database "${database}" at ${server}. Grant it CONNECT, or correct DATABASE_URL.`;
    case '53300':
      return `PostgreSQL at ${server} has no connection left. Raise max_connections there, or lower DATABASE_CONNECTIONS.`;
    case '57P03':
      return `PostgreSQL at ${server} is starting or stopping. Wait until it runs, then start again.`;
    default:
  }
  const message = String((error as Error | null)?.message ?? '').replace(/\.$/, '');
  if (/password must be a string/.test(message))
    return `PostgreSQL at ${server} asks for a password and DATABASE_URL has none. Write it like postgres://user:password@host:5432/database.`;
  if (/^(E[A-Z_]+)$/.test(code) || /timeout|terminated/i.test(message))
    return `The database at ${server} can't be reached (${code || message}). Start PostgreSQL there, or correct DATABASE_URL.`;
  return `The database "${database}" at ${server} can't be opened: ${message || code || 'no reason was given'}. Correct DATABASE_URL, or the settings of PostgreSQL.`;
}
