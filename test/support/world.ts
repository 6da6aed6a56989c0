import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { createDataSource, migrate } from '@app/database';
import { queueMails } from '@app/mail';
import { CONFIRMATION } from '@app/participants';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../apps/standalone/src/embedded-postgres';
import { startRedis, type TestRedis } from './redis';
import { Mailbox } from './smtp-sink';

/** The two backends of the queue. */
export type Backend = 'postgres' | 'redis';

/** SMTP connections of each worker: as many mails may be on the line when it is killed. */
export const CONNECTIONS = 5;

/** A running program of Plenary, in a process of its own. */
export interface Program {
  name: string;
  child: ChildProcess;
  /** `kill -9`. */
  kill(): void;
  stop(): Promise<void>;
}

/** A system of its own for one fault or measurement: PostgreSQL with durability on, the queue's backend, a mail server, programs. */
export class World {
  private readonly programs: Program[] = [];

  private constructor(
    readonly backend: Backend,
    readonly postgres: EmbeddedPostgres,
    readonly redis: TestRedis | null,
    readonly mailbox: Mailbox,
    readonly database: DataSource,
    private readonly folder: string,
    private readonly linkKey: string,
  ) {}

  static async create(backend: Backend): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'plenary-world-'));
    // As root PostgreSQL runs as another user, who must be able to enter.
    await chmod(folder, 0o755);
    const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres') });
    const redis = backend === 'redis' ? await startRedis() : null;
    if (backend === 'redis' && !redis) {
      throw new Error('This needs redis-server; install it, for instance: apt-get install redis-server');
    }
    await migrate(postgres.url);
    const database = createDataSource(postgres.url, 5);
    await database.initialize();
    // A restart of PostgreSQL cuts idle connections; the pool opens new ones.
    (database.driver as unknown as { master: NodeJS.EventEmitter }).master.on('error', () => undefined);
    const linkKey = randomBytes(48).toString('base64');
    return new World(backend, postgres, redis, await Mailbox.open(), database, folder, linkKey);
  }

  /** The settings of every program of this system. */
  environment(): Record<string, string> {
    return {
      DATABASE_URL: this.postgres.url,
      ...(this.redis && { REDIS_URL: this.redis.url }),
      SMTP_URL: this.mailbox.url,
      SMTP_CONNECTIONS: String(CONNECTIONS),
      MAIL_FROM: 'secretariat@plenary.example',
      PUBLIC_URL: 'http://localhost:3000',
      LINK_KEY: this.linkKey,
      SWEEP_SECONDS: '1',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
    };
  }

  /** Starts `apps/<name>` and waits until it says that it runs. */
  async start(
    name: 'api' | 'worker',
    environment: Record<string, string> = {},
    nodeOptions: string[] = [],
  ): Promise<Program> {
    const child = spawn(
      process.execPath,
      [...nodeOptions, join(__dirname, '../../apps', name, 'src/main.js')],
      {
        env: {
          PATH: process.env.PATH,
          ...this.environment(),
          ...environment,
        },
        stdio: ['ignore', 'pipe', process.env.VERBOSE ? 'inherit' : 'ignore'],
      },
    );
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let said = '';
    const running = new Promise<void>((resolve, reject) => {
      child.stdout!.on('data', (chunk: Buffer) => {
        if (process.env.VERBOSE) process.stderr.write(chunk);
        if (said.length < 20_000) said += chunk.toString();
        if (said.includes(`${name} running`)) resolve();
      });
      void exited.then(() => reject(new Error(`The ${name} ended before it ran:\n${said}`)));
    });
    const program: Program = {
      name,
      child,
      kill: () => void child.kill('SIGKILL'),
      stop: async () => {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
        const patience = sleep(20_000, 'late', { ref: false });
        if ((await Promise.race([exited, patience])) === 'late') child.kill('SIGKILL');
        await exited;
      },
    };
    this.programs.push(program);
    await running;
    return program;
  }

  /**
   * A published dialogue that starts in an hour with that many confirmed participants, each with a confirmation in the
   * ledger. Returns the ids of dialogue and organiser.
   */
  async queueConfirmations(count: number, places: number | null = null): Promise<{ slug: string }> {
    const slug = `world-${randomBytes(4).toString('hex')}`;
    await this.database.transaction(async (manager) => {
      await manager.query(
        `WITH o AS (INSERT INTO organisers (email, email_key, name) VALUES ($1, $1, 'Organiser') RETURNING id),
         d AS (INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at,
                 venue, hosts, working_languages, registration, state, published_at)
               SELECT id, $1, 'Dialogue to be mailed about', to_char(now() + interval '1 hour', 'YYYY-MM-DD"T"HH24:MI'),
                 to_char(now() + interval '3 hours', 'YYYY-MM-DD"T"HH24:MI'), 'UTC',
                 date_trunc('minute', now() + interval '1 hour'), date_trunc('minute', now() + interval '3 hours'),
                 '{"kind": "virtual", "platform": "Kudo", "join_url": "https://meet.example/world"}',
                 ARRAY['Agency'], ARRAY['en', 'ar', 'fr'], 'open', 'published', now() FROM o RETURNING id),
         p AS (INSERT INTO places (dialogue_id, places, taken) SELECT id, $3::int, $2::int FROM d)
         INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
           participation_count, confirmed_at)
         SELECT d.id, 'Delegate ' || n, 'delegate ' || n, 'delegate' || n || '@world.example', 'delegate' || n || '@world.example',
           (ARRAY['en', 'fr', 'ar'])[1 + n % 3], 'Africa/Cairo', 'confirmed', 1, now()
         FROM d, generate_series(1, $2::int) AS n`,
        [slug, count, places],
      );
      await queueMails(
        manager,
        CONFIRMATION,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language, 'confirmation:' || r.id || ':' || r.transition_id,
           '{}'::jsonb, d.ends_at
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE d.slug = $1`,
        [slug],
      );
    });
    return { slug };
  }

  /** Waits until no mail is queued, sending or deferred. @throws Error that says what is left. */
  async settled(seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1_000;
    let left: { state: string; count: string }[] = [];
    while (Date.now() < end) {
      try {
        left = await this.database.query(
          `SELECT state, count(*) FROM mails WHERE state IN ('queued', 'sending', 'deferred') GROUP BY state`,
        );
        if (left.length === 0) return;
      } catch {
        // The database may just be the thing that is away.
      }
      await sleep(300);
    }
    throw new Error(
      `after ${seconds} s still ${left.map(({ state, count }) => `${count} ${state}`).join(', ')}`,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.stop()));
    await this.mailbox.close();
    await this.redis?.stop();
    await this.database.destroy();
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
