import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresBackend, createRedisBackend, Queue } from 'bullmq';
import { MAIL_QUEUE, RECURRING_QUEUE } from '@app/mail';
import type { World } from '../support/world';
import { BOTH, type Fault } from './fault';
import { refuseLast } from './helpers';
import { until } from '../support/until';
import { registerSeveral } from './visitors';

/** People who register after a backup was restored. */
const NEWCOMERS = 5;

export const queueFaults: Fault[] = [
  {
    name: 'two planners at once',
    story:
      'A reminder is owed to everyone, and both workers plan it several times a second under job names of their own: each person is reminded once.',
    backends: BOTH,
    mayDouble: 0,
    // Turns of unequal length have unequal numbers, so no job of one is taken for a job of the other.
    settings: (program, index) =>
      program === 'worker' ? { environment: { SWEEP_SECONDS: ['0.2', '0.3'][index]! } } : {},
    prepare: async (world, mails) => ({ dialogue: await world.dialogue(mails), queued: 0 }),
    async strike({ world, dialogue, mails, letGo, owe }) {
      await world.remind(dialogue.id);
      letGo();
      owe(mails);
      await world.mailbox.waitFor(mails, 120_000);
      // The rule is looked at again and again for a minute after it fell due.
      await sleep(3_000);
    },
  },
  {
    name: 'poison',
    story:
      'Jobs with rubbish in them, and rows of the ledger that cannot be written: those are put off and at last recorded as missed; whatever else waits in the same pages goes.',
    backends: BOTH,
    mayDouble: 0,
    ends: { nonsense: ['missed'], 'registration-link': ['missed'] },
    async strike({ world, dialogue, letGo, owe }) {
      await world.database.query(
        `WITH unwritable AS (
           INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
             participation_count, confirmed_at)
           SELECT $1, 'Poison ' || n, 'poison ' || n, 'poison@world.example', 'poison@world.example', 'en',
             'Nowhere/Atlantis', 'confirmed', 1, now() FROM generate_series(1, 10) AS n RETURNING id)
         INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, useful_until)
         SELECT kind, $1, id, 'poison@world.example', 'en', 'poison:' || kind || ':' || id, now() + interval '20 seconds'
         FROM unwritable, unnest(ARRAY['nonsense', 'registration-link']) AS kind`,
        [dialogue.id],
      );
      owe(20);
      await addRubbish(world);
      letGo();
      await until(async () => {
        const [{ left }] = await world.database.query(
          `SELECT count(*)::int AS left FROM mails WHERE kind = 'confirmation' AND state <> 'sent'`,
        );
        return left === 0;
      });
      const [{ tried }] = await world.database.query(
        `SELECT count(*)::int AS tried FROM mails WHERE kind IN ('nonsense', 'registration-link') AND state IN ('deferred', 'missed')`,
      );
      return `all else was through while ${tried} of 20 rows that cannot be written waited`;
    },
  },
  {
    name: 'a restored backup of yesterday',
    story:
      'The database is put back to where it was before most mails went; a quarter was never sent, and the others had been held and released before. With MAIL_HOLD nothing goes, nor what is caused anew, until the organiser releases by kind what is new, and by age what was never sent. What went after the backup stays held, and comes once.',
    backends: BOTH,
    mayDouble: 0,
    // What is registered after the backup is forgotten with it.
    visitors: false,
    ends: { confirmation: ['sent', 'held'] },
    async strike(scene) {
      const { world, apis, workers, dialogue, mails, letGo, owe, seconds } = scene;
      const neverSent = await refuseLast(scene, Math.ceil(mails / 4), { reply: 450, text: '4.2.0 later' });
      await world.database.query(
        `UPDATE mails SET created_at = now() - interval '1 day', released_at = now() - interval '1 hour'
         WHERE recipient <> ALL($1)`,
        [[...neverSent]],
      );
      const putBack = await world.backUp();
      letGo();
      const sent = mails - neverSent.size;
      await world.mailbox.waitFor(sent, 120_000);
      await Promise.all([...apis, ...workers].map((program) => program.stop()));
      const doubledBefore = world.mailbox.mails.length - sent;

      await world.postgres.stop();
      await putBack();
      await world.postgres.start();
      world.mailbox.behave();
      const held = { MAIL_HOLD: new Date().toISOString() };
      const [api] = await Promise.all(
        (['api', 'api', 'worker', 'worker'] as const).map((name) => world.start(name, held)),
      );
      await registerSeveral(world, api!, dialogue.slug, 'after', NEWCOMERS);
      owe(NEWCOMERS);
      await world.settled(60);
      await sleep(seconds(10, 3) * 1_000);
      const cameWhileHeld = world.mailbox.mails.length - sent - doubledBefore;
      if (cameWhileHeld > 0) throw new Error(`${cameWhileHeld} mails came while everything was held`);

      const release = async (which: object): Promise<void> => {
        const { status } = await world.ask(api!, 'POST', `/v1/dialogues/${dialogue.id}/mail-releases`, which);
        if (status !== 200) throw new Error(`releasing ${JSON.stringify(which)} answered ${status}`);
      };
      await release({ kind: 'address-confirmation' });
      await release({ queued_after: new Date(Date.now() - 12 * 3_600_000).toISOString() });
      await world.mailbox.waitFor(sent + doubledBefore + neverSent.size + NEWCOMERS, 120_000);
      return `${sent} mails had gone by the crash, ${neverSent.size} never; nothing went while held`;
    },
  },
];

async function addRubbish(world: World): Promise<void> {
  for (const name of [MAIL_QUEUE, RECURRING_QUEUE]) {
    const queue = world.redis
      ? new Queue(name, { connection: { url: world.redis.url }, prefix: '{plenary}' }, createRedisBackend)
      : new Queue(
          name,
          { connection: { connectionString: world.postgres.url, schema: 'bullmq', max: 1 } },
          createPostgresBackend,
        );
    const rubbish = [
      {},
      { ids: 'all of them' },
      { ids: ['1; DROP TABLE mails', null] },
      { ids: { $gt: 0 } },
      7,
    ];
    await queue.addBulk(rubbish.map((data) => ({ name: 'nonsense', data, opts: { removeOnFail: true } })));
    await queue.close();
  }
}
