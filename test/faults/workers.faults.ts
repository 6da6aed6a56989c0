import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTIONS } from '../support/world';
import { allHeldBack, holdAt, queueing, whileQueued } from './helpers';
import { until } from '../support/until';
import { BOTH, type Fault } from './fault';

/** A process that gets SIGTERM has so long to end. */
const DRAIN_SECONDS = 10;

export const workerFaults: Fault[] = [
  {
    name: 'kill -9 of a worker before DATA',
    story:
      'Every connection waits for the answer to RCPT TO when one worker dies; the other takes over what that had claimed.',
    backends: BOTH,
    inShort: true,
    mayDouble: 0,
    async strike({ world, workers: [first] }) {
      await allHeldBack(world);
      first!.kill();
      await first!.exited;
    },
  },
  {
    name: 'kill -9 between the final dot and the commit',
    story:
      'The server has every mail that is on the line, and its 250 is on the way, when one worker dies: at most one mail an open connection comes twice, under the same Message-ID and marked uncertain.',
    backends: BOTH,
    inShort: true,
    mayDouble: CONNECTIONS,
    async strike({ world, workers: [first], letGo }) {
      const held = holdAt(world, 'received');
      letGo();
      await until(() => held.count() === 2 * CONNECTIONS);
      first!.kill();
      await first!.exited;
      held.release();
    },
  },
  {
    name: 'kill -9 of an API while it queues invitations',
    story:
      'The API dies inside the one INSERT that queues all invitations: none is queued. Asked again, the other API queues each once.',
    backends: BOTH,
    mayDouble: 0,
    mayAnswer: [0],
    prepare: async (world, mails) => ({ dialogue: await world.prepareInvitations(mails), queued: 0 }),
    async strike({ world, apis: [first, second], dialogue, mails, owe }) {
      const path = `/v1/dialogues/${dialogue.id}/invitations`;
      let status = 0;
      const [{ key }] = await world.database.query(
        `SELECT 'invitation:' || id || ':' || link_generation AS key FROM invitations ORDER BY created_at DESC, id LIMIT 1`,
      );
      await whileQueued(world, key, async () => {
        const asked = world.ask(first!, 'POST', path, { to: 'prepared' });
        await until(async () => (await queueing(world, 'invitation')).includes('api-0'));
        first!.kill();
        ({ status } = await asked);
      });
      const again = await world.ask<{ queued: number }>(second!, 'POST', path, { to: 'prepared' });
      owe(mails);
      if (again.body.queued !== mails)
        throw new Error(`asked again, ${again.body.queued} were queued and not ${mails}`);
      return `the first answer was ${status || 'none'}; asked again, ${again.body.queued} were queued`;
    },
  },
  {
    name: 'kill -9 of an API right after it queued invitations',
    story:
      'The API dies as soon as its INSERT is visible, before or while it tells the queue: the sweep finds all of them. Asked again, the other API queues none twice.',
    backends: BOTH,
    mayDouble: 0,
    mayAnswer: [0],
    prepare: async (world, mails) => ({ dialogue: await world.prepareInvitations(mails), queued: 0 }),
    async strike({ world, apis: [first, second], dialogue, mails, owe }) {
      const path = `/v1/dialogues/${dialogue.id}/invitations`;
      const session = await world.session();
      const asked = world.ask(first!, 'POST', path, { to: 'prepared' });
      let answered = false;
      void asked.then(() => (answered = true));
      for (;;) {
        // Asked after it was answered, the row must be there.
        const last = answered;
        const { rowCount } = await session.query(`SELECT FROM mails WHERE kind = 'invitation' LIMIT 1`);
        if (rowCount) break;
        if (last) throw new Error(`the API answered ${(await asked).status} and queued nothing`);
      }
      first!.kill();
      const { status } = await asked;
      await session.end();
      const again = await world.ask<{ queued: number }>(second!, 'POST', path, { to: 'prepared' });
      owe(mails);
      if (again.body.queued !== 0) throw new Error(`asked again, ${again.body.queued} were queued once more`);
      return `the first answer was ${status || 'none'}; asked again, none was queued`;
    },
  },
  {
    name: 'kill -9 of a worker while it plans reminders',
    story:
      'A reminder is owed to everyone; the worker that plans it dies inside its INSERT. The other plans it, each once.',
    backends: BOTH,
    mayDouble: 0,
    prepare: async (world, mails) => ({ dialogue: await world.dialogue(mails), queued: 0 }),
    async strike({ world, workers, dialogue, mails, owe }) {
      owe(mails);
      const [{ key }] = await world.database.query(
        `SELECT 'reminder:' || id || ':1:1:PT1H' AS key FROM registrations ORDER BY created_at DESC, id LIMIT 1`,
      );
      await whileQueued(world, key, async () => {
        await world.remind(dialogue.id);
        let planning: string | undefined;
        await until(async () => (planning = (await queueing(world, 'reminder'))[0]) !== undefined);
        const planner = workers[Number(planning!.split('-')[1])]!;
        planner.kill();
        await planner.exited;
      });
      await until(async () => {
        const [{ count }] = await world.database.query(
          `SELECT count(*)::int FROM mails WHERE kind = 'reminder'`,
        );
        return count === mails;
      });
    },
  },
  {
    name: 'SIGTERM during a mailing',
    story:
      'Both workers and one API are told to end. The workers finish what is on the line, give back the rest and exit with 0 in time; new ones go on.',
    backends: BOTH,
    mayDouble: 0,
    mayAnswer: [0, 503],
    async strike({ world, workers, apis, letGo }) {
      letGo();
      const started = performance.now();
      for (const program of [...workers, apis[0]!]) program.child.kill('SIGTERM');
      const ended = Promise.all([...workers, apis[0]!].map(({ exited }) => exited));
      const late = sleep(DRAIN_SECONDS * 1_000, null, { ref: false });
      const codes = await Promise.race([ended, late]);
      const milliseconds = Math.round(performance.now() - started);
      const [{ left }] = await world.database.query(
        `SELECT count(*)::int AS left FROM mails WHERE state = 'sending' OR claimed_by IS NOT NULL`,
      );
      await Promise.all([world.start('worker'), world.start('worker')]);
      if (!codes) throw new Error(`they had not ended after ${DRAIN_SECONDS} s`);
      // An API closes and then ends by the signal itself, as Nest does it.
      const [first, second] = codes;
      if (first !== 0 || second !== 0) throw new Error(`the workers ended with ${first} and ${second}`);
      if (left > 0) throw new Error(`${left} mails were left claimed`);
      return `all ended within ${milliseconds} ms, no mail was left in their hands`;
    },
  },
];
