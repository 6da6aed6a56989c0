import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { createDataSource } from '@app/database';
import {
  declareMailKind,
  MailAdmission,
  MailDelivery,
  MailRenderers,
  MailSweep,
  mailKinds,
  queueMails,
  SmtpCircuits,
  SmtpTransport,
  type ComposedMail,
  type Mail,
  type MailQueue,
  type Stale,
} from '@app/mail';
import { Links, readEnvironment, type Environment } from '@app/platform';
import { createTestDatabase, type TestDatabase } from '../support/postgres';
import { Mailbox } from '../support/smtp-sink';

const LETTER = declareMailKind({ name: 'letter', about: 'registration' });
const CONNECTIONS = 3;

let database: TestDatabase;
let dataSource: DataSource;
let mailbox: Mailbox;
let renderers: MailRenderers;
let verdicts: Map<string, Stale | Error>;
let started: { delivery: MailDelivery; transport: SmtpTransport }[];

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource(database.url).initialize();
  mailbox = await Mailbox.open();
});

afterAll(async () => {
  await mailbox.close();
  await dataSource.destroy();
  await database.drop();
});

beforeEach(async () => {
  await dataSource.query(
    'TRUNCATE mails, mail_claimants, mail_returns, address_suppressions, unsubscriptions, smtp_circuits, rate_limits',
  );
  mailbox.behave();
  mailbox.clear();
  verdicts = new Map();
  started = [];
  renderers = new MailRenderers();
  for (const kind of mailKinds()) renderers.register({ kind, render: async () => new Map() });
  renderers.register({
    kind: LETTER,
    render: async (mails: Mail[]) =>
      new Map(
        mails.map((mail): [string, ComposedMail | Stale] => {
          const verdict = verdicts.get(mail.recipient);
          if (verdict instanceof Error) throw verdict;
          return [mail.id, verdict ?? letter(mail)];
        }),
      ),
  });
});

afterEach(async () => {
  await Promise.all(started.map(({ delivery }) => delivery.drain()));
  await Promise.all(started.map(({ delivery }) => delivery.release()));
  for (const { transport } of started) transport.onApplicationShutdown();
});

function letter(mail: Mail): ComposedMail {
  return {
    to: { name: mail.recipientName, address: mail.recipient },
    fromName: 'Secretariat',
    language: 'en',
    subject: `Letter ${mail.recipient}`,
    text: 'Hello',
    html: '<p>Hello</p>',
  };
}

async function worker(settings: NodeJS.ProcessEnv = {}): Promise<MailDelivery> {
  const environment = settingsOf(settings);
  const transport = new SmtpTransport(environment, new Links(environment.LINK_KEY));
  const circuits = new SmtpCircuits(dataSource);
  const admission = new MailAdmission(dataSource, circuits, environment);
  const delivery = new MailDelivery(dataSource, renderers, transport, admission, circuits, environment);
  await delivery.onApplicationBootstrap();
  started.push({ delivery, transport });
  return delivery;
}

function settingsOf(settings: NodeJS.ProcessEnv = {}): Environment {
  return readEnvironment({
    DATABASE_URL: database.url,
    SMTP_URL: mailbox.url,
    SMTP_CONNECTIONS: String(CONNECTIONS),
    MAIL_FROM: 'secretariat@plenary.example',
    PUBLIC_URL: 'http://localhost:3000',
    LINK_KEY: 'k'.repeat(40),
    ...settings,
  });
}

async function queue(count: number, usefulUntil = 'NULL'): Promise<string[]> {
  const { ids } = await queueMails(
    dataSource.manager,
    LETTER,
    `SELECT NULL::uuid, gen_random_uuid(), 'Reader ' || n, 'reader' || n || '@mail.example', 'en', 'letter:' || n,
       '{}'::jsonb, (${usefulUntil})::timestamptz FROM generate_series(1, $1::int) AS n`,
    [count],
    1_000,
  );
  return ids;
}

async function ledger(): Promise<Record<string, unknown>[]> {
  return dataSource.query(
    'SELECT recipient, state, uncertain, attempts, answer, claimed_by, message_id FROM mails ORDER BY id',
  );
}

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(100);
}

/** The sweep with a queue that keeps the pages it is given. */
async function sweep(settings: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const pages: string[][] = [];
  const mailQueue = {
    backlog: async () => 0,
    addPages: async (more: string[][]) => void pages.push(...more),
  } as unknown as MailQueue;
  await new MailSweep(dataSource, mailQueue, settingsOf(settings)).sweep();
  return pages.flat();
}

