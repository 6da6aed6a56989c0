import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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
import { alternate, type Bench, type Measured, type Run } from './measure';
import { answer, startBeside } from './processes';

const MAILS = 3_000;
const MAILS_IN_SHORT = 300;
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

/** Mails a second, ledger row to 250 to `sent`, by one worker process. */
async function ours(world: World, mails: number): Promise<number> {
  const count = async (state: string): Promise<number> =>
    Number((await world.database.query('SELECT count(*) FROM mails WHERE state = $1', [state]))[0].count);
  // All are put back into the ledger as if just queued; the worker finds them at its next turn, 0.2 s at most.
  const started = performance.now();
  await world.database.query(
    `UPDATE mails SET state = 'queued', attempts = 0, next_attempt_at = now(), answer = NULL, sent_at = NULL, content_hash = NULL`,
  );
  while ((await count('sent')) < mails) {
    await sleep(50);
    const failed = await count('failed');
    if (failed > 0) throw new Error(`${failed} mails failed`);
  }
  return mails / ((performance.now() - started) / 1_000);
}

/** Mails a second by nodemailer's pool alone. */
async function limit(url: string, file: string, mails: number): Promise<number> {
  const { said } = await startBeside<{ milliseconds: number }>('mail.limit', {
    SMTP_URL: url,
    CONNECTIONS: String(CONNECTIONS),
    MAILS: file,
  });
  return mails / (said.milliseconds / 1_000);
}

async function mailOn(backend: Backend, { rounds, short, profile }: Run): Promise<Measured> {
  const mails = short ? MAILS_IN_SHORT : MAILS;
  const folder = await mkdtemp(join(tmpdir(), 'plenary-bench-'));
  const { child: sink, said } = await startBeside<{ port: number }>('mail.sink');
  const url = `smtp://127.0.0.1:${said.port}`;
  const world = await World.create(backend);
  /** Does a round of one side, and looks that the sink took every mail. */
  const taken = async (work: () => Promise<number>): Promise<number> => {
    await answer(sink, 'reset');
    const perSecond = await work();
    const { count } = await answer<{ count: number }>(sink, 'reset');
    if (count !== mails) throw new Error(`the sink took ${count} mails instead of ${mails}`);
    return perSecond;
  };
  try {
    await world.queueConfirmations(mails);
    const file = join(folder, 'mails.json');
    await writeFile(file, JSON.stringify(await composeAll(world)));
    await world.database.query(`UPDATE mails SET state = 'sent'`);
    const worker = await world.start(
      'worker',
      { SMTP_URL: url, SMTP_CONNECTIONS: String(CONNECTIONS), SWEEP_SECONDS: '0.2', LOG_LEVEL: 'info' },
      profile ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}/tmp`] : [],
    );
    console.log(`  on ${backend}`);
    const measured = await alternate(
      rounds,
      () => taken(() => ours(world, mails)),
      () => taken(() => limit(url, file, mails)),
    );
    await worker.stop();
    return {
      of: backend === 'redis' ? 'on Redis' : 'on PostgreSQL',
      ours: `${mails} confirmations with text, HTML and calendar, a third each in English, French and Arabic; ledger row to 250 to sent; one worker, ${CONNECTIONS} connections`,
      limit: "nodemailer's pool sending the same messages: no database, no queue, no rendering",
      unit: 'mails/s',
      goal: backend === 'redis' ? 0.8 : 0.7,
      shortGoal: 0.2,
      rounds: measured,
    };
  } finally {
    await world.close();
    sink.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Mails from the ledger to the server. */
export const mail: Bench = {
  name: 'mail',
  async run(how) {
    const measured = [await mailOn('postgres', how)];
    if (redisServer()) measured.push(await mailOn('redis', how));
    else console.log('  No redis-server on this machine: NOT measured on Redis.');
    return measured;
  },
};
