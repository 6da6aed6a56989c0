import type { DataSource } from 'typeorm';

/** A connection of `pg`. */
interface Client {
  query: (...args: unknown[]) => unknown;
}

/**
 * The statements that the pool of a data source is asked for while something is done, in order, without their values;
 * those of its transactions (START TRANSACTION, COMMIT) included. What the queue asks of a pool of its own is not.
 */
export async function countStatements(
  dataSource: DataSource,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const { Client } = require('pg') as { Client: { prototype: Client } };
  const pool = (dataSource.driver as unknown as { master: { _clients: unknown[] } }).master;
  const { query } = Client.prototype;
  const statements: string[] = [];
  Client.prototype.query = function (this: Client, ...args: unknown[]) {
    const [first] = args;
    const text = typeof first === 'string' ? first : (first as { text?: string } | null)?.text;
    if (text !== undefined && pool._clients.includes(this))
      statements.push(text.replace(/\s+/gu, ' ').trim());
    return query.apply(this, args);
  };
  try {
    await work();
  } finally {
    Client.prototype.query = query;
  }
  return statements;
}
