import { createDataSource, migrate } from '@app/database';
import { createEmptyDatabase, createTestDatabase } from '../support/postgres';

describe('the schema', () => {
  it('is what the entities say, column for column', async () => {
    const database = await createTestDatabase();
    const dataSource = await createDataSource(database.url, 2).initialize();
    try {
      const columns: { table: string; column: string; nullable: boolean; type: string }[] =
        await dataSource.query(
          `SELECT table_name AS table, column_name AS column, is_nullable = 'YES' AS nullable, udt_name AS type
         FROM information_schema.columns WHERE table_schema = 'public'`,
        );
      const inDatabase = new Map(columns.map((column) => [`${column.table}.${column.column}`, column]));
      const differences: string[] = [];
      for (const entity of dataSource.entityMetadatas) {
        for (const column of entity.columns) {
          const name = `${entity.tableName}.${column.databaseName}`;
          const found = inDatabase.get(name);
          inDatabase.delete(name);
          if (!found) differences.push(`${name} is not in the database`);
          else if (found.nullable !== column.isNullable)
            differences.push(`${name}: nullable is ${found.nullable}`);
          else if (typeName(dataSource.driver.normalizeType(column), column.isArray) !== found.type) {
            differences.push(`${name} is ${found.type}`);
          }
        }
      }
      const tables = new Set(dataSource.entityMetadatas.map(({ tableName }) => tableName));
      for (const [name, { table }] of inDatabase)
        if (tables.has(table)) differences.push(`no entity has ${name}`);
      expect(differences).toEqual([]);
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });

  it('can be made twice at the same time, as when two replicas start together, and unmade', async () => {
    const database = await createEmptyDatabase();
    const [first, second] = await Promise.all([migrate(database.url), migrate(database.url)]);
    expect([...first, ...second]).toEqual([
      expect.stringContaining('TheMainJob'),
      expect.stringContaining('RegistrationAsStatesNeedIt'),
    ]);
    const dataSource = await createDataSource(database.url, 2).initialize();
    await dataSource.undoLastMigration();
    await dataSource.undoLastMigration();
    const left = await dataSource.query(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'migrations'`,
    );
    expect(left).toEqual([]);
    await dataSource.destroy();
    await database.drop();
  });

  it('keeps the audit append-only', async () => {
    const database = await createTestDatabase();
    const dataSource = await createDataSource(database.url, 2).initialize();
    await dataSource.query(`INSERT INTO audit_entries (actor, action) VALUES ('public', 'tried')`);
    await expect(dataSource.query(`UPDATE audit_entries SET actor = 'nobody'`)).rejects.toThrow(
      'append-only',
    );
    await expect(dataSource.query(`DELETE FROM audit_entries`)).rejects.toThrow('append-only');
    await dataSource.destroy();
    await database.drop();
  });
});

/** PostgreSQL's internal name of a type: `_text` is an array of text. */
function typeName(type: string, isArray: boolean): string {
  const internal: Record<string, string> = {
    integer: 'int4',
    bigint: 'int8',
    boolean: 'bool',
    'timestamp with time zone': 'timestamptz',
  };
  return `${isArray ? '_' : ''}${internal[type] ?? type}`;
}
