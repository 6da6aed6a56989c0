import type { DataSource } from 'typeorm';

/** A connection of `pg`. */
interface Client {
  query: (...args: unknown[]) => unknown;
}

/** A statement as the driver sent it. */
export interface Statement {
  text: string;
  values: unknown[];
}

/**
 * The statements that the pool of a data source is asked for while something is done, in order; those of its
 * transactions (START TRANSACTION, COMMIT) included, as each costs a round trip. What the queue asks of a pool of its own
 * is not.
 */
export async function statementsDuring(
  dataSource: DataSource,
  work: () => Promise<unknown>,
): Promise<Statement[]> {
  const { Client } = require('pg') as { Client: { prototype: Client } };
  const pool = (dataSource.driver as unknown as { master: Record<string, unknown[]> }).master;
  const { query } = Client.prototype;
  const statements: Statement[] = [];
  Client.prototype.query = function (this: Client, ...args: unknown[]) {
    const [first, second] = args as [unknown, unknown];
    const asked = (typeof first === 'string' ? { text: first } : (first ?? {})) as Partial<Statement>;
    if (asked.text !== undefined && pool['_clients']!.includes(this)) {
      const values = Array.isArray(second) ? (second as unknown[]) : (asked.values ?? []);
      statements.push({ text: asked.text, values });
    }
    return query.apply(this, args);
  };
  try {
    await work();
  } finally {
    Client.prototype.query = query;
  }
  return statements;
}

/** The same without their values, white space as one space. */
export async function countStatements(
  dataSource: DataSource,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const statements = await statementsDuring(dataSource, work);
  return statements.map(({ text }) => text.replace(/\s+/gu, ' ').trim());
}

/** The first words of each, for a message that says which statement is one too many. */
export function inShort(statements: readonly Statement[]): string[] {
  return statements.map(({ text }) => text.replace(/\s+/g, ' ').trim().slice(0, 90));
}
