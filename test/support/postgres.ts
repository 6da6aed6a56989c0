import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** Where the run's PostgreSQL is; set by `postgres.setup.ts` before any test file is loaded. */
export const POSTGRES_VARIABLE = 'PLENARY_TEST_POSTGRES_URL';

const TEMPLATE = 'plenary_template';
/** Any number, the same in every worker: it names the lock under which the template is made. */
const TEMPLATE_LOCK = 7_316_001;

export interface TestDatabase {
  /** Connection URL of a database of its own, migrated and empty. */
  readonly url: string;
  readonly name: string;
  /** Ends whatever is still connected to it and drops it. */
  drop(): Promise<void>;
}

/** Address of the maintenance database of the run's PostgreSQL, with all rights. */
export function postgresUrl(): string {
  const url = process.env[POSTGRES_VARIABLE];
  if (!url) throw new Error(`${POSTGRES_VARIABLE} is not set: run this file with npm test.`);
  return url;
}

/**
 * A fresh database with every migration applied, for one test file:
 *
 *     let database: TestDatabase;
 *     beforeAll(async () => { database = await createTestDatabase(); });
 *     afterAll(() => database.drop());
 *
 * The migrations run once per test run, into a template that is copied here; so nothing is left of one file in
 * the next, and no file waits for migrations.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  await makeTemplate();
  return createDatabase(TEMPLATE);
}

/** A database in which no migration has run, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template1');
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withPostgres((client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return {
    url: urlOf(name),
    name,
    drop: () =>
      withPostgres(async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

async function makeTemplate(): Promise<void> {
  await withPostgres(async (client) => {
    // The lock ends with the session; the other worker then finds the template finished.
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (rowCount) return;
    const unfinished = `${TEMPLATE}_unfinished`;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    // Loaded here and not above, so that a test without database does not load every entity.
    const { migrate } = require('@app/database') as typeof import('@app/database');
    await migrate(urlOf(unfinished));
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${TEMPLATE}`);
  });
}

function urlOf(database: string): string {
  const url = new URL(postgresUrl());
  url.pathname = `/${database}`;
  return url.toString();
}

async function withPostgres<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
