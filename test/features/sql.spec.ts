import type { DataSource } from 'typeorm';
import { createDataSource } from '@app/database';
import { assigned, count, empty, many, one, sql, valuesOf } from '@app/platform';
import { createTestDatabase, type TestDatabase } from '../support/postgres';

describe('a statement with named values', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await createDataSource(database.url).initialize();
    await dataSource.query('CREATE TABLE things (id serial, name text, size int)');
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(() => dataSource.query('TRUNCATE things RESTART IDENTITY'));

  const add = (name: string, size: number) =>
    one<{ id: number }>(dataSource, sql`INSERT INTO things ${valuesOf({ name, size })} RETURNING id`);

  test('answers with its rows or their number, whether it reads or writes', async () => {
    expect(await add('one', 1)).toEqual({ id: 1 });
    await add('two', 2);
    expect(await many(dataSource, sql`SELECT name FROM things WHERE size > ${0} ORDER BY id`)).toEqual([
      { name: 'one' },
      { name: 'two' },
    ]);
    const grown = sql`UPDATE things SET ${assigned({ size: 5, name: 'grown' })} WHERE id = ${2} RETURNING name, size`;
    expect(await many(dataSource, grown)).toEqual([{ name: 'grown', size: 5 }]);
    expect(await count(dataSource, sql`UPDATE things SET size = size + ${1}`)).toBe(2);
    expect(await count(dataSource, sql`DELETE FROM things WHERE size = ${17}`)).toBe(0);
    expect(await one(dataSource, sql`SELECT name FROM things WHERE id = ${99}`)).toBeUndefined();
  });

  test('takes another one as a part of it, and sends no value as text', async () => {
    const hostile = "x'); DROP TABLE things; --";
    await add(hostile, 3);
    const only = (size: number | null) => (size === null ? empty : sql`AND size = ${size}`);
    const found = (size: number | null) =>
      many(dataSource, sql`SELECT name FROM things WHERE name = ${hostile} ${only(size)}`);
    expect(await found(null)).toEqual([{ name: hostile }]);
    expect(await found(3)).toEqual([{ name: hostile }]);
    expect(await found(4)).toEqual([]);
  });

  test('belongs to the transaction whose manager it is given', async () => {
    const failing = dataSource.transaction(async (manager) => {
      await count(manager, sql`INSERT INTO things ${valuesOf({ name: 'gone', size: 1 })}`);
      expect(await many(manager, sql`SELECT name FROM things`)).toEqual([{ name: 'gone' }]);
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    expect(await many(dataSource.manager, sql`SELECT name FROM things`)).toEqual([]);
  });
});
