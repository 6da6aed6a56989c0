import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  freePort,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../apps/standalone/src/embedded-postgres';
import { startRedis, type TestRedis } from '../support/redis';
import { Mailbox } from '../support/smtp-sink';

/** This runs from dist/test/rehearsal. */
export const ROOT = resolve(__dirname, '../../..');

/** How many mails can be on the line at once, so how many may be doubled by one kill -9 of the worker. */
export const SMTP_CONNECTIONS = 5;
/** How long a change of time or place is gathered before it is told. */
export const CHANGE_GATHERING_SECONDS = 2;
export const MAIL_FROM = 'secretariat@rehearsal.example';
/** A machine with much else to do takes its time to start programs. */
const READY_WITHIN = 120_000;
/** From the migrations to the first answer, on a machine with nothing else to do. */
const USUAL_SECONDS = 12;
/** The service mailbox to which bounces and calendar replies come. */
export const MAIL_RETURNS = 'returns@rehearsal.example';

/** A program of ours that runs as a process of its own, its output in a file. */
class Program {
  private child: ChildProcess | undefined;
  /** Ends that were not asked for. */
  readonly fell: string[] = [];

  constructor(
    readonly name: string,
    private readonly file: string,
    private readonly environment: NodeJS.ProcessEnv,
    readonly log: string,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const output = openSync(this.log, 'a');
    const child = spawn(process.execPath, [join(ROOT, 'dist', this.file)], {
      cwd: ROOT,
      env: this.environment,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.child = child;
    child.once('exit', (code, signal) => {
      if (this.child !== child) return;
      this.child = undefined;
      this.fell.push(`${this.name} ended by itself (${signal ?? `code ${code}`}); its log: ${this.log}`);
    });
  }

  /** kill -9: no draining, no good-bye. Resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Lets it drain; after ten seconds it is killed. */
  async stop(): Promise<void> {
    await this.end('SIGTERM', 10_000);
  }

  private async end(signal: NodeJS.Signals, patience = Infinity): Promise<void> {
    const child = this.child;
    if (!child) return;
    this.child = undefined;
    const ended = new Promise<void>((fulfil) => child.once('exit', () => fulfil()));
    child.kill(signal);
    if (patience === Infinity) return ended;
    const late = setTimeout(() => child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(late);
  }
}

/** Everything that Plenary needs, started for one run in a temporary folder: the real programs and real servers. */
export class System {
  /** So many seconds longer than usual it took to start: a machine that is busy needs them again for the stories. */
  busySeconds = 0;

  private constructor(
    readonly origin: string,
    readonly mailbox: Mailbox,
    readonly api: Program,
    readonly worker: Program,
    readonly returns: Program,
    /** Where the returns program takes in what comes back: a port on the loopback, and a folder. */
    readonly returnsPort: number,
    readonly returnsFolder: string,
    readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly stopAll: () => Promise<void>,
  ) {}

  /** @param queue where BullMQ keeps its jobs */
  static async start(queue: 'postgres' | 'redis'): Promise<System> {
    const folder = await mkdtemp(join(tmpdir(), `plenary-rehearsal-${process.pid}-`));
    // PostgreSQL may run as another user, who must be able to enter.
    await chmod(folder, 0o755);
    let mailbox: Mailbox | undefined;
    let postgres: EmbeddedPostgres | undefined;
    let redis: TestRedis | null = null;
    let programs: Program[] = [];
    process.once('exit', () => {
      // Only when this process ends in haste, before `stop`.
      if (stopped) return;
      for (const { pid } of programs) if (pid) endNow(pid, 'SIGKILL');
      try {
        const file = readFileSync(join(folder, 'postgres/cluster/postmaster.pid'), 'utf8');
        endNow(Number(file.split('\n')[0]), 'SIGQUIT');
      } catch {
        // It was not running.
      }
      spawnSync('rm', ['-rf', folder]);
    });
    let stopped: Promise<void> | undefined;
    const stopAll = (): Promise<void> =>
      (stopped ??= (async () => {
        await Promise.allSettled(programs.map((program) => program.stop()));
        await Promise.allSettled([mailbox?.close(), redis?.stop()]);
        await postgres?.stop();
      })());
    try {
      if (queue === 'redis') {
        redis = await startRedis();
        if (!redis) {
          throw new Error(
            'There is no redis-server on the PATH of this machine; install the package redis-server, or rehearse ' +
              'without --queue redis.',
          );
        }
      }
      mailbox = await Mailbox.open();
      await mkdir(join(folder, 'postgres'));
      postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres') });

      const [port, returnsPort] = await Promise.all([freePort(), freePort()]);
      const returnsFolder = join(folder, 'returns');
      await mkdir(returnsFolder);
      const origin = `http://127.0.0.1:${port}`;
      const environment: NodeJS.ProcessEnv = {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        DATABASE_URL: postgres.url,
        REDIS_URL: redis?.url ?? '',
        SMTP_URL: mailbox.url,
        SMTP_CONNECTIONS: String(SMTP_CONNECTIONS),
        MAIL_FROM,
        MAIL_RETURNS,
        RETURNS_PORT: String(returnsPort),
        RETURNS_FOLDER: returnsFolder,
        PUBLIC_URL: origin,
        HOST: '127.0.0.1',
        PORT: String(port),
        LINK_KEY: randomBytes(48).toString('base64'),
        CHANGE_GATHERING_SECONDS: String(CHANGE_GATHERING_SECONDS),
        // All come from this machine.
        UNCONFIRMED_ORIGIN_PER_HOUR: '1000',
        SWEEP_SECONDS: '1',
      };
      const api = new Program('API', 'apps/api/src/main.js', environment, join(folder, 'api.log'));
      const worker = new Program(
        'Worker',
        'apps/worker/src/main.js',
        environment,
        join(folder, 'worker.log'),
      );
      const returns = new Program(
        'Returns',
        'apps/returns/src/main.js',
        environment,
        join(folder, 'returns.log'),
      );
      programs = [api, worker, returns];
      const system = new System(
        origin,
        mailbox,
        api,
        worker,
        returns,
        returnsPort,
        returnsFolder,
        folder,
        environment,
        stopAll,
      );
      const began = Date.now();
      await system.command('libs/database/src/migrate.main.js');
      api.start();
      worker.start();
      returns.start();
      await system.ready();
      system.busySeconds = Math.max(0, Math.round((Date.now() - began) / 1000) - USUAL_SECONDS);
      return system;
    } catch (error) {
      await stopAll();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Runs a command of ours to its end. @throws Error with what it said when it fails. */
  command(file: string, ...parameters: string[]): Promise<string> {
    return new Promise((fulfil, reject) => {
      const child = spawn(process.execPath, [join(ROOT, 'dist', file), ...parameters], {
        cwd: ROOT,
        env: { ...this.environment, LOG_LEVEL: 'warn' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
      }
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) fulfil(said);
        else reject(new Error(`${file} ended with ${code}: ${said.trim()}`));
      });
    });
  }

  /** What ended without being asked to. */
  fell(): string[] {
    return [...this.api.fell, ...this.worker.fell, ...this.returns.fell];
  }

  /** Ends everything that was started, PostgreSQL last; the folder with data and logs is removed, or kept. */
  async stop(options: { keepLogs: boolean }): Promise<void> {
    await this.stopAll();
    if (options.keepLogs) await rm(join(this.folder, 'postgres'), { recursive: true, force: true });
    else await rm(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    const end = Date.now() + READY_WITHIN;
    for (;;) {
      const fell = this.fell()[0];
      if (fell) {
        const log = await readFile(join(this.folder, `${fell.split(' ')[0]!.toLowerCase()}.log`), 'utf8');
        throw new Error(`${fell}\n${log.trim().split('\n').slice(-5).join('\n')}`);
      }
      const answer = await fetch(`${this.origin}/health/ready`).catch(() => undefined);
      if (answer?.ok) return;
      if (Date.now() > end)
        throw new Error(`The API was not ready within ${READY_WITHIN / 1000} s; its log: ${this.api.log}`);
      await pause(100);
    }
  }
}

function endNow(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It had already ended.
  }
}
