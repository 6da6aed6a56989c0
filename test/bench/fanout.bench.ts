import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { redisServer } from '../support/redis';
import { World, type Program } from '../support/world';
import { MailSink } from './mail-sink';
import { alternate, type Bench, type Measured } from './measure';

const INVITATIONS = 100_000;
const INVITATIONS_IN_SHORT = 10_000;
const FEW = 1_000;

/** The rows that a request for all invitations must write into the ledger, and nothing else. */
const BARE = `INSERT INTO mails (kind, dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key, parameters, useful_until)
  SELECT 'invitation', i.dialogue_id, i.id, p.name, p.email, p.language, 'invitation:' || i.id || ':' || i.link_generation,
    '{}'::jsonb, d.starts_at
  FROM invitations i JOIN people p ON p.id = i.person_id JOIN dialogues d ON d.id = i.dialogue_id WHERE d.id = $1`;

/** One request that writes to everyone on the list: how fast it is in the ledger, and what memory that and sending take. */
export const fanout: Bench = {
  name: 'fanout',
  async run({ rounds, short }) {
    const count = short ? INVITATIONS_IN_SHORT : INVITATIONS;
    const few = await memoryOf(FEW);
    const many = await memoryOf(count);
    return [
      await rowsOf(count, rounds),
      ...(['api', 'worker'] as const).map((program): Measured => ({
        of: `peak memory of the ${program === 'api' ? 'API' : 'worker'}`,
        ours: `the most that one process ever held, after ${count.toLocaleString('en')} invitations`,
        limit: `the same after ${FEW.toLocaleString('en')}`,
        unit: 'MB',
        goal: 1.3,
        atMost: true,
        rounds: [{ ours: many[program], limit: few[program] }],
      })),
    ];
  },
};

/** Ledger rows a second by one request, and by the bare statement, from an empty ledger each time. */
async function rowsOf(count: number, rounds: number): Promise<Measured> {
  const world = await World.create(redisServer() ? 'redis' : 'postgres');
  try {
    const { id } = await world.prepareInvitations(count);
    const api = await world.start('api');
    const timed = async (work: () => Promise<unknown>): Promise<number> => {
      await world.database.query(`TRUNCATE mails CASCADE`);
      await world.database.query(`UPDATE invitations SET state = 'prepared', sent_at = NULL`);
      await world.database.query('VACUUM FULL invitations');
      await world.database.query('VACUUM ANALYZE');
      await world.database.query('CHECKPOINT');
      const started = performance.now();
      await work();
      return count / ((performance.now() - started) / 1_000);
    };
    const measured = await alternate(
      rounds,
      () => timed(() => invite(world, api, id, count)),
      () => timed(() => world.database.query(BARE, [id])),
    );
    return {
      of: 'into the ledger',
      ours: `one request that sends ${count.toLocaleString('en')} invitations, until it is answered: it also marks each invitation as sent, leaves out who is registered already, writes the audit line, adds the first job and asks the sweep to add the others`,
      limit: 'the bare INSERT … SELECT of the same rows into the same table',
      unit: 'rows/s',
      goal: 0.5,
      rounds: measured,
    };
  } finally {
    await world.close();
  }
}

async function invite(world: World, api: Program, dialogueId: string, count: number): Promise<void> {
  const path = `/v1/dialogues/${dialogueId}/invitations`;
  const { status, body } = await world.ask<{ queued: number }>(api, 'POST', path, { to: 'prepared' });
  if (body?.queued !== count) throw new Error(`${count} invitations were answered by ${status}`);
}

/** Megabytes that API and worker held at most while so many invitations were asked for and sent. */
async function memoryOf(count: number): Promise<{ api: number; worker: number }> {
  const world = await World.create(redisServer() ? 'redis' : 'postgres');
  const sink = await MailSink.start();
  try {
    const { id } = await world.prepareInvitations(count);
    const api = await world.start('api');
    const worker = await world.start('worker', { SMTP_URL: sink.url, SWEEP_SECONDS: '5' });
    await invite(world, api, id, count);
    await sink.took(count);
    await sleep(1_000);
    return { api: await peakMemory(api), worker: await peakMemory(worker) };
  } finally {
    await world.close();
    sink.stop();
  }
}

/** Megabytes, as Linux counts them (`VmHWM`). */
async function peakMemory({ child }: Program): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1_000;
}