describe('the ledger of mails', () => {
  it('refuses to boot while nobody renders a kind of mail', async () => {
    renderers = new MailRenderers();
    await expect(worker()).rejects.toThrow(/Nobody renders mails of kind .*letter/);
  });

  it('queues a mail once for each dedupe key', async () => {
    await queue(3);
    expect(
      await queueMails(
        dataSource.manager,
        LETTER,
        `SELECT NULL::uuid, gen_random_uuid(), '', 'x@mail.example', 'en', 'letter:1', '{}'::jsonb, NULL::timestamptz`,
        [],
      ),
    ).toEqual({ queued: 0, ids: [] });
    expect(await ledger()).toHaveLength(3);
  });

  it('sends each mail once when two workers get the same job at the same time', async () => {
    const ids = await queue(40);
    const [first, second] = [await worker(), await worker()];
    await Promise.all([first.deliver(ids), second.deliver(ids), first.deliver(ids), second.deliver(ids)]);
    expect(mailbox.mails).toHaveLength(40);
    expect(new Set(mailbox.mails.map(({ to }) => to[0])).size).toBe(40);
    for (const row of await ledger()) {
      expect(row).toMatchObject({ state: 'sent', attempts: 1, uncertain: false, claimed_by: null });
      expect(row.answer).toMatch(/^250/);
    }
  });

  it('never has more mails on the line than there are connections', async () => {
    const ids = await queue(30);
    const seen: number[] = [];
    mailbox.behave(async ({ stage }) => {
      if (stage !== 'received') return;
      const [{ count }] = await dataSource.query(`SELECT count(*)::int FROM mails WHERE state = 'sending'`);
      seen.push(count);
    });
    await (await worker()).deliver(ids);
    expect(mailbox.mails).toHaveLength(30);
    expect(Math.max(...seen)).toBe(CONNECTIONS);
  });

  it('keeps its connections open instead of making one for each mail', async () => {
    const ids = await queue(30);
    const before = mailbox.connections;
    await (await worker()).deliver(ids);
    expect(mailbox.mails).toHaveLength(30);
    expect(mailbox.connections - before).toBeLessThanOrEqual(CONNECTIONS);
  });

  it('puts off what the server refuses for now and sends it when the sweep finds it due', async () => {
    const ids = await queue(2);
    mailbox.behave(({ stage, to }) =>
      stage === 'recipient' && to.includes('reader1@mail.example')
        ? { reply: 451, text: '4.3.0 later' }
        : undefined,
    );
    const delivery = await worker();
    await delivery.deliver(ids);
    expect(await ledger()).toMatchObject([
      { state: 'deferred', attempts: 1, uncertain: false, claimed_by: null },
      { state: 'sent' },
    ]);
    expect(await sweep()).toEqual([]);
    mailbox.behave();
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await delivery.deliver(await sweep());
    expect(await ledger()).toMatchObject([{ state: 'sent', attempts: 2 }, { state: 'sent' }]);
    expect(mailbox.mails).toHaveLength(2);
  });

  it('gives up what the server refuses for good and keeps its answer', async () => {
    const ids = await queue(1);
    mailbox.behave(({ stage }) =>
      stage === 'recipient' ? { reply: 550, text: '5.1.1 no such user' } : undefined,
    );
    await (await worker()).deliver(ids);
    const [row] = await ledger();
    expect(row).toMatchObject({ state: 'failed', answer: expect.stringContaining('5.1.1 no such user') });
  });

  it('marks a mail uncertain when the line is cut after the final dot, and sends it again under the same Message-ID', async () => {
    const ids = await queue(1);
    let cuts = 1;
    mailbox.behave(({ stage }) => (stage === 'received' && cuts-- > 0 ? { cut: true } : undefined));
    const delivery = await worker();
    await delivery.deliver(ids);
    expect(await ledger()).toMatchObject([{ state: 'deferred', uncertain: true }]);
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await delivery.deliver(await sweep());
    expect(await ledger()).toMatchObject([{ state: 'sent', uncertain: true }]);
    const messageIds = await Promise.all(mailbox.mails.map(async (mail) => (await mail.parsed()).messageId));
    expect(messageIds).toHaveLength(2);
    expect(new Set(messageIds).size).toBe(1);
  });

  it('frees the claims of a worker whose heart has stopped; only what was on the line is uncertain', async () => {
    await queue(3);
    // Right after its start nobody is called dead, and the database of a test may be that young.
    await waitUntil(async () => {
      const [{ old }] = await dataSource.query(
        `SELECT pg_postmaster_start_time() < now() - interval '15 seconds' AS old`,
      );
      return old;
    });
    const dead = '00000000-0000-4000-8000-000000000001';
    await dataSource.query(`INSERT INTO mail_claimants VALUES ($1, now() - interval '1 minute')`, [dead]);
    await dataSource.query(
      `UPDATE mails SET claimed_by = $1, state = CASE WHEN recipient LIKE 'reader1@%' THEN 'sending' ELSE state END
       WHERE recipient NOT LIKE 'reader3@%'`,
      [dead],
    );
    const ids = await sweep();
    expect(ids).toHaveLength(3);
    await (await worker()).deliver(ids);
    expect(await ledger()).toMatchObject([
      { state: 'sent', uncertain: true },
      { state: 'sent', uncertain: false },
      { state: 'sent', uncertain: false },
    ]);
  });

  it('leaves the claims of a living worker alone', async () => {
    await queue(1);
    const alive = '00000000-0000-4000-8000-000000000002';
    await dataSource.query('INSERT INTO mail_claimants VALUES ($1)', [alive]);
    await dataSource.query(`UPDATE mails SET claimed_by = $1, state = 'sending'`, [alive]);
    expect(await sweep()).toEqual([]);
    expect(await ledger()).toMatchObject([{ state: 'sending', claimed_by: alive }]);
  });

  it('records as missed, and does not send, what came to the end of its use', async () => {
    const ids = await queue(1, `now() - interval '1 second'`);
    await (await worker()).deliver(ids);
    expect(mailbox.mails).toHaveLength(0);
    expect(await sweep()).toEqual([]);
    expect(await ledger()).toMatchObject([{ state: 'missed' }]);
  });

  it('records as stale what is no longer warranted', async () => {
    const ids = await queue(2);
    verdicts.set('reader1@mail.example', { stale: 'They withdrew.' });
    await (await worker()).deliver(ids);
    expect(await ledger()).toMatchObject([{ state: 'stale', answer: 'They withdrew.' }, { state: 'sent' }]);
  });

  it('does not let one mail that cannot be written hold up its page', async () => {
    const ids = await queue(5);
    verdicts.set('reader2@mail.example', new Error('poison'));
    await (await worker()).deliver(ids);
    const rows = await ledger();
    expect(rows.filter(({ state }) => state === 'sent')).toHaveLength(4);
    expect(rows[1]).toMatchObject({
      state: 'deferred',
      claimed_by: null,
      answer: 'Could not be written: poison',
    });
  });

  it('lets go of what it claimed and could neither send nor put off, because the database was away in between', async () => {
    const ids = await queue(2);
    const delivery = await worker();
    const query = dataSource.query.bind(dataSource);
    const away = jest
      .spyOn(dataSource, 'query')
      .mockImplementation(((text: string, parameters: unknown[]) =>
        text.includes(`SET state = 'deferred', attempts`)
          ? Promise.reject(new Error('terminating connection due to administrator command'))
          : query(text, parameters)) as typeof dataSource.query);
    verdicts.set('reader1@mail.example', new Error('terminating connection'));
    await expect(delivery.deliver(ids)).rejects.toThrow('terminating connection');
    away.mockRestore();
    verdicts.clear();
    await waitUntil(async () => (await ledger()).every(({ claimed_by }) => claimed_by === null));
    await delivery.deliver(await sweep());
    expect(await ledger()).toMatchObject([
      { state: 'sent', uncertain: false },
      { state: 'sent', uncertain: false },
    ]);
    expect(mailbox.mails).toHaveLength(2);
  });

  it('does not let a mail onto the line whose use ended while it waited for a connection', async () => {
    const ids = await queue(CONNECTIONS + 1, `now() + interval '1 second'`);
    mailbox.behave(({ stage }) => (stage === 'received' ? { waitMs: 1_500 } : undefined));
    await (await worker()).deliver(ids);
    expect(mailbox.mails).toHaveLength(CONNECTIONS);
  });

  it('finishes what is on the line and gives back the rest when it is asked to stop', async () => {
    const ids = await queue(20);
    mailbox.behave(async ({ stage }) => (stage === 'received' ? { waitMs: 300 } : undefined));
    const delivery = await worker();
    const delivering = delivery.deliver(ids);
    await pause(150);
    await delivery.drain();
    await delivering;
    await delivery.release();
    const rows = await ledger();
    const sent = rows.filter(({ state }) => state === 'sent').length;
    expect(sent).toBe(mailbox.mails.length);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(20);
    expect(rows.every(({ claimed_by }) => claimed_by === null)).toBe(true);
    expect(rows.every(({ state }) => state === 'sent' || state === 'queued')).toBe(true);
  });
});
