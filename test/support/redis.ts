import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../../apps/standalone/src/embedded-postgres';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Process id of the running server, undefined while it is stopped. */
  readonly pid: number | undefined;
  /** Ends the server and with it all it held; does nothing when it is stopped. */
  stop(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  start(): Promise<void>;
}

export interface RedisOptions {
  /** TCP port on 127.0.0.1; a free one is chosen when not given. */
  port?: number;
  /** `noeviction`, the only policy that BullMQ bears, unless given. */
  maxmemoryPolicy?: string;
}

/** Path of the `redis-server` on this machine, if there is one. */
export function redisServer(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, 'redis-server');
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Starts a real Redis that keeps nothing on disk; null on a machine without `redis-server`. */
export async function startRedis(options: RedisOptions = {}): Promise<TestRedis | null> {
  const program = redisServer();
  if (!program) return null;
  const port = options.port ?? (await freePort());
  let child: ChildProcess | undefined;
  const kill = (): void => void child?.kill('SIGKILL');

  const start = async (): Promise<void> => {
    child = await launch(program, port, options.maxmemoryPolicy ?? 'noeviction');
    process.once('exit', kill);
  };
  const stop = async (): Promise<void> => {
    const running = child;
    child = undefined;
    process.off('exit', kill);
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((fulfil) => running.once('exit', fulfil));
    running.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child?.pid;
    },
    start,
    stop,
  };
}

function launch(program: string, port: number, policy: string): Promise<ChildProcess> {
  return new Promise((fulfil, reject) => {
    const child = spawn(program, ['-'], { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.end(
      `port ${port}\nbind 127.0.0.1\ndaemonize no\nsave ""\nappendonly no\nmaxmemory-policy ${policy}\n`,
    );
    let said = '';
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes('Ready to accept connections')) return;
      child.stdout.removeListener('data', hear).resume();
      fulfil(child);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said.trim()}`)));
  });
}

/**
 * A `describe` with a Redis of its own, started before its tests and stopped after them:
 *
 *     describeWithRedis('jobs on Redis', (redis) => {
 *       test('…', async () => { … redis().url … });
 *     });
 *
 * Without `redis-server` its tests are skipped and standard output says so; with `REQUIRE_REDIS=1`, as in CI,
 * they fail instead.
 */
export function describeWithRedis(name: string, tests: (redis: () => TestRedis) => void): void {
  if (redisServer()) {
    describe(name, () => {
      let redis: TestRedis | null = null;
      beforeAll(async () => {
        redis = await startRedis();
      });
      afterAll(() => redis?.stop());
      tests(() => {
        if (!redis) throw new Error('Redis is started before the tests, not while they are declared.');
        return redis;
      });
    });
    return;
  }
  if (process.env['REQUIRE_REDIS'] === '1') {
    describe(name, () => {
      test('has the redis-server that REQUIRE_REDIS=1 insists on', () => {
        throw new Error('REQUIRE_REDIS=1 and no redis-server on the PATH: install the package redis-server.');
      });
    });
    return;
  }
  process.stdout.write(`NOT RUN: "${name}" needs redis-server, which is not on the PATH of this machine.\n`);
  describe.skip(name, () => {
    tests(() => {
      throw new Error('There is no Redis here.');
    });
  });
}
