import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../apps/standalone/src/embedded-postgres';
import { redisServer } from '../support/redis';
import { CONNECTIONS, World, type Backend, type Program } from '../support/world';

/** How many mails are in flight when a fault strikes. */
const MAILS = Number(process.env.FAULTS_MAILS ?? 2_000);
/** How long a part stays away. */
const AWAY_SECONDS = 20;
/** How long the rest may take once everything is back. */
const PATIENCE_SECONDS = 180;

interface Fault {
  name: string;
  backends: Backend[];
  /** So many mails may be doubled: one an open connection of each worker that was killed at that moment. */
  mayDouble: number;
  /** Strikes while two workers deliver. May return what else was seen, or throw what was wrong. */
  strike(world: World, workers: [Program, Program]): Promise<string | void>;
}

const BOTH: Backend[] = ['postgres', 'redis'];

const faults: Fault[] = [
  {
    name: 'kill -9 of a worker before DATA',
    backends: BOTH,
    mayDouble: 0,
    async strike(world, [first]) {
      // Both workers are held at RCPT TO, so nothing of the one that dies has been handed over.
      let held = true;
      const release = new Promise<void>(
        (resolve) => void sleep(2_000).then(() => ((held = false), resolve())),
      );
      world.mailbox.behave(async ({ stage }) => {
        if (stage === 'recipient' && held) await release;
      });
      await sleep(1_500);
      first.kill();
      await release;
      world.mailbox.behave();
    },
  },
  {
    name: 'kill -9 between the final dot and the commit',
    backends: BOTH,
    mayDouble: CONNECTIONS,
    async strike(world, [first]) {
      // Every mail on the line is taken, its 250 held back until the worker is dead.
      let held = true;
      const release = new Promise<void>(
        (resolve) => void sleep(2_000).then(() => ((held = false), resolve())),
      );
      world.mailbox.behave(async ({ stage }) => {
        if (stage === 'received' && held) await release;
      });
      await sleep(1_500);
      first.kill();
      await release;
      world.mailbox.behave();
    },
  },
  {
    name: 'queue emptied (FLUSHALL; the jobs deleted on PostgreSQL)',
    backends: BOTH,
    mayDouble: 0,
    async strike(world) {
      if (world.redis) {
        const redis = new Redis(world.redis.url);
        await redis.flushall();
        redis.disconnect();
      } else {
        await world.database.query('DELETE FROM bullmq.job');
      }
    },
  },
  {
    name: `Redis gone for ${AWAY_SECONDS} s, people registering`,
    backends: ['redis'],
    mayDouble: 0,
    async strike(world) {
      const port = await freePort();
      await world.start('api', { PORT: String(port) });
      const { slug } = (await world.database.query('SELECT slug FROM dialogues LIMIT 1'))[0] as {
        slug: string;
      };
      const before = await register(port, slug, 'before', 10);
      await world.redis!.stop();
      const [during] = await Promise.all([register(port, slug, 'during', 20), sleep(AWAY_SECONDS * 1_000)]);
      await world.redis!.start();
      // Waiting for Redis would take seconds; the ratio leaves room for a busy machine.
      if (during > Math.max(10 * before, 1_000)) {
        throw new Error(`registering took ${during} ms at worst while Redis was away, ${before} ms before`);
      }
      return `registering answered 201 in ${during} ms at worst while it was away (${before} ms before)`;
    },
  },
  {
    name: `SMTP gone for ${AWAY_SECONDS} s`,
    backends: BOTH,
    // The line may break after the dot: what the sink took without having said so is sent again.
    mayDouble: 2 * CONNECTIONS,
    async strike(world) {
      await world.mailbox.goAway();
      await sleep(AWAY_SECONDS * 1_000);
      await world.mailbox.comeBack();
    },
  },
  {
    name: 'PostgreSQL restarted',
    backends: BOTH,
    mayDouble: 0,
    async strike(world) {
      await world.postgres.stop();
      await sleep(3_000);
      await world.postgres.start();
    },
  },
];

/** Registers people one after the other by the open link; returns the slowest answer in milliseconds. */
async function register(port: number, slug: string, name: string, count: number): Promise<number> {
  let slowest = 0;
  for (let n = 0; n < count; n++) {
    const started = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/public/dialogues/${slug}/registrations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: `Visitor ${name} ${n}`,
        email: `visitor.${name}.${n}@world.example`,
        affiliation: 'Agency',
        language: 'en',
        time_zone: 'UTC',
        consent_to_be_listed: 'after',
      }),
    });
    if (answer.status !== 201)
      throw new Error(`registering answered ${answer.status}: ${await answer.text()}`);
    slowest = Math.max(slowest, performance.now() - started);
  }
  return Math.round(slowest);
}

interface Result {
  fault: string;
  backend: Backend;
  expected: number;
  seen: number;
  lost: number;
  doubled: number;
  mayDouble: number;
  seconds: number;
  differences: string[];
  remark: string;
}

