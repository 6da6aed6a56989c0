import { setTimeout as sleep } from 'node:timers/promises';
import type { MailState } from '@app/mail';
import type { Program, World } from '../support/world';
import { BOTH, type Fault, type Scene } from './fault';
import { byReader, calendarOf } from './helpers';
import { until } from '../support/until';

/** The dialogue is changed on the first API, and told of after a second of quiet. */
const settings: Fault['settings'] = () => ({ environment: { CHANGE_GATHERING_SECONDS: '1' } });
const SENT_OR_STALE: MailState[] = ['sent', 'stale'];
/** What was written before the change waits in the hands of both workers for so long. */
const HELD_BACK_SECONDS = 4;

export const dialogueFaults: Fault[] = [
  {
    name: 'dialogue moved while its mails wait',
    story:
      'It is moved by a day while nine confirmations in ten wait for the server. Whoever is told the old time is told the new one after it, and the last entry that anybody gets is the one with the new time.',
    backends: BOTH,
    mayDouble: 0,
    settings,
    ends: { confirmation: SENT_OR_STALE, change: SENT_OR_STALE },
    async strike(scene) {
      const { world, apis, dialogue, mails, letGo, owe } = scene;
      const [now] = await world.database.query(
        `SELECT to_char(starts_at + interval '1 day', 'YYYY-MM-DD"T"HH24:MI') AS start,
           to_char(ends_at + interval '1 day', 'YYYY-MM-DD"T"HH24:MI') AS end FROM dialogues WHERE id = $1`,
        [dialogue.id],
      );
      await change(world, apis[0]!, 'PATCH', `/v1/dialogues/${dialogue.id}`, {
        starts_at_local: now.start,
        ends_at_local: now.end,
      });
      await queued(world, 'change', mails);
      owe(mails);
      await sleep(HELD_BACK_SECONDS * 1_000);
      letGo();
    },
    async afterwards({ world, dialogue, mails }) {
      const [{ start }] = await world.database.query(
        `SELECT to_char(starts_at, 'YYYYMMDD"T"HH24MI') AS start FROM dialogues WHERE id = $1`,
        [dialogue.id],
      );
      let wrong = 0;
      let toldTwice = 0;
      for (const entries of await entriesOfDelegates(world, mails)) {
        if (!entries.at(-1)?.start?.startsWith(start as string)) wrong++;
        if (entries.some((entry) => !entry.start!.startsWith(start as string))) toldTwice++;
      }
      if (wrong > 0) throw new Error(`${wrong} people were told the old time last`);
      return `${toldTwice} people had been told the old time and were told the new one after it`;
    },
  },
  {
    name: 'dialogue cancelled while its mails wait',
    story:
      'It is cancelled while nine confirmations in ten wait for the server: those are recorded as stale, and everyone gets the cancellation and nothing after it.',
    backends: BOTH,
    mayDouble: 0,
    mayAnswer: [409],
    settings,
    ends: { confirmation: SENT_OR_STALE, 'address-confirmation': SENT_OR_STALE },
    async strike({ world, apis, dialogue, mails, letGo, owe }) {
      await change(world, apis[0]!, 'POST', `/v1/dialogues/${dialogue.id}/cancellation`, {
        reason: 'The room is needed for the Security Council.',
      });
      await queued(world, 'cancellation', mails);
      owe(mails);
      await sleep(HELD_BACK_SECONDS * 1_000);
      letGo();
    },
    async afterwards({ world, mails }) {
      const entries = await entriesOfDelegates(world, mails);
      const wrong = entries.filter((those) => those.at(-1)?.method !== 'CANCEL').length;
      if (wrong > 0) throw new Error(`for ${wrong} people the cancellation is missing or not the last`);
      return staleOf(world, 'confirmation');
    },
  },
  {
    name: 'participants withdrawn while their mail waits',
    story:
      'Fifty people withdraw by their personal link while their confirmation waits for the server: it is recorded as stale, and they get the mail that tells of the withdrawal.',
    backends: BOTH,
    mayDouble: 0,
    ends: { confirmation: SENT_OR_STALE },
    async strike({ world, apis, mails, letGo, owe }) {
      for (const [index, { id }] of (await leaving(world, mails)).entries()) {
        const path = `${world.registrationLink(id)}/withdrawal`;
        const { status } = await world.ask(apis[index % 2]!, 'POST', path, undefined, { authorization: '' });
        if (status !== 303) throw new Error(`the page answered ${status} to a withdrawal`);
        owe(1);
      }
      await sleep(HELD_BACK_SECONDS * 1_000);
      letGo();
    },
    async afterwards({ world, mails }) {
      const mailsOf = byReader(world);
      for (const { email } of await leaving(world, mails)) {
        const last = mailsOf.get(email)?.at(-1);
        if (!last || (await calendarOf(last))?.method !== 'CANCEL')
          throw new Error(`the last mail to ${email} does not take the entry out of the calendar`);
      }
      return staleOf(world, 'confirmation');
    },
  },
];

async function change(world: World, api: Program, method: string, path: string, body: object): Promise<void> {
  const { status, body: answer } = await world.ask(api, method, path, body);
  if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
}

async function queued(world: World, kind: string, count: number): Promise<void> {
  await until(async () => {
    const [row] = await world.database.query(`SELECT count(*)::int FROM mails WHERE kind = $1`, [kind]);
    return row.count === count;
  });
}

/** The last to be mailed. */
function leaving(world: Scene['world'], mails: number): Promise<{ id: string; email: string }[]> {
  return world.database.query(`SELECT id, email FROM registrations WHERE name = ANY($1) ORDER BY email`, [
    Array.from({ length: 50 }, (_, n) => `Delegate ${mails - n}`),
  ]);
}

/** What each delegate's mails did to their calendar, in the order in which they came. */
async function entriesOfDelegates(world: World, mails: number) {
  const mailsOf = byReader(world);
  return Promise.all(
    Array.from({ length: mails }, async (_, n) => {
      const entries = await Promise.all(
        (mailsOf.get(`delegate${n + 1}@world.example`) ?? []).map(calendarOf),
      );
      return entries.filter((entry) => entry !== null);
    }),
  );
}

async function staleOf(world: World, kind: string): Promise<string> {
  const [{ stale }] = await world.database.query(
    `SELECT count(*)::int AS stale FROM mails WHERE kind = $1 AND state = 'stale'`,
    [kind],
  );
  if (stale === 0) throw new Error('no mail was recorded as stale');
  return `${stale} confirmations were recorded as stale`;
}
