import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { createDataSource } from '@app/database';
import {
  declareMailKind,
  LedgerMetrics,
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
import { Links, log, readEnvironment, type Environment } from '@app/platform';
import { createTestDatabase, type TestDatabase } from '../support/postgres';
import { Mailbox } from '../support/smtp-sink';
import { until } from '../support/until';
import { untold } from '../support/untold';

const LETTER = declareMailKind({ name: 'letter', about: 'registration' });
/** What its reader can do without. */
const NEWS = declareMailKind({ name: 'news', about: 'registration', unsubscribable: true });
/** What its reader waits for. */
const ANSWER = declareMailKind({ name: 'answer', about: 'sign-in link', awaited: true });
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
  for (const kind of [LETTER, NEWS, ANSWER])
    renderers.register({
      kind,
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

async function queue(
  count: number,
  usefulUntil = 'NULL',
  { kind = LETTER, domain = 'mail.example' } = {},
): Promise<string[]> {
  await untold(dataSource).run((manager) =>
    queueMails(
      manager,
      kind,
      `SELECT NULL::uuid, gen_random_uuid(), 'Reader ' || n, 'reader' || n || '@${domain}', 'en',
       '${kind.name}:' || CASE '${domain}' WHEN 'mail.example' THEN '' ELSE '${domain}:' END || n,
       '{}'::jsonb, (${usefulUntil})::timestamptz FROM generate_series(1, $1::int) AS n`,
      [count],
    ),
  );
  const rows: { id: string }[] = await dataSource.query(
    `SELECT id::text FROM mails WHERE kind = $1 AND recipient LIKE '%@' || $2 ORDER BY id`,
    [kind.name, domain],
  );
  return rows.map(({ id }) => id);
}

async function ledger(): Promise<Record<string, unknown>[]> {
  return dataSource.query(
    'SELECT recipient, state, uncertain, attempts, answer, claimed_by, message_id FROM mails ORDER BY id',
  );
}

/** The sweep with a queue that keeps the pages it is given. */
async function sweep(settings: NodeJS.ProcessEnv = {}, backlog = 0): Promise<string[]> {
  const pages: string[][] = [];
  const mailQueue = {
    backlog: async () => backlog,
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
      await untold(dataSource).run((manager) =>
        queueMails(
          manager,
          LETTER,
          `SELECT NULL::uuid, gen_random_uuid(), '', 'x@mail.example', 'en', 'letter:1', '{}'::jsonb, NULL::timestamptz`,
          [],
        ),
      ),
    ).toBe(0);
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
    expect(await states('next_attempt_at > now()')).toEqual({ deferred: 1 });
    await dataSource.query(`UPDATE mails SET next_attempt_at = now() + interval '1 hour'`);
    expect(await sweep()).toEqual([]);
    mailbox.behave();
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await delivery.deliver(await sweep());
    expect(await ledger()).toMatchObject([{ state: 'sent', attempts: 2 }, { state: 'sent' }]);
    expect(mailbox.mails).toHaveLength(2);
  });

  it('is not added to the queue again while that has work enough', async () => {
    const ids = await queue(2);
    expect(await sweep({}, 101)).toEqual([]);
    expect(await sweep({}, 100)).toEqual(ids);
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
    await until(async () => {
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

  it('says since when a mail waits that could not be written, also to anyone who watches the system, until it is', async () => {
    const ids = await queue(2);
    verdicts.set('reader2@mail.example', new Error('poison'));
    const logged = jest.spyOn(log, 'error').mockImplementation(() => undefined);
    await (await worker()).deliver(ids);
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ mail: ids[1], kind: 'letter', dialogue: null }),
      'mail could not be written',
    );
    logged.mockRestore();
    const since = async () =>
      (
        (await dataSource.query('SELECT unwritten_since FROM mails ORDER BY id')) as {
          unwritten_since: Date | null;
        }[]
      ).map((row) => row.unwritten_since);
    const [sent, first] = await since();
    expect([sent, first]).toEqual([null, expect.any(Date)]);
    expect(await new LedgerMetrics(dataSource).text()).toContain(
      'plenary_mails_unwritten{kind="letter"} 1\n',
    );
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await (await worker()).deliver(ids);
    expect((await since())[1]).toEqual(first);
    verdicts.clear();
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await (await worker()).deliver(ids);
    expect(await ledger()).toMatchObject([{ state: 'sent' }, { state: 'sent' }]);
    expect(await since()).toEqual([null, null]);
    expect(await new LedgerMetrics(dataSource).text()).not.toContain('plenary_mails_unwritten{');
  });

  it('puts off a mail of a kind that nobody declares any more, and sends the rest of its page', async () => {
    const ids = await queue(3);
    await dataSource.query(`UPDATE mails SET kind = 'nonsense' WHERE id = $1`, [ids[1]]);
    await (await worker()).deliver(ids);
    expect((await ledger()).map(({ state }) => state)).toEqual(['sent', 'deferred', 'sent']);
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
    await until(async () => (await ledger()).every(({ claimed_by }) => claimed_by === null));
    await delivery.deliver(await sweep());
    expect(await ledger()).toMatchObject([
      { state: 'sent', uncertain: false },
      { state: 'sent', uncertain: false },
    ]);
    expect(mailbox.mails).toHaveLength(2);
  });

  it('does not let a mail onto the line whose use ended while it waited for a connection', async () => {
    const ids = await queue(CONNECTIONS + 1, `now() + interval '1 hour'`);
    const answer = unanswered();
    const delivering = (await worker()).deliver(ids);
    await mailboxBusy();
    await dataSource.query(`UPDATE mails SET useful_until = now() WHERE state = 'queued'`);
    answer();
    await delivering;
    expect(mailbox.mails).toHaveLength(CONNECTIONS);
  });

  it('does not send what it wrote before a later mail about the same was queued, nor past one on the line', async () => {
    const ids = await queue(CONNECTIONS + 1);
    const answer = unanswered();
    const [first, second] = [await worker(), await worker()];
    const delivering = first.deliver(ids);
    await mailboxBusy();
    // One about what waits for a connection, written already; one about what is on the line.
    const [waits] = await dataSource.query(`SELECT id FROM mails WHERE state = 'queued'`);
    const [onTheLine] = await dataSource.query(`SELECT id FROM mails WHERE state = 'sending'`);
    const later: { id: string }[] = await dataSource.query(
      `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key)
       SELECT kind, subject_id, recipient, language, 'later ' || id FROM mails WHERE id = ANY($1) RETURNING id::text`,
      [[waits.id, onTheLine.id]],
    );
    await second.deliver(later.map(({ id }) => id));
    answer();
    await delivering;
    const rows = await dataSource.query('SELECT id, state FROM mails WHERE dedupe_key LIKE $1 OR id = $2', [
      'later %',
      waits.id,
    ]);
    // The one that waited is written anew later, where its renderer sees the newer one; nothing overtook what was on the line.
    expect(rows.map(({ state }: { state: string }) => state).toSorted()).toEqual([
      'queued',
      'queued',
      'sent',
    ]);
    expect(await states()).toEqual({ sent: CONNECTIONS + 1, queued: 2 });
  });

  it('lets the older of two mails about the same arrive first, and gives the newer back until then', async () => {
    const [older] = await queue(1);
    const [{ id: newer }] = await dataSource.query(
      `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key)
       SELECT kind, subject_id, 'newer@mail.example', language, 'newer' FROM mails RETURNING id::text`,
    );
    mailbox.behave(({ stage, to }) =>
      stage === 'received' && to[0] === 'reader1@mail.example' ? { waitMs: 500 } : undefined,
    );
    const delivery = await worker();
    await delivery.deliver([newer, older!]);
    expect(await ledger()).toMatchObject([{ state: 'sent' }, { state: 'queued', claimed_by: null }]);
    await delivery.deliver(await sweep());
    expect(mailbox.mails.map(({ to }) => to[0])).toEqual(['reader1@mail.example', 'newer@mail.example']);
  });

  it('does not pass for dead while somebody else holds up the ledger', async () => {
    const delivery = await worker();
    const before = await heartbeat(delivery);
    const other = dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query('LOCK TABLE mails IN SHARE MODE');
    await expect(until(async () => (await heartbeat(delivery)) > before)).resolves.toBeUndefined();
    await other.rollbackTransaction();
    await other.release();
  });

  it('does not let go of a mail that it began while it asked what it had left behind', async () => {
    const delivery = await worker();
    mailbox.behave(({ stage }) => (stage === 'received' ? { waitMs: 1_000 } : undefined));
    const query = dataSource.query.bind(dataSource);
    const late = jest.spyOn(dataSource, 'query').mockImplementation((async (
      text: string,
      parameters: unknown[],
    ) => {
      if (/WHERE claimed_by = \$1/.test(text)) await mailboxBusy();
      return query(text, parameters);
    }) as typeof dataSource.query);
    const beating = delivery['beat']();
    await delivery.deliver(await queue(CONNECTIONS));
    await beating;
    late.mockRestore();
    expect(await states('NOT uncertain AND attempts = 1')).toEqual({ sent: CONNECTIONS });
  });

  it('finishes what is on the line and gives back the rest when it is asked to stop', async () => {
    const ids = await queue(20);
    mailbox.behave(async ({ stage }) => (stage === 'received' ? { waitMs: 300 } : undefined));
    const delivery = await worker();
    const delivering = delivery.deliver(ids);
    await mailboxBusy();
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

/** States of the ledger and how many mails are in each. */
async function states(where = 'true'): Promise<Record<string, number>> {
  const rows: { state: string; count: number }[] = await dataSource.query(
    `SELECT state, count(*)::int AS count FROM mails WHERE ${where} GROUP BY state`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

describe('what does not get through', () => {
  it('is not tried again where nobody lives, and told; but for what somebody waits for', async () => {
    const ids = await queue(2);
    mailbox.behave(({ stage, to }) =>
      stage === 'recipient' && to.includes('reader1@mail.example')
        ? { reply: 550, text: '5.1.1 no such user' }
        : undefined,
    );
    const delivery = await worker();
    await delivery.deliver(ids);
    expect(await states()).toEqual({ failed: 1, sent: 1 });
    expect(await dataSource.query('SELECT email_key, status, mail_id FROM address_suppressions')).toEqual([
      { email_key: 'reader1@mail.example', status: '5.1.1', mail_id: ids[0] },
    ]);
    expect(await dataSource.query('SELECT kind, status, diagnostic, mail_id FROM mail_returns')).toEqual([
      { kind: 'hard bounce', status: '5.1.1', diagnostic: '550 5.1.1 no such user', mail_id: ids[0] },
    ]);
    mailbox.behave();
    mailbox.clear();
    await delivery.deliver(await queue(2, 'NULL', { kind: NEWS }));
    await delivery.deliver(await queue(1, 'NULL', { kind: ANSWER }));
    expect(mailbox.mails.map(({ to }) => to[0])).toEqual(['reader2@mail.example', 'reader1@mail.example']);
    expect(await dataSource.query(`SELECT answer, attempts FROM mails WHERE state = 'suppressed'`)).toEqual([
      { answer: 'Not sent, since this address bounced: 550 5.1.1 no such user', attempts: 0 },
    ]);
  });

  it('is told, once, where another dialogue writes to an address that bounced', async () => {
    const [{ id: dialogueId }] = await dataSource.query(
      `WITH o AS (INSERT INTO organisers (email, email_key, name) VALUES ('b@agency.example', 'b@agency.example', 'B') RETURNING id)
       INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at,
         venue, hosts, working_languages, registration)
       SELECT id, 'b', 'B', '', '', 'UTC', now(), now() + interval '1 hour', '{}', '{}', '{en}', 'open' FROM o RETURNING id`,
    );
    await dataSource.query(
      `INSERT INTO address_suppressions (email_key, status, diagnostic) VALUES ('reader1@mail.example', '5.1.1', '550 gone')`,
    );
    const ids = [...(await queue(2)), ...(await queue(1, 'NULL', { kind: NEWS }))];
    await dataSource.query('UPDATE mails SET dialogue_id = $1', [dialogueId]);
    const delivery = await worker();
    for (const id of ids) await delivery.deliver([id]);
    expect(await states()).toEqual({ suppressed: 2, sent: 1 });
    expect(
      await dataSource.query('SELECT kind, mail_id, dialogue_id, status, diagnostic FROM mail_returns'),
    ).toEqual([
      {
        kind: 'hard bounce',
        mail_id: ids[0],
        dialogue_id: dialogueId,
        status: '5.1.1',
        diagnostic: 'Not sent, since this address bounced: 550 gone',
      },
    ]);
    await dataSource.query('DELETE FROM dialogues');
  });

  it('is told, and the address stays in use, when a policy refuses it', async () => {
    mailbox.behave(({ stage }) =>
      stage === 'received' ? { reply: 550, text: '5.7.1 not today' } : undefined,
    );
    await (await worker()).deliver(await queue(1));
    expect(await states()).toEqual({ failed: 1 });
    expect(await dataSource.query('SELECT status FROM mail_returns')).toEqual([{ status: '5.7.1' }]);
    expect(await dataSource.query('SELECT FROM address_suppressions')).toEqual([]);
  });

  it('is what its reader does not want any more', async () => {
    const ids = [...(await queue(2, 'NULL', { kind: NEWS })), ...(await queue(1))];
    await dataSource.query(
      `INSERT INTO unsubscriptions (subject_id) SELECT subject_id FROM mails WHERE id = ANY($1)`,
      [[ids[0], ids[2]]],
    );
    await (await worker()).deliver(ids);
    expect(await dataSource.query('SELECT kind, state FROM mails ORDER BY id')).toEqual([
      { kind: 'news', state: 'suppressed' },
      { kind: 'news', state: 'sent' },
      { kind: 'letter', state: 'sent' },
    ]);
  });

  it('goes once more without its calendar entry when it is too large, and fails only if it still is', async () => {
    const ids = await queue(1);
    const calendar = {
      method: 'REQUEST' as const,
      content: 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n',
    };
    renderers.register({
      kind: LETTER,
      render: async (mails) => new Map(mails.map((mail) => [mail.id, { ...letter(mail), calendar }])),
    });
    mailbox.behave(({ stage, raw }) =>
      stage === 'received' && raw!.includes('text/calendar')
        ? { reply: 552, text: '5.3.4 too big' }
        : undefined,
    );
    const delivery = await worker();
    await delivery.deliver(ids);
    expect(await ledger()).toMatchObject([{ state: 'deferred', answer: '552 5.3.4 too big' }]);
    await delivery.deliver(await sweep());
    expect(await ledger()).toMatchObject([{ state: 'sent', attempts: 2 }]);
    expect(await dataSource.query('SELECT FROM mails WHERE without_attachments')).toHaveLength(1);
    mailbox.behave(({ stage }) => (stage === 'received' ? { reply: 552, text: '5.3.4 too big' } : undefined));
    await dataSource.query(`UPDATE mails SET state = 'queued'`);
    await delivery.deliver(ids);
    expect(await states()).toEqual({ failed: 1 });
  });
});

describe('a circuit', () => {
  it('opens when our sign-in is refused: alarms once, fails nothing, counts nothing, lets one mail try, and closes', async () => {
    const ids = await queue(40);
    const alarm = jest.spyOn(log, 'error');
    let refusals = 0;
    mailbox.behave(({ stage }) => {
      if (stage !== 'mail') return undefined;
      refusals++;
      return { reply: 535, text: '5.7.8 wrong password' };
    });
    const [first, second] = [await worker(), await worker()];
    await Promise.all([first.deliver(ids.slice(0, 20)), second.deliver(ids.slice(20))]);
    expect(refusals).toBeLessThanOrEqual(2 * CONNECTIONS);
    await until(async () => (await ledger()).every(({ claimed_by }) => claimed_by === null));
    expect(Object.keys(await states('attempts = 0')).toSorted()).toEqual(['deferred', 'queued']);
    expect(await dataSource.query('SELECT scope, answer FROM smtp_circuits')).toEqual([
      { scope: 'server', answer: '535 5.7.8 wrong password' },
    ]);
    refusals = 0;
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await Promise.all([first.deliver(ids), second.deliver(ids)]);
    expect(refusals).toBe(0);
    await dataSource.query('UPDATE smtp_circuits SET next_try_at = now()');
    await Promise.all([first.deliver(ids), second.deliver(ids)]);
    expect(refusals).toBe(1);
    expect(alarm).toHaveBeenCalledTimes(1);
    alarm.mockRestore();
    mailbox.behave();
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await dataSource.query('UPDATE smtp_circuits SET next_try_at = now()');
    await first.deliver(ids);
    expect(mailbox.mails).toHaveLength(1);
    await until(async () => (await dataSource.query('SELECT FROM smtp_circuits')).length === 0);
    await Promise.all([first.deliver(ids), second.deliver(ids)]);
    expect(await states('attempts = 1')).toEqual({ sent: 40 });
  });

  it('opens when the server is away, so that not every mail has to find out by itself', async () => {
    const ids = await queue(60);
    await mailbox.goAway();
    const delivery = await worker();
    await delivery.deliver(ids);
    await until(async () => (await ledger()).every(({ claimed_by }) => claimed_by === null));
    const { deferred = 0 } = await states();
    expect(deferred).toBeGreaterThanOrEqual(3);
    expect(deferred).toBeLessThanOrEqual(3 + CONNECTIONS);
    await mailbox.comeBack();
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    expect(await sweep()).toHaveLength(50);
    await dataSource.query('UPDATE smtp_circuits SET next_try_at = now()');
    await delivery.deliver(ids);
    await until(async () => (await dataSource.query('SELECT FROM smtp_circuits')).length === 0);
    await delivery.deliver(ids);
    expect(await states()).toEqual({ sent: 60 });
  });

  it('opens for one domain that refuses everybody: its mails wait together, and the others go', async () => {
    const ids = [...(await queue(30, 'NULL', { domain: 'down.example' })), ...(await queue(20))];
    let refusals = 0;
    mailbox.behave(({ stage, to }) => {
      if (stage !== 'recipient' || !to[0]!.endsWith('@down.example')) return undefined;
      refusals++;
      return { reply: 451, text: `4.4.1 <${to[0]}>: no answer from host` };
    });
    const delivery = await worker();
    await delivery.deliver(ids.slice(0, 10));
    await delivery.deliver(ids.slice(10));
    expect(refusals).toBe(10);
    // Others, perhaps of another dialogue, are told why they wait, and nothing of whom it was said.
    expect(await dataSource.query(`SELECT DISTINCT answer FROM mails WHERE attempts = 0`)).toEqual([
      { answer: 'Waits, since down.example refuses mails now: 451 4.4.1 <…>: no answer from host' },
    ]);
    expect(await states(`recipient LIKE '%@mail.example'`)).toEqual({ sent: 20 });
    expect(await states(`recipient LIKE '%@down.example' AND attempts = 0`)).toEqual({ queued: 20 });
    const [late] = await dataSource.query(
      `SELECT count(*)::int AS count FROM mails WHERE state = 'queued' AND next_attempt_at > now() + interval '30 seconds'`,
    );
    expect(late).toEqual({ count: 20 });
    // The longer it is away, the later they come round to be written again for nothing.
    await dataSource.query(
      `UPDATE smtp_circuits SET opened_at = now() - interval '1 day', next_try_at = now() + interval '1 minute'`,
    );
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await delivery.deliver(ids);
    const [{ later }] = await dataSource.query(
      `SELECT count(*)::int AS later FROM mails
       WHERE state <> 'sent' AND next_attempt_at BETWEEN now() + interval '14 minutes' AND now() + interval '19 minutes'`,
    );
    expect({ later, refusals }).toEqual({ later: 20 + 10, refusals: 10 });
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await dataSource.query('UPDATE smtp_circuits SET next_try_at = now()');
    await delivery.deliver(ids);
    expect(refusals).toBe(11);
    mailbox.behave();
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await dataSource.query('UPDATE smtp_circuits SET next_try_at = now()');
    await delivery.deliver(ids);
    await until(async () => (await dataSource.query('SELECT FROM smtp_circuits')).length === 0);
    await dataSource.query('UPDATE mails SET next_attempt_at = now()');
    await delivery.deliver(ids);
    expect(await states()).toEqual({ sent: 50 });
  });

  it('lets nothing wait past half of its use, nor what somebody waits for longer than until the next try', async () => {
    const [{ opened }]: [{ opened: string }] = await dataSource.query(
      `INSERT INTO smtp_circuits (scope, answer, opened_at, next_try_at)
       VALUES ('down.example', '451 4.4.1 no', now() - interval '1 day', now() + interval '1 minute')
       RETURNING now()::text AS opened`,
    );
    const domain = 'down.example';
    const ids = [
      ...(await queue(1, `now() + interval '15 minutes'`, { kind: ANSWER, domain })),
      ...(await queue(1, `now() + interval '10 minutes'`, { kind: NEWS, domain })),
      ...(await queue(1, `now() + interval '1 day'`, { kind: LETTER, domain })),
    ];
    await (await worker()).deliver(ids);
    const waits: { minutes: number; taken: number }[] = await dataSource.query(
      `SELECT extract(epoch FROM next_attempt_at - $1)::float8 / 60 AS minutes,
         extract(epoch FROM now() - $1)::float8 / 60 AS taken FROM mails ORDER BY id`,
      [opened],
    );
    const [awaited, ending, patient] = waits.map(({ minutes }) => minutes);
    // Each waits up to a quarter longer, so that they don't all come at once; and the waiting began a little later.
    const { taken } = waits[0]!;
    expect(awaited).toBeGreaterThan(0.9);
    expect(awaited).toBeLessThan(1.3 + taken);
    expect(ending).toBeGreaterThan(4.5);
    expect(ending).toBeLessThan(6.3 + taken);
    expect(patient).toBeGreaterThan(14);
  });

  it('does not open for greylisting, which every mail has to wait for by itself', async () => {
    const ids = await queue(12);
    mailbox.behave(({ stage }) =>
      stage === 'recipient' ? { reply: 450, text: '4.7.1 greylisted' } : undefined,
    );
    await (await worker()).deliver(ids);
    expect(await states('attempts = 1')).toEqual({ deferred: 12 });
    expect(await dataSource.query('SELECT FROM smtp_circuits')).toEqual([]);
  });
});

describe('how fast', () => {
  it('a slow domain slows nothing but itself', async () => {
    const ids = [...(await queue(8, 'NULL', { domain: 'slow.example' })), ...(await queue(30))];
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const isSlow = ({ to }: { to: string[] }) => to[0]!.endsWith('@slow.example');
    mailbox.behave(async (moment) => {
      if (moment.stage === 'received' && isSlow(moment)) await answered;
    });
    const delivering = (await worker()).deliver(ids);
    // All others, while no mail to the slow domain is answered yet.
    expect((await mailbox.waitFor(30, 100_000)).filter(isSlow)).toEqual([]);
    answer();
    await delivering;
    expect(mailbox.mails).toHaveLength(38);
  });

  it('more of a slow domain than it can take waits in the ledger, out of the way of the others', async () => {
    const slow = await queue(60, 'NULL', { domain: 'slow.example' });
    const [first, later] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let asked = 0;
    mailbox.behave(async ({ stage, to }) => {
      if (stage === 'received' && to[0]!.endsWith('@slow.example')) {
        await (++asked <= CONNECTIONS ? first.promise : later.promise);
      }
    });
    const delivery = await worker();
    const delivering = delivery.deliver(slow.slice(0, 8));
    await mailboxBusy();
    await pause(5_500);
    const rest = delivery.deliver([...slow.slice(8), ...(await queue(30))]);
    await until(async () => (await states(`attempts = 0 AND answer IS NOT NULL`)).queued === 52);
    first.resolve();
    // All are dealt with while the next of the slow domain have no answer.
    await rest;
    expect(await states(`answer LIKE 'Waits, since slow.example answers slowly.' AND attempts = 0`)).toEqual({
      queued: 52,
    });
    expect(await states(`recipient LIKE '%@mail.example'`)).toEqual({ sent: 30 });
    later.resolve();
    await delivery.drain();
    await delivering;
  });

  it('all workers together keep to the rates of the server and of a domain, and what somebody waits for goes at once', async () => {
    const settings = { SMTP_PER_MINUTE: '12', SMTP_DOMAIN_PER_MINUTE: '5' };
    const [first, second] = [await worker(settings), await worker(settings)];
    const ids = await queue(12);
    await Promise.all([first.deliver(ids.slice(0, 6)), second.deliver(ids.slice(6))]);
    expect(await states()).toEqual({ sent: 5, queued: 7 });
    const [waits] = await dataSource.query(
      `SELECT min(next_attempt_at) > now() + interval '50 seconds' AS first, max(next_attempt_at) > now() + interval '100 seconds' AS second,
         max(attempts) AS attempts FROM mails WHERE state = 'queued'`,
    );
    expect(waits).toEqual({ first: true, second: true, attempts: 0 });
    await first.deliver(await queue(5, 'NULL', { domain: 'a.example' }));
    await second.deliver(await queue(5, 'NULL', { domain: 'b.example' }));
    expect(await states()).toEqual({ sent: 12, queued: 10 });
    await first.deliver(await queue(1, 'NULL', { kind: ANSWER }));
    expect(mailbox.mails).toHaveLength(13);
  });
});

describe('a hold', () => {
  it('on everything keeps back what nobody released since then, but for sign-in links', async () => {
    const settings = { MAIL_HOLD: new Date().toISOString() };
    const ids = [...(await queue(4)), ...(await queue(1, 'NULL', { kind: ANSWER }))];
    // Released before the backup that this is: it may have gone since.
    await dataSource.query(`UPDATE mails SET released_at = $2::timestamptz - interval '1 ms' WHERE id = $1`, [
      ids[2],
      settings.MAIL_HOLD,
    ]);
    const delivery = await worker(settings);
    await delivery.deliver(ids);
    expect(await states()).toEqual({ queued: 4, sent: 1 });
    expect(await sweep(settings)).toEqual([]);
    expect(await states()).toEqual({ held: 4, sent: 1 });
    await dataSource.query(`UPDATE mails SET useful_until = now() WHERE id = $1`, [ids[3]]);
    await dataSource.query(`UPDATE mails SET state = 'queued', released_at = now() WHERE id = $1`, [ids[0]]);
    const due = await sweep(settings);
    expect(due).toEqual([ids[0]]);
    await delivery.deliver(due);
    await until(async () => {
      await sweep(settings);
      return (await states()).missed === 1;
    });
    expect(await states()).toEqual({ held: 2, sent: 2, missed: 1 });
  });

  it('comes in time while a mail waits for a connection', async () => {
    const ids = await queue(CONNECTIONS + 2);
    const answer = unanswered();
    const delivery = await worker();
    const delivering = delivery.deliver(ids);
    await mailboxBusy();
    await dataSource.query(
      `UPDATE mails SET state = 'held', claimed_by = NULL WHERE state IN ('queued', 'deferred')`,
    );
    answer();
    await delivering;
    expect(await states()).toEqual({ sent: CONNECTIONS, held: 2 });
    expect(mailbox.mails).toHaveLength(CONNECTIONS);
  });
});

/** When a worker last showed that it lives. */
async function heartbeat(delivery: MailDelivery): Promise<number> {
  const [row] = await dataSource.query('SELECT heartbeat_at FROM mail_claimants WHERE id = $1', [
    delivery.claimant,
  ]);
  return row.heartbeat_at.getTime();
}

/** The server keeps its answer to as many mails as there are connections to itself until it is told to give them. */
function unanswered(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  let received = 0;
  mailbox.behave(async ({ stage }) => {
    if (stage === 'received' && ++received <= CONNECTIONS) await promise;
  });
  return resolve;
}

/** Until every connection has a mail on the line. */
async function mailboxBusy(): Promise<void> {
  await until(async () => (await states()).sending === CONNECTIONS);
}