async function play(fault: Fault, backend: Backend): Promise<Result> {
  const started = performance.now();
  const differences: string[] = [];
  let remark = '';
  const world = await World.create(backend);
  try {
    await world.queueConfirmations(MAILS);
    const workers: [Program, Program] = [await world.start('worker'), await world.start('worker')];
    await world.mailbox.waitFor(Math.round(MAILS / 10), 60_000);
    const inFlight = MAILS - world.mailbox.mails.length;
    if (inFlight < MAILS / 4) differences.push(`only ${inFlight} mails were left when the fault struck`);
    try {
      remark = (await fault.strike(world, workers)) ?? '';
    } catch (error) {
      differences.push((error as Error).message);
    }
    await world.settled(PATIENCE_SECONDS).catch((error: Error) => differences.push(error.message));
    return {
      ...(await judge(world, fault, differences)),
      remark,
      seconds: (performance.now() - started) / 1_000,
    };
  } finally {
    await world.close();
  }
}

/** Compares what the mail server took with what the ledger says; neither is believed alone. */
async function judge(
  world: World,
  fault: Fault,
  differences: string[],
): Promise<Omit<Result, 'remark' | 'seconds'>> {
  const ledger: { id: string; state: string; recipient: string; messageId: string; uncertain: boolean }[] =
    await world.database.query(
      `SELECT id, state, recipient, message_id AS "messageId", uncertain FROM mails ORDER BY id`,
    );
  const taken = new Map<string, string[]>();
  for (const mail of world.mailbox.mails) {
    const messageId =
      /^message-id:\s*<([^@>]+)@/im.exec(mail.raw.toString('latin1', 0, 4_000))?.[1] ?? 'none';
    taken.set(messageId, [...(taken.get(messageId) ?? []), mail.to.join()]);
  }
  let lost = 0;
  let doubled = 0;
  for (const mail of ledger) {
    const copies = taken.get(mail.messageId) ?? [];
    if (mail.state !== 'sent') differences.push(`mail ${mail.id} is ${mail.state}, not sent`);
    if (copies.length === 0) lost++;
    if (copies.some((recipient) => recipient !== mail.recipient))
      differences.push(`mail ${mail.id} went astray`);
    if (copies.length > 1) {
      doubled += copies.length - 1;
      if (!mail.uncertain)
        differences.push(`mail ${mail.id} came ${copies.length} times and is not marked uncertain`);
    }
  }
  const known = new Set(ledger.map(({ messageId }) => messageId));
  const unknown = [...taken.keys()].filter((messageId) => !known.has(messageId));
  if (unknown.length > 0) differences.push(`${unknown.length} mails that the ledger does not know`);
  if (lost > 0) differences.push(`${lost} lost`);
  if (doubled > fault.mayDouble) differences.push(`${doubled} doubled, at most ${fault.mayDouble} could be`);
  return {
    fault: fault.name,
    backend: world.backend,
    expected: ledger.length,
    seen: taken.size,
    lost,
    doubled,
    mayDouble: fault.mayDouble,
    differences,
  };
}

async function main(): Promise<void> {
  const wanted = process.argv[2]?.toLowerCase();
  const runs = faults
    .filter(({ name }) => !wanted || name.toLowerCase().includes(wanted))
    .flatMap((fault) => fault.backends.map((backend) => ({ fault, backend })))
    .filter(({ backend }) => backend === 'postgres' || redisServer() || process.env.REQUIRE_REDIS);
  if (!redisServer()) console.log('No redis-server on this machine: the faults were NOT played on Redis.');
  console.log(
    `${runs.length} faults, ${MAILS} mails in flight, two workers, ${CONNECTIONS} SMTP connections each\n`,
  );

  const results: Result[] = [];
  for (const [index, { fault, backend }] of runs.entries()) {
    process.stdout.write(`${index + 1}/${runs.length} ${fault.name} (${backend}) … `);
    const result = await play(fault, backend);
    console.log(
      `${result.differences.length === 0 ? 'as expected' : 'DIFFERENT'} (${Math.round(result.seconds)} s)`,
    );
    results.push(result);
  }

  console.log(`\n${row(['fault', 'queue', 'expected', 'seen', 'lost', 'doubled', 'may double'])}`);
  for (const r of results) {
    console.log(row([r.fault, r.backend, r.expected, r.seen, r.lost, r.doubled, r.mayDouble]));
    if (r.remark) console.log(`    ${r.remark}`);
    for (const difference of r.differences.slice(0, 10)) console.log(`    DIFFERENCE: ${difference}`);
  }
  const different = results.filter(({ differences }) => differences.length > 0).length;
  console.log(
    different === 0
      ? '\nNothing lost, doubled only where it was marked uncertain. Next: npm run rehearsal'
      : `\n${different} of ${results.length} differ from what is expected.`,
  );
  process.exitCode = different === 0 ? 0 : 1;
}

function row(cells: (string | number)[]): string {
  const widths = [60, 9, 9, 7, 6, 8, 10];
  return cells
    .map((cell, n) => (n < 2 ? String(cell).padEnd(widths[n]!) : String(cell).padStart(widths[n]!)))
    .join(' ');
}

main().catch((error: Error) => {
  console.error(`The faults could not be played: ${error.message}`);
  process.exit(1);
});
