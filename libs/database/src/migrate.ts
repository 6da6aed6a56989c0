import { runMigrations } from 'bullmq';
import { QUEUE_SCHEMA } from '@app/platform';
import { createDataSource } from './data-source';
import { openDatabase } from './open-database';

/**
 * Brings a database to the schema of this version: Plenary's own tables, and those of BullMQ, which are there even
 * when the jobs run on Redis, so that going back needs no migration. Safe to run twice, also at the same time.
 * @returns the names of what was migrated.
 * @throws StartProblem when the database can't be reached
 */
export async function migrate(url: string): Promise<string[]> {
  const client = await openDatabase(url);
  const dataSource = await createDataSource(url, 1).initialize();
  try {
    // Two replicas that start together must not both migrate.
    await client.query(`SELECT pg_advisory_lock(hashtext('plenary migrations'))`);
    const migrated = await dataSource.runMigrations();
    await runMigrations(client, QUEUE_SCHEMA);
    return migrated.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
    await client.end();
  }
}
