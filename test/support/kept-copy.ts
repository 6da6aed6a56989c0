import type { DataSource } from 'typeorm';

/** A copy of every table inside the database itself, to put everything back as it was after each of many attempts. */
export class KeptCopy {
  private constructor(
    private readonly dataSource: DataSource,
    private readonly schema: string,
    private readonly tables: readonly string[],
    private readonly atFirst: Record<string, string>,
  ) {}

  /** Keeps what is there now, in place of what this schema kept before. */
  static async of(dataSource: DataSource, schema = 'kept'): Promise<KeptCopy> {
    const rows: { tablename: string }[] = await dataSource.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1`,
    );
    const tables = rows.map(({ tablename }) => tablename);
    await dataSource.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`);
    for (const name of tables)
      await dataSource.query(`CREATE TABLE ${schema}."${name}" AS TABLE public."${name}"`);
    return new KeptCopy(dataSource, schema, tables, await checksumsOf(dataSource, tables));
  }

  /** Count and checksum of every table, without what is written about those who ask. */
  checksums(): Promise<Record<string, string>> {
    return checksumsOf(this.dataSource, this.tables);
  }

  /** Everything as it was when the copy was made. */
  async restore(): Promise<void> {
    const changed = differences(this.atFirst, await this.checksums());
    if (changed.length === 0) return;
    await this.dataSource.transaction(async (manager) => {
      // Neither foreign keys nor the audit's being append-only concern what is put back.
      await manager.query(`SET LOCAL session_replication_role = replica`);
      await manager.query(
        changed
          .map(
            (name) =>
              `DELETE FROM "${name}"; INSERT INTO "${name}" OVERRIDING SYSTEM VALUE SELECT * FROM ${this.schema}."${name}"`,
          )
          .join(';'),
      );
    });
  }
}

/** The tables that are not as they were. */
export function differences(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((table) => before[table] !== after[table]);
}

async function checksumsOf(
  dataSource: DataSource,
  tables: readonly string[],
): Promise<Record<string, string>> {
  const rows: { name: string; sum: string }[] = await dataSource.query(
    tables
      .filter((name) => name !== 'rate_limits')
      .map(
        (name) =>
          `SELECT '${name}' AS name, count(*) || ':' || coalesce(sum(hashtextextended(
             ${name === 'api_tokens' ? `(to_jsonb(t) - 'last_used_at')::text` : 't::text'}, 0)), 0) AS sum FROM "${name}" t`,
      )
      .join(' UNION ALL '),
  );
  return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]));
}
