import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Redis from 'ioredis';
import { describeWithRedis, startRedis } from './redis';

describeWithRedis('the Redis of the tests', (redis) => {
  async function ask(url: string, ...command: [string, ...string[]]): Promise<unknown> {
    const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(...command);
    } finally {
      client.disconnect();
    }
  }

  test('evicts nothing and keeps nothing on disk', async () => {
    expect(await ask(redis().url, 'CONFIG', 'GET', 'maxmemory-policy')).toContain('noeviction');
    expect(await ask(redis().url, 'CONFIG', 'GET', 'save')).toEqual(['save', '']);
  });

  test('comes back empty on the same port', async () => {
    const own = (await startRedis())!;
    await ask(own.url, 'SET', 'name', 'value');
    await own.stop();
    expect(own.pid).toBeUndefined();
    await expect(ask(own.url, 'PING')).rejects.toThrow('Connection is closed');
    await own.start();
    expect(await ask(own.url, 'GET', 'name')).toBeNull();
    await own.stop();
  });
});

describe('a machine without redis-server', () => {
  const root = join(__dirname, '..', '..');
  function runWithoutRedis(environment: Record<string, string>) {
    return spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
        `--config=${join(root, 'jest.unit.config.cjs')}`,
        '--testMatch=**/test/support/redis.spec.ts',
        '--testNamePattern=the Redis of the tests',
      ],
      { cwd: root, encoding: 'utf8', env: { ...process.env, ...environment, PATH: join(root, 'docs') } },
    );
  }

  test('skips the Redis tests and says so', () => {
    const { status, stdout, stderr } = runWithoutRedis({ REQUIRE_REDIS: '' });
    expect(stdout + stderr).toContain('NOT RUN: "the Redis of the tests" needs redis-server');
    expect(stderr).not.toMatch(/\d+ (failed|passed)/);
    expect(status).toBe(0);
  });

  test('fails them where Redis is required', () => {
    const { status, stderr } = runWithoutRedis({ REQUIRE_REDIS: '1' });
    expect(stderr).toContain('install the package redis-server');
    expect(status).toBe(1);
  });
});
