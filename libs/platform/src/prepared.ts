import { createHash } from 'node:crypto';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

/** A statement with its values. Its text is one of few: the values of one time are not in it. */
export type Prepared = readonly [text: string, values: unknown[]];

/** What of a connection, or of a pool of them, is used here. */
interface Asked {
  query(statement: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

const names = new Map<string, string>();

/**
 * Asks what is asked very often. PostgreSQL reads and plans a prepared statement once for each connection, and not each
 * time, which under a lock is most of what the statements of a registration would cost.
 * @returns the rows, of what writes, too.
 */
export async function prepared<Row>(
  on: EntityManager | DataSource,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  return ask<Row>(await connectionOf(on), [text, values]);
}

/**
 * Asks several on the connection of a transaction, one after another and each with a snapshot of its own, but sends them
 * together: nobody who waits for a lock that the first takes waits for our round trip, too. When one fails, those after it
 * fail with the transaction.
 * @returns the rows of each.
 */
export async function preparedTogether(
  manager: EntityManager,
  statements: readonly Prepared[],
): Promise<unknown[][]> {
  const connection = await connectionOf(manager);
  return Promise.all(statements.map((statement) => ask(connection, statement)));
}

/**
 * Ends a `UnitOfWork` with its last change: the statement and COMMIT go over the line together, and
 * whoever waits for a lock of ours does not wait for our round trip, too. When the statement fails, PostgreSQL answers COMMIT
 * by rolling back. When it finds nothing to write, what was written before it is committed all the same: judge before.
 * @returns its rows.
 */
export async function preparedAtLast<Row>(
  manager: EntityManager,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  const connection = await connectionOf(manager);
  const rows = ask<Row>(connection, [text, values]);
  const [written, committed] = await Promise.allSettled([rows, manager.queryRunner!.commitTransaction()]);
  if (written.status === 'rejected') throw written.reason;
  if (committed.status === 'rejected') throw committed.reason;
  return written.value;
}

async function ask<Row>(connection: Asked, [text, values]: Prepared): Promise<Row[]> {
  try {
    return (await connection.query({ name: nameOf(text), text, values })).rows as Row[];
  } catch (error) {
    throw new QueryFailedError(text, values, error as Error);
  }
}

/** The connection of a transaction, else the pool. */
async function connectionOf(on: EntityManager | DataSource): Promise<Asked> {
  if ('queryRunner' in on && on.queryRunner) return (await on.queryRunner.connect()) as Asked;
  const { driver } = 'driver' in on ? on : on.dataSource;
  return (driver as unknown as { master: Asked }).master;
}

/** PostgreSQL looks at 63 bytes of a name. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (!name) names.set(text, (name = createHash('sha256').update(text).digest('base64url')));
  return name;
}
