import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DatabaseModule } from '@app/database';
import { Mail, MailModule, MailRenderers, type ComposedMail } from '@app/mail';
import { NotificationsModule } from '@app/notifications';
import { NestLog, PlatformModule } from '@app/platform';
import { redisServer } from '../support/redis';
import { World, type Backend } from '../support/world';

const MAILS = Number(process.env.BENCH_MAILS ?? 3_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const CONNECTIONS = 20;

@Module({ imports: [PlatformModule, DatabaseModule, MailModule, NotificationsModule] })
class Rendering {}

/** The mails of the ledger as the worker would compose them, for the limit to send the same bytes. */
async function composeAll(world: World): Promise<ComposedMail[]> {
  Object.assign(process.env, world.environment());
  const application = await NestFactory.createApplicationContext(Rendering, { logger: new NestLog() });
  const mails = await world.database.getRepository(Mail).find({ order: { id: 'ASC' } });
  const composed: ComposedMail[] = [];
  for (let first = 0; first < mails.length; first += 500) {
    const page = mails.slice(first, first + 500);
    const rendered = await application.get(MailRenderers).of('confirmation').render(page);
    for (const mail of rendered.values()) if ('to' in mail) composed.push(mail);
  }
  await application.close();
  if (composed.length !== mails.length)
    throw new Error(`${composed.length} of ${mails.length} mails could be composed`);
  return composed;
}

async function answer<Answer>(child: ChildProcess, question?: string): Promise<Answer> {
  const reply = once(child, 'message');
  if (question) child.send(question);
  return (await reply)[0] as Answer;
}

/** Mails a second, ledger row to 250 to `sent`, by one worker process. */
async function ours(world: World): Promise<number> {
  const count = async (state: string): Promise<number> =>
    Number((await world.database.query('SELECT count(*) FROM mails WHERE state = $1', [state]))[0].count);
  // All are put back into the ledger as if just queued; the worker finds them at its next turn, 0.2 s at most.
  const started = performance.now();
  await world.database.query(
    `UPDATE mails SET state = 'queued', attempts = 0, next_attempt_at = now(), answer = NULL, sent_at = NULL, content_hash = NULL`,
  );
  while ((await count('sent')) < MAILS) {
    await sleep(50);
    const failed = await count('failed');
    if (failed > 0) throw new Error(`${failed} mails failed`);
  }
  return MAILS / ((performance.now() - started) / 1_000);
}

async function limit(url: string, file: string): Promise<number> {
  const child = fork(join(__dirname, 'limit.js'), [url, String(CONNECTIONS), file]);
  const { milliseconds } = await answer<{ milliseconds: number }>(child);
  if (child.exitCode === null) await once(child, 'exit');
  return MAILS / (milliseconds / 1_000);
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

async function mailBench(backend: Backend, profile: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'plenary-bench-'));
  const sink = fork(join(__dirname, 'sink.js'));
  const { port } = await answer<{ port: number }>(sink);
  const url = `smtp://127.0.0.1:${port}`;
  const world = await World.create(backend);
  try {
    await world.queueConfirmations(MAILS);
    const file = join(folder, 'mails.json');
    await writeFile(file, JSON.stringify(await composeAll(world)));
    await world.database.query(`UPDATE mails SET state = 'sent'`);
    const worker = await world.start(
      'worker',
      { SMTP_URL: url, SMTP_CONNECTIONS: String(CONNECTIONS), SWEEP_SECONDS: '0.2', LOG_LEVEL: 'info' },
      profile ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}/tmp`] : [],
    );
    const rounds: { ours: number; limit: number }[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await answer(sink, 'reset');
      const measured = { limit: await limit(url, file), ours: await ours(world) };
      const { count } = await answer<{ count: number }>(sink, 'reset');
      if (count !== 2 * MAILS) throw new Error(`the sink took ${count} mails instead of ${2 * MAILS}`);
      rounds.push(measured);
      console.log(
        `  round ${round}: ours ${measured.ours.toFixed(0)}/s, limit ${measured.limit.toFixed(0)}/s, ratio ${(measured.ours / measured.limit).toFixed(2)}`,
      );
    }
    await worker.stop();
    const ratio = median(rounds.map((round) => round.ours / round.limit));
    console.log(
      `mail on ${backend}: median ${median(rounds.map((round) => round.ours)).toFixed(0)} mails/s, ` +
        `limit ${median(rounds.map((round) => round.limit)).toFixed(0)} mails/s, median ratio ${ratio.toFixed(2)}\n`,
    );
  } finally {
    await world.close();
    sink.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const [name, ...options] = process.argv.slice(2);
  if (name !== 'mail') throw new Error('Say which: npm run bench -- mail [--profile]');
  const profile = options.includes('--profile');
  console.log(
    `${MAILS} confirmations with text, HTML and calendar, a third each in English, French and Arabic; one worker, ` +
      `${CONNECTIONS} connections, ${ROUNDS} rounds; ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n`,
  );
  await mailBench('postgres', profile);
  if (redisServer()) await mailBench('redis', profile);
  else console.log('No redis-server on this machine: NOT measured on Redis.');
  if (profile) console.log('Profiles are in ./tmp; open them in the developer tools of a browser.');
}

main().catch((error: Error) => {
  console.error(`Not measured: ${error.message}`);
  process.exit(1);
});
