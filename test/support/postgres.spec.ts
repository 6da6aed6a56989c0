import { Client } from 'pg';
import { createEmptyDatabase, createTestDatabase } from './postgres';

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the databases of the tests', () => {
  test('are real PostgreSQL in UTF-8 and UTC that knows É from é', async () => {
    const database = await createEmptyDatabase();
    const [row] = await query(
      database.url,
      `SELECT current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS zone,
              lower('ÉLYSÉE') AS lower, 'Z' < 'a' AS "byCodePoint"`,
    );
    expect(row).toEqual({ encoding: 'UTF8', zone: 'UTC', lower: 'élysée', byCodePoint: true });
    await database.drop();
    await expect(query(database.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  });

  test('are migrated, empty and apart from each other', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const tables = (url: string) =>
      query<{ name: string }>(
        url,
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
      );
    expect((await tables(one.url)).map(({ name }) => name)).toContain('mails');
    await query(one.url, 'CREATE TABLE only_here (id int)');
    expect((await tables(other.url)).map(({ name }) => name)).not.toContain('only_here');
    await Promise.all([one.drop(), other.drop()]);
  });
});
