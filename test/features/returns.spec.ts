import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { freePort } from '../../apps/standalone/src/embedded-postgres';
import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

const AMAL = 'person.1@ministry.example';
const DOMAIN = 'agency.example';
const fixture = async (name: string): Promise<string> =>
  (await readFile(join(__dirname, 'returns', `${name}.eml`), 'latin1')).replaceAll(
    /amal\.haddad@ministry\.example/gi,
    AMAL,
  );

describe('what comes back', () => {
  let api: TestApi;
  let folder: string;
  let port: number;
  let program: INestApplicationContext;
  let dialogue: { id: string };

  const start = async () => {
    const { createReturns } =
      require('../../apps/returns/src/create-returns') as typeof import('../../apps/returns/src/create-returns');
    program = await createReturns();
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plenary-returns-'));
    api = await startApi({
      environment: {
        MAIL_RETURNS: `returns@${DOMAIN}`,
        RETURNS_FOLDER: folder,
        SWEEP_SECONDS: '0.2',
        CHANGE_GATHERING_SECONDS: '0',
        HOST: '127.0.0.1',
      },
    });
    // Chosen right before it is used, or another test could have taken it.
    port = await freePort();
    process.env.RETURNS_PORT = String(port);
    await start();
  });
  afterAll(async () => {
    await program.close();
    await api.close();
    await rm(folder, { recursive: true });
    for (const name of ['MAIL_RETURNS', 'RETURNS_PORT', 'RETURNS_FOLDER']) delete process.env[name];
  });
  beforeEach(async () => {
    await api.dataSource.query('TRUNCATE address_suppressions, mail_returns');
    dialogue = await publishDialogue(api);
    await inviteList(api, dialogue.id, listOf(2));
    await api.dataSource.query(
      `UPDATE mails SET state = 'sent', sent_at = now(), answer = '250 ok' WHERE dialogue_id = $1`,
      [dialogue.id],
    );
  });

  const mailTo = async (recipient: string, kind = 'invitation') =>
    (
      await api.dataSource.query(
        'SELECT * FROM mails WHERE dialogue_id = $1 AND recipient = $2 AND kind = $3',
        [dialogue.id, recipient, kind],
      )
    )[0] as {
      id: string;
      message_id: string;
      state: string;
      answer: string;
      next_attempt_at: Date;
      claimed_by: string | null;
    };
  const addressOf = (purpose: 'bounce' | 'calendar', id: string): string => {
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const letter = purpose === 'bounce' ? 'b' : 'c';
    return `returns+${letter}${api.app.get(Links).addressDetail(purpose, id)}@${DOMAIN}`;
  };
  const verp = async (recipient = AMAL) => addressOf('bounce', (await mailTo(recipient)).message_id);
  const send = async (to: string | string[], raw: string, from = '') => {
    const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
    try {
      return await transport.sendMail({
        envelope: { from, to },
        raw: Buffer.from(raw, 'latin1'),
      });
    } finally {
      transport.close();
    }
  };
  const rows = (): Promise<Record<string, unknown>[]> =>
    api.dataSource.query(
      'SELECT kind, mail_id, dialogue_id, registration_id, status, diagnostic FROM mail_returns ORDER BY id',
    );
  const suppressed = async (): Promise<string[]> =>
    (
      (await api.dataSource.query('SELECT email_key FROM address_suppressions ORDER BY 1')) as {
        email_key: string;
      }[]
    ).map(({ email_key }) => email_key);

  describe('by SMTP', () => {
    test('takes an address that does not exist out of use and fails the mail, once however often it is told', async () => {
      const raw = await fixture('postfix-unknown-user');
      await send(await verp(), raw);
      await send(await verp(), raw);
      const mail = await mailTo(AMAL);
      expect(mail).toMatchObject({
        state: 'failed',
        answer: expect.stringContaining('It came back: 550 5.1.1'),
      });
      expect(await rows()).toEqual([
        {
          kind: 'hard bounce',
          mail_id: mail.id,
          dialogue_id: dialogue.id,
          registration_id: null,
          status: '5.1.1',
          diagnostic: expect.stringContaining('User unknown'),
        },
      ]);
      expect(await suppressed()).toEqual([AMAL]);
      const [line] = await api.dataSource.query(
        `SELECT actor, details FROM audit_entries WHERE action = 'address.suppressed' AND dialogue_id = $1`,
        [dialogue.id],
      );
      expect(line).toMatchObject({ actor: 'returns', details: { mail: mail.id, status: '5.1.1' } });
    });

    test('believes the secret in whatever case a server on the way wrote it', async () => {
      await send((await verp()).toUpperCase(), await fixture('qmail-no-mailbox'));
      expect(await suppressed()).toEqual([AMAL]);
    });

    test.each([
      ['none', () => `returns@${DOMAIN}`, []],
      ['one that was made up', () => `returns+b${'0'.repeat(42)}@${DOMAIN}`, []],
      [
        'the one of a calendar',
        async () => addressOf('calendar', (await mailTo(AMAL)).message_id),
        [expect.objectContaining({ kind: 'other', status: null, diagnostic: null })],
      ],
    ])('does nothing when the secret is %s, and keeps nothing of what was said', async (_, to, kept) => {
      await send(await to(), await fixture('postfix-unknown-user'), 'mallory@evil.example');
      expect(await rows()).toEqual(kept);
      expect(await mailTo(AMAL)).toMatchObject({ state: 'sent' });
      expect(await suppressed()).toEqual([]);
    });

    test('never takes another address out of use than the one the mail went to', async () => {
      const raw = (await fixture('postfix-unknown-user')).replaceAll(AMAL, 'person.2@ministry.example');
      await send(await verp(), raw);
      await send(await verp(), await fixture('bounce-of-a-forwarded-mail'));
      expect(await suppressed()).toEqual([]);
      expect(await mailTo('person.2@ministry.example')).toMatchObject({ state: 'sent' });
    });

    test('neither stops nor repeats the mail of all who stand behind an address, since one of them left or is full', async () => {
      const left = (await fixture('postfix-unknown-user')).replace(
        `Final-Recipient: rfc822; ${AMAL}`,
        'Final-Recipient: rfc822; one.of.five@ministry.example',
      );
      await send(await verp(), left);
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed' });
      await api.dataSource.query(`UPDATE mails SET state = 'sent' WHERE state = 'failed'`);
      await send(
        await verp(),
        left.replace('Status: 5.1.1', 'Status: 4.2.2').replaceAll('550 5.1.1', '452 4.2.2'),
      );
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed' });
      expect((await rows()).map(({ kind }) => kind)).toEqual(['hard bounce', 'soft bounce']);
      expect(await suppressed()).toEqual([]);
    });

    test('takes from a worker what it has claimed and not begun, when that came back for good', async () => {
      await api.dataSource.query(
        `UPDATE mails SET state = 'deferred', claimed_by = gen_random_uuid() WHERE dialogue_id = $1`,
        [dialogue.id],
      );
      await send(await verp(), await fixture('exchange-refused-by-policy'));
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed', claimed_by: null });
    });

    test('notes what can not be read once, and does not ask for it again', async () => {
      const parts = '--b\r\n\r\nx\r\n'.repeat(20_000);
      await send(await verp(), `Content-Type: multipart/mixed; boundary="b"\r\n\r\n${parts}`);
      expect(await rows()).toMatchObject([{ kind: 'other', mail_id: (await mailTo(AMAL)).id }]);
    });

    test('takes a message for so many addresses and no more', async () => {
      const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
      const to = Array.from({ length: 102 }, (_, number) => `returns+${number}@${DOMAIN}`);
      const { rejectedErrors } = await transport.sendMail({ envelope: { from: '', to }, raw: 'x' });
      transport.close();
      expect(rejectedErrors?.map(({ responseCode }) => responseCode)).toEqual([452, 452]);
    });

    test('fails a mail that a policy refused, and keeps writing to its address', async () => {
      await send(await verp(), await fixture('exchange-refused-by-policy'));
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed' });
      expect(await suppressed()).toEqual([]);
    });

    test('sends a mail again after a full mailbox, later and later, and gives up after the third time', async () => {
      const states: unknown[] = [];
      for (let time = 1; time <= 4; time++) {
        await send(
          await verp(),
          (await fixture('gmail-mailbox-full')).replace('X-Failed', `X-Time: ${time}\r\nX-Failed`),
        );
        const { state, next_attempt_at } = await mailTo(AMAL);
        states.push([
          state,
          state === 'deferred' ? Math.round((next_attempt_at.getTime() - Date.now()) / 60_000) : null,
        ]);
        await api.dataSource.query(`UPDATE mails SET state = 'sent' WHERE state = 'deferred'`);
      }
      expect(states).toEqual([
        ['deferred', 15],
        ['deferred', 60],
        ['deferred', 240],
        ['failed', null],
      ]);
      expect(await suppressed()).toEqual([]);
    });

    test('does not send a mail again whose use ends before', async () => {
      await api.dataSource.query(`UPDATE mails SET useful_until = now() + interval '5 minutes'`);
      await send(await verp(), await fixture('postfix-expired'));
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed' });
    });

    test.each([
      ['delay', 'postfix-delayed'],
      ['automatic reply', 'out-of-office-arabic'],
      ['other', 'a-person-writes'],
      ['other', 'success-notification'],
    ])('only notes a message of kind %s (%s), and none of its words', async (kind, name) => {
      await send(await verp(), await fixture(name));
      expect(await rows()).toEqual([expect.objectContaining({ kind, mail_id: (await mailTo(AMAL)).id })]);
      expect(await mailTo(AMAL)).toMatchObject({ state: 'sent', answer: '250 ok' });
      expect(await suppressed()).toEqual([]);
    });

    test.each([
      ['domino-not-listed', '5.1.1', 'not listed in Domino Directory'],
      ['exchange-in-french', '5.1.1', 'RESOLVER.ADR.RecipNotFound; not found'],
      ['yahoo-no-account', '5.1.1', "This user doesn't have a yahoo.example account"],
      ['microsoft-recipient-rejected', '5.4.1', 'Recipient address rejected: Access denied.'],
    ])('takes an address out of use and shows the organiser why: %s', async (name, status, reason) => {
      await send(await verp(), await fixture(name));
      expect(await suppressed()).toEqual([AMAL]);
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed' });
      const of = `/v1/dialogues/${dialogue.id}`;
      const returned = (await api.request('GET', `${of}/mail-returns`)).json();
      expect(returned.items).toEqual([
        expect.objectContaining({ kind: 'hard bounce', status, diagnostic: expect.stringContaining(reason) }),
      ]);
      const listed = (await api.request('GET', `${of}/suppressions`)).json();
      expect(listed.items).toEqual([
        expect.objectContaining({ status, diagnostic: expect.stringContaining(reason) }),
      ]);
    });

    test('knows an international domain in whichever form a server writes it', async () => {
      await api.dataSource.query(
        `UPDATE mails SET recipient = 'ida@bücher.example' WHERE dialogue_id = $1 AND recipient = $2`,
        [dialogue.id, AMAL],
      );
      const ida = 'ida@bücher.example';
      await send(await verp(ida), await fixture('punycode-of-an-international-domain'));
      expect(await mailTo(ida)).toMatchObject({ state: 'failed' });
      expect(await suppressed()).toEqual(['ida@xn--bcher-kva.example']);
    });

    test.each([
      ['other', 'a-postmaster-writes'],
      ['automatic reply', 'out-of-office-german'],
      ['automatic reply', 'holiday-note-mentions-failure'],
    ])('takes no letter for a bounce (%s: %s)', async (kind, name) => {
      await send(await verp(), await fixture(name));
      expect(await rows()).toMatchObject([{ kind, status: null }]);
      expect(await mailTo(AMAL)).toMatchObject({ state: 'sent' });
      expect(await suppressed()).toEqual([]);
    });

    test('judges a report on several addresses by what it says of the one that was written to', async () => {
      const report = await fixture('postfix-unknown-user');
      const two = report
        .replaceAll(`Final-Recipient: rfc822; ${AMAL}`, 'Final-Recipient: rfc822; other@x.example')
        .replace(
          /(?=Final-Recipient)/,
          `Final-Recipient: rfc822; ${AMAL}\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n`,
        );
      await send(await verp(), two);
      expect(await mailTo(AMAL)).toMatchObject({ state: 'sent' });
      expect(await suppressed()).toEqual([]);
    });

    test('reads a report full of rubbish', async () => {
      await send(await verp(), await fixture('eight-bit-rubbish'));
      expect(await rows()).toEqual([expect.objectContaining({ kind: 'hard bounce', status: '5.1.1' })]);
    });

    test('asks the other server to come back while the mail is on the line', async () => {
      await api.dataSource.query(`UPDATE mails SET state = 'sending' WHERE dialogue_id = $1`, [dialogue.id]);
      await expect(send(await verp(), await fixture('postfix-unknown-user'))).rejects.toMatchObject({
        responseCode: 451,
      });
      expect(await rows()).toEqual([]);
    });

    test('has no other mailbox, and takes nothing that is too large', async () => {
      const raw = await fixture('a-person-writes');
      for (const to of [`secretariat@${DOMAIN}`, 'returns@elsewhere.example', `returns@sub.${DOMAIN}`]) {
        await expect(send(to, raw)).rejects.toMatchObject({ responseCode: 550 });
      }
      await expect(
        send(await verp(), raw + 'x'.repeat(70).concat('\r\n').repeat(20_000)),
      ).rejects.toMatchObject({
        responseCode: 552,
      });
      expect(await rows()).toEqual([]);
    });

    test('answers 451 while the database is away, and takes it in afterwards', async () => {
      await api.dataSource.query('ALTER TABLE mail_returns RENAME TO away');
      const raw = await fixture('postfix-unknown-user');
      await expect(send(await verp(), raw)).rejects.toMatchObject({ responseCode: 451 });
      await api.dataSource.query('ALTER TABLE away RENAME TO mail_returns');
      await send(await verp(), raw);
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed' });
    });
  });

  describe('from a calendar', () => {
    const registered = async (): Promise<string> => {
      const link = await linkOf(api, 'invitation', { dialogueId: dialogue.id, email: AMAL });
      await api.submit(`${link}/acceptance`, answers);
      const [{ id }] = await api.dataSource.query(
        'SELECT id FROM registrations WHERE dialogue_id = $1 AND email = $2',
        [dialogue.id, AMAL],
      );
      return id as string;
    };
    const reply = async (name: string, id: string) =>
      Buffer.from(await fixture(name), 'latin1')
        .toString('latin1')
        .replace(
          /(Content-Transfer-Encoding: base64\r\n\r\n)([\s\S]*?)(\r\n\r\n--REPLY--)/,
          (_, head: string, body: string, tail: string) =>
            head +
            Buffer.from(
              Buffer.from(body, 'base64')
                .toString()
                .replace(/00000000-0000-4000-8000-00000000\r\n 0001/, id),
            ).toString('base64') +
            tail,
        )
        .replace(/00000000-0000-4000-8000-00000000\r\n 0001/, id);
    const asked = () =>
      api.dataSource.query(
        `SELECT recipient, state FROM mails WHERE dialogue_id = $1 AND kind = 'calendar-reply'`,
        [dialogue.id],
      );

    test('asks whoever declined to confirm it, once, and frees no place by itself', async () => {
      const id = await registered();
      const raw = await reply('outlook-declined', id);
      await send(addressOf('calendar', id), raw, AMAL);
      await send(addressOf('calendar', id), raw.replace('10:15:00', '11:15:00'), AMAL);
      expect(await rows()).toMatchObject([
        { kind: 'calendar reply', status: 'DECLINED', registration_id: id, dialogue_id: dialogue.id },
        { kind: 'calendar reply', status: 'DECLINED', registration_id: id },
      ]);
      expect(await asked()).toEqual([{ recipient: AMAL, state: 'queued' }]);
      const [registration] = await api.dataSource.query('SELECT state FROM registrations WHERE id = $1', [
        id,
      ]);
      expect(registration.state).toBe('confirmed');
    });

    test.each(['gmail-accepted', 'apple-tentative'])('only notes any other answer (%s)', async (name) => {
      const id = await registered();
      await send(addressOf('calendar', id), await reply(name, id), AMAL);
      expect(await rows()).toMatchObject([{ kind: 'calendar reply', registration_id: id }]);
      expect(await asked()).toEqual([]);
    });

    test('believes nobody without the secret of the entry that is answered', async () => {
      const id = await registered();
      await send(`returns@${DOMAIN}`, await reply('outlook-declined', id), 'mallory@evil.example');
      // Somebody else's secret, with the UID of this entry.
      const other = '00000000-0000-4000-8000-00000000beef';
      await send(addressOf('calendar', other), await reply('outlook-declined', id), 'mallory@evil.example');
      // The secret of this entry, with the UID of another.
      await send(addressOf('calendar', id), await reply('outlook-declined', other), 'mallory@evil.example');
      expect((await rows()).map(({ kind }) => kind)).toEqual(['other', 'other']);
      expect(await asked()).toEqual([]);
    });
  });

  describe('in a folder', () => {
    const put = async (name: string, raw: string): Promise<void> => {
      const file = join(folder, name);
      await writeFile(file, raw, 'latin1');
      const longAgo = new Date(Date.now() - 60_000);
      await utimes(file, longAgo, longAgo);
    };
    const settled = async (): Promise<void> => {
      while ((await readdir(folder)).some((name) => name.endsWith('.eml'))) await pause(50);
    };
    beforeEach(() => mkdir(folder, { recursive: true }));

    test('reads each file, by the address that the mail server noted, and moves it away', async () => {
      const raw = await fixture('exim-unrouteable');
      await put('1.eml', `Delivered-To: ${await verp()}\r\n${raw}`);
      await put('2.eml', raw);
      await put('3.eml', `X-Original-To: <${await verp('person.2@ministry.example')}>\r\n${raw}`);
      await put('notes.txt', 'Nothing for us.');
      await settled();
      expect(await readdir(join(folder, 'read'))).toEqual(['1.eml', '2.eml', '3.eml']);
      expect(await readdir(folder)).toEqual(['notes.txt', 'read', 'unreadable']);
      expect(await suppressed()).toEqual([AMAL]);
      expect(await rows()).toMatchObject([
        { kind: 'hard bounce', mail_id: (await mailTo(AMAL)).id },
        { kind: 'hard bounce' },
      ]);
    });

    test('puts aside what is too large, and what is no file: a pipe would be read for ever', async () => {
      await put('huge.eml', 'x'.repeat(1_100_000));
      await promisify(execFile)('mkfifo', [join(folder, 'pipe.eml')]);
      await symlink('/dev/zero', join(folder, 'zero.eml'));
      await settled();
      expect(await readdir(join(folder, 'unreadable'))).toEqual(['huge.eml', 'pipe.eml', 'zero.eml']);
    });

    test('reads what another clock dates into the future', async () => {
      await put('ahead.eml', `Delivered-To: ${await verp()}\r\n${await fixture('exim-unrouteable')}`);
      const ahead = new Date(Date.now() + 7_200_000);
      await utimes(join(folder, 'ahead.eml'), ahead, ahead);
      await settled();
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed' });
    });

    test('leaves a file for later while its mail is on the line', async () => {
      await api.dataSource.query(`UPDATE mails SET state = 'sending' WHERE dialogue_id = $1`, [dialogue.id]);
      await put('late.eml', `Delivered-To: ${await verp()}\r\n${await fixture('exim-unrouteable')}`);
      await pause(700);
      expect(await readdir(folder)).toContain('late.eml');
      await api.dataSource.query(`UPDATE mails SET state = 'sent' WHERE dialogue_id = $1`, [dialogue.id]);
      await settled();
      expect(await mailTo(AMAL)).toMatchObject({ state: 'failed' });
    });
  });

  test('tells whoever manages the dialogue, in one mail, and nobody else', async () => {
    const { ReturnsTeller } = require('@app/notifications') as typeof import('@app/notifications');
    const { UnitOfWork } = require('@app/mail') as typeof import('@app/mail');
    const { Environment } = require('@app/platform') as typeof import('@app/platform');
    const viewer = await api.newOrganiser();
    await api.dataSource.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles) VALUES ($1, $2, 'Viewer', '{viewer}')`,
      [dialogue.id, viewer.id],
    );
    await send(await verp(), await fixture('qmail-no-mailbox'));
    const expired = (await fixture('postfix-expired')).replaceAll(AMAL, 'person.2@ministry.example');
    await send(await verp('person.2@ministry.example'), expired);
    const teller = new ReturnsTeller(api.app.get(UnitOfWork), api.app.get(Environment));
    expect(await Promise.all([teller.tell(), teller.tell()]).then(([one, two]) => one + two)).toBe(1);
    expect(await teller.tell()).toBe(0);
    // What was to go again, and came to the end of its use before.
    await api.dataSource.query(`UPDATE mails SET state = 'missed' WHERE state = 'deferred'`);
    expect(await teller.tell()).toBe(1);
    const told = await api.dataSource.query(
      `SELECT recipient, dialogue_id, parameters FROM mails WHERE kind = 'undelivered' ORDER BY id`,
    );
    const ids: { id: string }[] = await api.dataSource.query('SELECT id FROM mail_returns ORDER BY id');
    expect(told).toEqual(
      ids.map(({ id }) => ({
        recipient: api.organiser.email,
        dialogue_id: dialogue.id,
        parameters: { first: id, last: id },
      })),
    );
  });

  test('is forgotten with the data of its reader', async () => {
    const { eraseData } =
      require('../../libs/participants/src/privacy/erase-data') as typeof import('../../libs/participants/src/privacy/erase-data');
    await send(await verp(), await fixture('postfix-unknown-user'));
    await api.dataSource.transaction((manager) => eraseData(manager, { dialogueId: dialogue.id }));
    expect(await rows()).toMatchObject([{ kind: 'hard bounce', status: '5.1.1', diagnostic: null }]);
    expect(await suppressed()).toEqual([]);
    // What comes back after it says nothing of them either.
    await send(await verp(''), await fixture('exim-unrouteable'));
    await send(await verp(''), await fixture('gmail-mailbox-full'));
    expect((await rows()).map(({ diagnostic }) => diagnostic)).toEqual([null, null, null]);
    expect(await suppressed()).toEqual([]);
    const left = await api.dataSource.query('SELECT answer FROM mails WHERE dialogue_id = $1', [dialogue.id]);
    expect(JSON.stringify(left)).not.toContain(AMAL);
  });

  test('refuses to start without anything to read', async () => {
    const { RETURNS_PORT, RETURNS_FOLDER } = process.env;
    const { createReturns } =
      require('../../apps/returns/src/create-returns') as typeof import('../../apps/returns/src/create-returns');
    delete process.env.RETURNS_PORT;
    delete process.env.RETURNS_FOLDER;
    await expect(createReturns()).rejects.toThrow(/^Set RETURNS_PORT .* RETURNS_FOLDER/);
    process.env.RETURNS_FOLDER = join(folder, 'nowhere');
    await expect(createReturns()).rejects.toThrow(
      /RETURNS_FOLDER .*nowhere can't be read and written to \(ENOENT\)/,
    );
    Object.assign(process.env, { RETURNS_PORT, RETURNS_FOLDER });
  });
});
