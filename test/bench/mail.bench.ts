import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DatabaseModule } from '@app/database';
import { Mail, MailModule, MailQueue, MailRenderers, SmtpTransport } from '@app/mail';
import { NotificationsModule } from '@app/notifications';
import { Environment, Links, NestLog, PlatformModule } from '@app/platform';
import { redisServer } from '../support/redis';
import { World, type Backend, type Program } from '../support/world';
import { MailSink } from './mail-sink';
import { median } from '../support/median';
import { alternate, type Bench, type Measured, type Run } from './measure';
import { answer, startBeside } from './processes';

const MAILS = 20_000;
const MAILS_IN_SHORT = 1_500;
const CONNECTIONS = 20;

@Module({ imports: [PlatformModule, DatabaseModule, MailModule, NotificationsModule] })
class Sending {}

type Application = Awaited<ReturnType<typeof NestFactory.createApplicationContext>>;

/** The mails of the ledger as the worker would hand them to nodemailer, for the limit to send the same. */
async function writeMessages(application: Application, world: World, file: string): Promise<void> {
  const renderer = application.get(MailRenderers).of('confirmation');
  const transport = new SmtpTransport(application.get(Environment), application.get(Links));
  const mails = await world.database.getRepository(Mail).find({ order: { id: 'ASC' } });
  const stream = createWriteStream(file);
  for (let first = 0; first < mails.length; first += 500) {
    const page = mails.slice(first, first + 500);
    const rendered = await renderer.render(page);
    for (const mail of page) {
      const composed = rendered.get(mail.id);
      if (!composed || 'stale' in composed) throw new Error('A mail of the bench is stale.');
      stream.write(`${JSON.stringify(transport.message(composed, mail))}\n`);
    }
  }
  stream.end();
  await finished(stream);
}

/** Mails a second, ledger row to 250 to `sent`. */
async function ours(
  world: World,
  application: Application,
  sink: MailSink,
  mails: number,
): Promise<{ perSecond: number; bytes: number }> {
  // All are put back into the ledger as if just queued, and nothing that this leaves behind is left to the worker.
  await world.database.query(
    `UPDATE mails SET state = 'queued', attempts = 0, next_attempt_at = now(), answer = NULL, sent_at = NULL, content_hash = NULL`,
  );
  await world.database.query('VACUUM ANALYZE mails');
  const started = performance.now();
  // As whoever queued them would.
  application.get(MailQueue).wake('sweep-mails');
  const { bytes } = await sink.took(mails);
  for (;;) {
    const [left]: { count: string; failed: string }[] = await world.database.query(
      `SELECT count(*) FILTER (WHERE state <> 'sent') AS count, count(*) FILTER (WHERE state = 'failed') AS failed FROM mails`,
    );
    if (left!.failed !== '0') throw new Error(`${left!.failed} mails failed`);
    if (left!.count === '0') return { perSecond: mails / ((performance.now() - started) / 1_000), bytes };
    await sleep(5);
  }
}

async function mailOn(backend: Backend, { rounds, short, profile }: Run): Promise<Measured> {
  const mails = short ? MAILS_IN_SHORT : MAILS;
  const folder = await mkdtemp(join(tmpdir(), 'plenary-bench-'));
  const file = join(folder, 'messages');
  const sink = await MailSink.start();
  const world = await World.create(backend);
  const settings = {
    SMTP_URL: sink.url,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    MAIL_RETURNS: 'returns@plenary.example',
    SWEEP_SECONDS: '5',
  };
  let bytes = 0;
  try {
    await world.queueConfirmations(mails);
    await world.database.query(
      `UPDATE registrations SET language = CASE WHEN id_n % 3 = 0 THEN 'ar' ELSE (ARRAY['en', 'es', 'fr', 'ru', 'zh'])[1 + id_n % 5] END
       FROM (SELECT id AS of_id, (row_number() OVER (ORDER BY id))::int AS id_n FROM registrations) AS numbered WHERE id = of_id`,
    );
    Object.assign(process.env, world.environment(), settings);
    const application = await NestFactory.createApplicationContext(Sending, { logger: new NestLog() });
    await writeMessages(application, world, file);
    await world.database.query(`UPDATE mails SET state = 'sent'`);
    await world.database.query('VACUUM ANALYZE');
    const profiled = profile ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}/tmp`] : [];
    const workers: Program[] = [await world.start('worker', settings, profiled)];
    const { child: bare } = await startBeside('limit', {
      SMTP_URL: sink.url,
      CONNECTIONS: String(CONNECTIONS),
      MESSAGES: file,
    });
    console.log(`  on ${backend}`);
    const sent = async (): Promise<number> => {
      const done = await ours(world, application, sink, mails);
      bytes = done.bytes;
      return done.perSecond;
    };
    const measured = await alternate(rounds, sent, async () => {
      const { milliseconds } = await answer<{ milliseconds: number }>(bare, 'send');
      const taken = await sink.took(mails);
      if (bytes > 0 && Math.abs(taken.bytes / bytes - 1) > 0.01)
        throw new Error(`the limit sent ${taken.bytes} bytes and ours ${bytes}`);
      return mails / (milliseconds / 1_000);
    });
    const withWorkers = [`1: ${median(measured.map((round) => round.ours)).toFixed(0)}`];
    for (const number of profile || short ? [] : [2, 4]) {
      while (workers.length < number) workers.push(await world.start('worker', settings));
      withWorkers.push(`${number}: ${(await sent()).toFixed(0)}`);
    }
    bare.disconnect();
    await application.close();
    return {
      of: backend === 'redis' ? 'on Redis' : 'on PostgreSQL',
      ours: `${mails} confirmations with text, HTML and calendar (a reminder has none), a third in Arabic and the others in five languages; ledger row to 250 to sent; one worker, ${CONNECTIONS} connections`,
      limit:
        "nodemailer's pool sending the same messages, composing included, in one process on as many connections: no database, no queue, no rendering",
      unit: 'mails/s',
      goal: backend === 'redis' ? 0.8 : 0.7,
      rounds: measured,
      notes: [
        `Each mail has ${Math.round(bytes / mails).toLocaleString('en')} bytes. Mails a second by number of workers, which share the cores with all else: ${withWorkers.join(', ')}.`,
      ],
    };
  } finally {
    await world.close();
    sink.stop();
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
