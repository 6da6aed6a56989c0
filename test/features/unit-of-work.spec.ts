import type { DataSource } from 'typeorm';
import { createDataSource } from '@app/database';
import { declareMailKind, queueMails, UnitOfWork, type MailQueue } from '@app/mail';
import { createTestDatabase, type TestDatabase } from '../support/postgres';

const NOTICE = declareMailKind({ name: 'notice', about: 'registration' });

/** What the worker is told: how many ids, of how many mails, and whether it is told in any case. */
type Told = [ids: number, total: number, alike: boolean];

describe('a unit of work', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let told: Told[];
  let work: UnitOfWork;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await createDataSource(database.url).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    await dataSource.query('DELETE FROM mails');
    told = [];
    const queue = {
      hint: (ids: string[], total: number, alike: boolean) => told.push([ids.length, total, alike]),
    };
    work = new UnitOfWork(dataSource, queue as unknown as MailQueue);
  });

  /** Queues so many mails. */
  const queue = (manager: Parameters<typeof queueMails>[0], count: number, held = false) =>
    queueMails(
      manager,
      NOTICE,
      `SELECT NULL::uuid, gen_random_uuid(), '', 'x@mail.example', 'en', 'notice:' || gen_random_uuid(), '{}'::jsonb,
         NULL::timestamptz FROM generate_series(1, $1::int)`,
      [count],
      held,
    );
  const mails = async (): Promise<number> =>
    (await dataSource.query('SELECT count(*)::int AS count FROM mails'))[0].count;

  test('tells the worker of all that it queued, once it is committed', async () => {
    await work.run(async (manager) => {
      expect(await queue(manager, 2)).toBe(2);
      expect(await queue(manager, 3)).toBe(3);
      expect(told).toEqual([]);
    });
    expect(told).toEqual([[5, 5, false]]);
  });

  test('tells of a page of a mailing, and how many there are in all', async () => {
    await work.run((manager) => queue(manager, 120));
    expect(told).toEqual([[50, 120, false]]);
  });

  test('tells nobody of what an organizer holds', async () => {
    await work.run((manager) => queue(manager, 3, true));
    expect(told).toEqual([[0, 0, false]]);
  });

  test('that fails changes nothing and tells nobody', async () => {
    const failing = work.run(async (manager) => {
      await queue(manager, 2);
      throw new Error('too late');
    });
    await expect(failing).rejects.toThrow('too late');
    expect([told, await mails()]).toEqual([[], 0]);
  });

  test('tells something in any case where nobody may learn whether there was a mail', async () => {
    await work.runAlike((manager) => queue(manager, 0));
    expect(told).toEqual([[0, 0, true]]);
  });

  test('is the only place where a mail can be queued: elsewhere the worker would not be told', async () => {
    const queued = dataSource.transaction((manager) => queue(manager, 1));
    await expect(queued).rejects.toThrow('Mails are queued in a UnitOfWork only.');
    expect(await mails()).toBe(0);
  });
});
