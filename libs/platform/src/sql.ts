import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager, QueryResult } from 'typeorm';

/**
 * A statement in which values are named where they are used: `` sql`SELECT id FROM people WHERE name_key = ${key}` ``. What is
 * interpolated is sent apart from the text, unless it is a statement itself, which becomes a part of this one. `raw` is for text
 * that this program wrote, never for what came from outside.
 */
export { empty, join, raw, sql, type Sql };

/** SQL of the columns and values of a row to be inserted: `(a, b) VALUES ($1, $2)`. @param row by column. */
export function valuesOf(row: Record<string, unknown>): Sql {
  return sql`(${raw(Object.keys(row).join(', '))}) VALUES (${join(Object.values(row))})`;
}

/** SQL of columns that are set: `a = $1, b = $2`. @param row by column. */
export function assigned(row: Record<string, unknown>): Sql {
  return join(Object.entries(row).map(([column, value]) => sql`${raw(column)} = ${value}`));
}

/** The rows that a statement answers with, whether it reads or writes. */
export async function many<Row>(on: EntityManager | DataSource, statement: Sql): Promise<Row[]> {
  return (await run<Row>(on, statement)).records;
}

/** The first row that a statement answers with. */
export async function one<Row>(on: EntityManager | DataSource, statement: Sql): Promise<Row | undefined> {
  const [row] = await many<Row>(on, statement);
  return row;
}

/** How many rows a statement wrote. */
export async function count(on: EntityManager | DataSource, statement: Sql): Promise<number> {
  return (await run(on, statement)).affected ?? 0;
}

/** On the connection of a transaction, else on one of the pool. TypeORM alone would answer differently by the kind of statement. */
async function run<Row>(
  on: EntityManager | DataSource,
  { text, values }: Sql,
): Promise<Omit<QueryResult, 'records'> & { records: Row[] }> {
  if ('queryRunner' in on && on.queryRunner) return on.queryRunner.query(text, values, true);
  const runner = ('createQueryRunner' in on ? on : on.dataSource).createQueryRunner();
  try {
    return await runner.query(text, values, true);
  } finally {
    await runner.release();
  }
}
