import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DataSource } from 'typeorm';
import { Client } from 'pg';
import { createDataSource, migrate } from '@app/database';
import { queueMails } from '@app/mail';
import { CONFIRMATION } from '@app/participants';
import { hashSecret, Links, newSecret } from '@app/platform';
import {
  freePort,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../apps/standalone/src/embedded-postgres';
import { startRedis, type TestRedis } from './redis';
import { Mailbox } from './smtp-sink';
import { untold } from './untold';

/** The two backends of the queue. */
export type Backend = 'postgres' | 'redis';

/** SMTP connections of each worker: as many mails may be on the line when it is killed. */
export const CONNECTIONS = 5;

/** A running program of Plenary, in a process of its own. */
export interface Program {
  name: string;
  child: ChildProcess;
  /** Where an API listens; null for a worker. */
  origin: string | null;
  /** The file to which it logs, lines of JSON. */
  log: string;
  /** Its exit code, null when a signal ended it. */
  exited: Promise<number | null>;
  /** `kill -9`. */
  kill(): void;
  /** Lets it drain; after twenty seconds it is killed. */
  stop(): Promise<void>;
}

/** A published dialogue whose organiser uses the API. */
export interface WorldDialogue {
  id: string;
  slug: string;
}

const run = promisify(execFile);

/** The port on which a running API listens. */
export function portOf({ origin }: Program): number {
  return Number(new URL(origin!).port);
}

/** A system of its own for one fault or measurement: PostgreSQL with durability on, the queue's backend, a mail server, programs. */
export class World {
  private readonly programs: Program[] = [];
  private started = 0;

  private constructor(
    readonly backend: Backend,
    readonly postgres: EmbeddedPostgres,
    readonly redis: TestRedis | null,
    readonly mailbox: Mailbox,
    readonly database: DataSource,
    private readonly folder: string,
    private readonly linkKey: string,
    private readonly organiser: { id: string; token: string },
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
    const organiser = await newOrganiser(database);
    return new World(backend, postgres, redis, await Mailbox.open(), database, folder, linkKey, organiser);
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
      // All come from this machine.
      UNCONFIRMED_ORIGIN_PER_HOUR: '1000000',
      UNCONFIRMED_PER_HOUR: '1000000',
    };
  }

  /**
   * Starts `apps/<name>` and waits until it says that it runs. An API listens on a free port unless told which.
   * PostgreSQL knows its sessions by `PGAPPNAME`, when that is given.
   */
  async start(
    name: 'api' | 'worker',
    environment: Record<string, string> = {},
    nodeOptions: string[] = [],
  ): Promise<Program> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.startOnce(name, environment, nodeOptions);
      } catch (error) {
        // A port that was free may have been taken before the API listens on it.
        if (name === 'worker' || environment['PORT'] || attempt === 3) throw error;
      }
    }
  }

  private async startOnce(
    name: 'api' | 'worker',
    environment: Record<string, string>,
    nodeOptions: string[],
  ): Promise<Program> {
    const port = name === 'api' ? (environment['PORT'] ?? String(await freePort())) : null;
    // To a file, as a service's goes: a harness that read each line would take its time from what it measures.
    const log = join(this.folder, `${name}-${this.started++}.log`);
    const output = await open(log, 'w');
    const child = spawn(
      process.execPath,
      [...nodeOptions, join(__dirname, '../../apps', name, 'src/main.js')],
      {
        env: {
          PATH: process.env.PATH,
          ...this.environment(),
          ...(port && { PORT: port }),
          ...environment,
        },
        stdio: ['ignore', output.fd, process.env.VERBOSE ? 'inherit' : 'ignore'],
      },
    );
    await output.close();
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let hasEnded = false;
    void exited.then(() => (hasEnded = true));
    for (let said = ''; !said.includes(`${name} running`); said = await readFile(log, 'utf8')) {
      if (hasEnded) throw new Error(`The ${name} ended before it ran:\n${said}`);
      await sleep(20);
    }
    const program: Program = {
      name,
      child,
      origin: port && `http://127.0.0.1:${port}`,
      log,
      exited,
      kill: () => void child.kill('SIGKILL'),
      stop: async () => {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
        const patience = sleep(20_000, 'late', { ref: false });
        if ((await Promise.race([exited, patience])) === 'late') child.kill('SIGKILL');
        await exited;
      },
    };
    this.programs.push(program);
    return program;
  }

  /**
   * A published dialogue with that many confirmed participants, `delegate1@<first domain>` and so on, in three languages.
   * @param startsIn how long until it starts, as an interval of PostgreSQL; it takes two hours.
   */
  async dialogue(
    count: number,
    {
      startsIn = '1 hour',
      places = null,
      domains = ['world.example'],
    }: { startsIn?: string; places?: number | null; domains?: string[] } = {},
  ): Promise<WorldDialogue> {
    const [row]: WorldDialogue[] = await this.database.query(
      `WITH o AS (SELECT id FROM organisers WHERE id = $1),
       span AS (SELECT date_trunc('minute', now() + $2::interval) AS starts_at,
         date_trunc('minute', now() + $2::interval + interval '2 hours') AS ends_at),
       d AS (INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at,
               venue, hosts, working_languages, registration, state, published_at, schedule_changed_at, announced)
             SELECT o.id, $3, 'Dialogue to be mailed about', to_char(starts_at, 'YYYY-MM-DD"T"HH24:MI'),
               to_char(ends_at, 'YYYY-MM-DD"T"HH24:MI'), 'UTC', starts_at, ends_at, venue,
               ARRAY['Agency'], ARRAY['en', 'ar', 'fr'], 'open', 'published', now(), now() - interval '2 days',
               jsonb_build_object('state', 'published', 'time_zone', 'UTC', 'venue', venue,
                 'starts_at', to_char(starts_at, 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'),
                 'ends_at', to_char(ends_at, 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'))
             FROM o, span, (SELECT '{"kind": "virtual", "platform": "Kudo", "join_url": "https://meet.example/world"}'::jsonb AS venue) AS v
             RETURNING id),
       role AS (INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles, sees_sensitive)
                SELECT d.id, o.id, 'Organiser', '{owner}', true FROM d, o),
       p AS (INSERT INTO places (dialogue_id, places, taken) SELECT id, $5::int, $4::int FROM d),
       delegate AS (
         SELECT n, 'delegate' || n || '@' || ($6::text[])[1 + (n - 1) % cardinality($6::text[])] AS email
         FROM generate_series(1, $4::int) AS n),
       r AS (INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
               participation_count, confirmed_at)
             SELECT d.id, 'Delegate ' || n, 'delegate ' || n, email, email, (ARRAY['en', 'fr', 'ar'])[1 + n % 3],
               'Africa/Cairo', 'confirmed', 1, now() - interval '1 hour' FROM d, delegate)
       SELECT id, $3 AS slug FROM d`,
      [this.organiser.id, startsIn, `world-${randomBytes(4).toString('hex')}`, count, places, domains],
    );
    return row!;
  }

  /** A dialogue that starts in an hour, with a confirmation in the ledger for each of its participants. */
  async queueConfirmations(
    count: number,
    places: number | null = null,
    settings: { startsIn?: string; domains?: string[] } = {},
  ): Promise<WorldDialogue> {
    const dialogue = await this.dialogue(count, { ...settings, places });
    await untold(this.database).run((manager) =>
      queueMails(
        manager,
        CONFIRMATION,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language, 'confirmation:' || r.id || ':' || r.transition_id,
         '{}'::jsonb, d.ends_at
       FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE d.id = $1`,
        [dialogue.id],
      ),
    );
    return dialogue;
  }

  /** A dialogue by invitation, with so many people on its list to whom nobody has written yet. */
  async prepareInvitations(count: number): Promise<WorldDialogue> {
    const dialogue = await this.dialogue(0);
    await this.database.query(
      `WITH person AS (
         INSERT INTO people (organiser_id, name, name_key, email, email_key, affiliation, language, time_zone)
         SELECT $2, 'Delegate ' || n, 'delegate ' || n, 'delegate' || n || '@world.example', 'delegate' || n || '@world.example',
           'Ministry', (ARRAY['en', 'fr', 'ar'])[1 + n % 3], 'Africa/Cairo'
         FROM generate_series(1, $3::int) AS n RETURNING id)
       INSERT INTO invitations (dialogue_id, person_id, state) SELECT $1, id, 'prepared' FROM person`,
      [dialogue.id, this.organiser.id, count],
    );
    return dialogue;
  }

  /** A rule by which a reminder to all participants fell due a moment ago, or falls due in `dueIn`. */
  async remind(dialogueId: string, dueIn = '0'): Promise<void> {
    await this.database.query(
      `INSERT INTO reminder_rules (dialogue_id, before, audience, effective_at, due_at, useful_until)
       SELECT $1, 'PT' || (count(*) + 1) || 'H', 'everyone', now() - interval '1 day', now() + $2::interval,
         now() + $2::interval + interval '1 hour'
       FROM reminder_rules WHERE dialogue_id = $1`,
      [dialogueId, dueIn],
    );
  }

  /** The path of the personal link of a registration. */
  registrationLink(registrationId: string): string {
    return `/r/${new Links(this.linkKey).compose('registration', registrationId, 1)}`;
  }

  /** Asks an API as the organiser. A line that breaks is an answer of 0. */
  async ask<Body = unknown>(
    api: Program,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Body }> {
    try {
      const answer = await fetch(new URL(path, api.origin!), {
        method,
        redirect: 'manual',
        headers: {
          authorization: `Bearer ${this.organiser.token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(60_000),
      });
      const text = await answer.text();
      return { status: answer.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as Body };
    } catch {
      return { status: 0, body: undefined as Body };
    }
  }

  /** A session of its own with PostgreSQL, such as to hold a lock; end it. */
  async session(): Promise<Client> {
    const client = new Client({ connectionString: this.postgres.url, application_name: 'world' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Copies the database as it is now, stopping PostgreSQL for it. Returns what puts it back, while PostgreSQL is stopped. */
  async backUp(): Promise<() => Promise<void>> {
    const cluster = join(this.postgres.dataDirectory, 'cluster');
    const copy = join(this.folder, 'backup');
    await this.postgres.stop();
    await run('cp', ['-a', cluster, copy]);
    await this.postgres.start();
    return async () => {
      await rm(cluster, { recursive: true });
      await run('cp', ['-a', copy, cluster]);
    };
  }

  /** Waits until no mail is queued, sending or deferred, but for a kind. @throws Error that says what is left. */
  async settled(seconds: number, butKind = ''): Promise<void> {
    const end = Date.now() + seconds * 1_000;
    let left: { state: string; count: string }[] = [];
    while (Date.now() < end) {
      try {
        left = await this.database.query(
          `SELECT state, count(*) FROM mails WHERE state IN ('queued', 'sending', 'deferred') AND kind <> $1
           GROUP BY state`,
          [butKind],
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

async function newOrganiser(database: DataSource): Promise<{ id: string; token: string }> {
  const secret = newSecret();
  const [row]: { id: string; organiser_id: string }[] = await database.query(
    `WITH organiser AS (
       INSERT INTO organisers (email, email_key, name)
       VALUES ('organiser@agency.example', 'organiser@agency.example', 'Organiser') RETURNING id)
     INSERT INTO api_tokens (organiser_id, name, secret_hash, scope, expires_at)
     SELECT id, 'world', $1, 'write', now() + interval '1 day' FROM organiser RETURNING id, organiser_id`,
    [hashSecret(secret)],
  );
  return { id: row!.organiser_id, token: `plenary_${row!.id}.${secret}` };
}
