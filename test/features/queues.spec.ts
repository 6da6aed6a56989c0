import { Queues, readEnvironment } from '@app/platform';
import { createTestDatabase, type TestDatabase } from '../support/postgres';
import { describeWithRedis, startRedis } from '../support/redis';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function queuesOn(redisUrl?: string): Queues {
  return new Queues(
    readEnvironment({
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl,
      SMTP_URL: 'smtp://localhost',
      MAIL_FROM: 'secretariat@plenary.example',
      PUBLIC_URL: 'http://localhost:3000',
      LINK_KEY: 'k'.repeat(40),
    }),
  );
}

/** Adds jobs under one id and under others and gives the numbers that a worker got. */
async function played(queues: Queues): Promise<number[]> {
  const seen: number[] = [];
  const queue = queues.queue('trial');
  await queue.waitUntilReady();
  await queue.add('job', { n: 1 }, { jobId: 'turn-1' });
  await queue.add('job', { n: 2 }, { jobId: 'turn-1' });
  await queue.addBulk([3, 4].map((n) => ({ name: 'job', data: { n } })));
  const done = Promise.withResolvers<void>();
  const worker = queues.worker<{ n: number }>(
    'trial',
    async ({ data }) => {
      seen.push(data.n);
      if (data.n === 5) done.resolve();
    },
    1,
  );
  void worker.run();
  while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  // The id is free again: a job that is done does not stand in the way of the next turn.
  await queue.add('job', { n: 5 }, { jobId: 'turn-1' });
  await done.promise;
  await worker.close();
  await queues.onApplicationShutdown();
  return seen;
}

/** What a worker takes when pages of a mailing were there first and a hint came last. */
async function order(queues: Queues): Promise<string[]> {
  const seen: string[] = [];
  const queue = queues.queue('order');
  await queue.waitUntilReady();
  await queue.addBulk([1, 2, 3].map((n) => ({ name: `page ${n}`, data: {} })));
  await queue.add('hint', {}, { lifo: true });
  const worker = queues.worker('order', async ({ name }) => void seen.push(name), 1);
  void worker.run();
  while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
  await worker.close();
  await queues.onApplicationShutdown();
  return seen;
}

describe('queues on PostgreSQL', () => {
  it('serve what somebody waits for before the pages of a mailing', async () => {
    expect(await order(queuesOn())).toEqual(['hint', 'page 1', 'page 2', 'page 3']);
  });

  it('run each job once, and keep no id of a job that is done', async () => {
    expect((await played(queuesOn())).toSorted()).toEqual([1, 3, 4, 5]);
  });
});

describeWithRedis('queues on Redis', (redis) => {
  it('serve what somebody waits for before the pages of a mailing', async () => {
    expect(await order(queuesOn(redis().url))).toEqual(['hint', 'page 1', 'page 2', 'page 3']);
  });

  it('run each job once, and keep no id of a job that is done', async () => {
    expect((await played(queuesOn(redis().url))).toSorted()).toEqual([1, 3, 4, 5]);
  });

  it('refuse a Redis that may evict jobs', async () => {
    const evicting = (await startRedis({ maxmemoryPolicy: 'allkeys-lru' }))!;
    const queues = queuesOn(evicting.url);
    await expect(queues.check()).rejects.toThrow(/maxmemory-policy is allkeys-lru; set it to noeviction/);
    await queues.onApplicationShutdown();
    await evicting.stop();
  });

  it('fail at once, and do not wait, when Redis is away', async () => {
    const away = (await startRedis())!;
    const queues = queuesOn(away.url);
    const queue = queues.queue('trial');
    await queue.waitUntilReady();
    await away.stop();
    await expect(queue.add('job', {})).rejects.toThrow(/writeable|closed|refused/i);
    await queues.onApplicationShutdown();
  });
});
