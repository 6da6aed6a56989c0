import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTIONS, type World } from '../support/world';
import { BOTH, type Fault } from './fault';
import { logged, mailingSettled, refuseLast } from './helpers';
import { until } from '../support/until';
import { registerSeveral } from './visitors';

/** People whose mailbox does not exist any more. */
const UNKNOWN = 20;

export const smtpFaults: Fault[] = [
  {
    name: 'the mail server gone',
    story: 'Every line breaks, perhaps after the final dot, and nobody answers for a while.',
    backends: BOTH,
    inShort: true,
    mayDouble: 2 * CONNECTIONS,
    async strike({ world, letGo, seconds }) {
      letGo();
      await world.mailbox.goAway();
      await sleep(seconds(20, 5) * 1_000);
      await world.mailbox.comeBack();
    },
  },
  {
    name: '421: the server takes nothing now',
    story: 'Every transaction is answered 421 for a while, on old connections and new ones.',
    backends: BOTH,
    mayDouble: 0,
    async strike({ world, letGo, seconds }) {
      world.mailbox.behave(({ stage }) =>
        stage === 'connect' || stage === 'mail' ? { reply: 421, text: '4.3.2 shutting down' } : undefined,
      );
      letGo();
      await sleep(seconds(15, 5) * 1_000);
      world.mailbox.behave();
    },
  },
  {
    name: '450: greylisting',
    story: 'The first attempt for each recipient is refused with 450, as by a server that greylists.',
    backends: BOTH,
    mayDouble: 0,
    async strike({ world, letGo }) {
      const known = new Set<string>();
      let refused = 0;
      world.mailbox.behave(({ stage, to }) => {
        const recipient = to.at(-1);
        if (stage !== 'recipient' || known.has(recipient!)) return;
        known.add(recipient!);
        refused++;
        return { reply: 450, text: '4.2.0 greylisted, come back in a minute' };
      });
      letGo();
      await mailingSettled(world, 180);
      return `${refused} first attempts were refused`;
    },
  },
  {
    name: '452: the server has no room',
    story: 'After the final dot the server says 452 for a while: it has taken nothing.',
    backends: BOTH,
    mayDouble: 0,
    async strike({ world, letGo, seconds }) {
      world.mailbox.behave(({ stage }) =>
        stage === 'received' ? { reply: 452, text: '4.3.1 insufficient system storage' } : undefined,
      );
      letGo();
      await sleep(seconds(15, 5) * 1_000);
      world.mailbox.behave();
    },
  },
  {
    name: '535: the sign-in is refused',
    story:
      'The password is wrong for a while: one alarm over both workers, no mail fails, and all go once the sign-in works again.',
    backends: BOTH,
    mayDouble: 2 * CONNECTIONS,
    settings: (program, _, world) =>
      program === 'worker'
        ? { environment: { SMTP_URL: world.mailbox.url.replace('//', '//plenary:password@') } }
        : {},
    async strike({ world, workers, letGo, seconds }) {
      let tried = 0;
      world.mailbox.behave(({ stage }) => {
        if (stage !== 'sign-in') return;
        tried++;
        return { reply: 535, text: '5.7.8 authentication credentials invalid' };
      });
      letGo();
      await world.mailbox.goAway();
      await world.mailbox.comeBack();
      await sleep(seconds(20, 8) * 1_000);
      const [{ failed }] = await world.database.query(
        `SELECT count(*)::int AS failed FROM mails WHERE state = 'failed'`,
      );
      world.mailbox.behave();
      if (failed > 0) throw new Error(`${failed} mails failed for a password`);
      const alarms = logged(workers, 50);
      if (alarms.length !== 1)
        throw new Error(
          `${alarms.length} alarms and not one: ${alarms
            .slice(0, 3)
            .map(({ msg }) => msg)
            .join('; ')}`,
        );
      return `${tried} sign-ins were tried, one alarm: “${alarms[0]!.msg}”`;
    },
  },
  {
    name: '550 5.1.1: no such mailbox',
    story:
      'Some recipients do not exist: their mails fail at once, their addresses are written to no more, the organiser is told, and nobody else notices.',
    backends: BOTH,
    mayDouble: 0,
    ends: { confirmation: ['sent', 'failed'] },
    settings: () => ({ environment: { CHANGE_GATHERING_SECONDS: '1' } }),
    async strike(scene) {
      const { world, letGo, owe } = scene;
      const unknown = await refuseLast(scene, UNKNOWN, { reply: 550, text: '5.1.1 user unknown' });
      letGo();
      await mailingSettled(world, 120);
      const [{ failed }] = await world.database.query(
        `SELECT count(*)::int AS failed FROM mails WHERE state = 'failed'`,
      );
      if (failed !== UNKNOWN) throw new Error(`${failed} mails failed and not ${UNKNOWN}`);
      const [{ suppressed }] = await world.database.query(
        `SELECT count(*)::int AS suppressed FROM address_suppressions WHERE email_key = ANY($1)`,
        [[...unknown]],
      );
      if (suppressed !== UNKNOWN)
        throw new Error(`${suppressed} addresses are suppressed and not ${UNKNOWN}`);
      await until(async () => {
        const [{ untold }] = await world.database.query(
          'SELECT count(*)::int AS untold FROM mail_returns WHERE told_at IS NULL',
        );
        return untold === 0;
      });
      await mailingSettled(world, 60);
      const told = world.mailbox.to('organiser@agency.example').length;
      if (told === 0) throw new Error('the organiser was not told');
      owe(told);
      return `${failed} failed, as many addresses are suppressed, the organiser was told in ${told} mail(s)`;
    },
  },
  {
    name: '552: too large',
    story: 'The server refuses what has attachments as too large: every mail goes again without them.',
    backends: BOTH,
    mayDouble: 0,
    async strike({ world, letGo }) {
      const before = world.mailbox.mails.length;
      world.mailbox.behave(({ stage, raw }) =>
        stage === 'received' && raw!.includes('text/calendar')
          ? { reply: 552, text: '5.3.4 message too big' }
          : undefined,
      );
      letGo();
      await mailingSettled(world, 180);
      const [{ without }] = await world.database.query(
        `SELECT count(*)::int AS without FROM mails WHERE without_attachments AND state = 'sent' AND kind = 'confirmation'`,
      );
      const expected = world.mailbox.mails
        .slice(before)
        .filter(({ to }) => to[0]!.startsWith('delegate')).length;
      if (without !== expected) throw new Error(`${without} went without attachments and not ${expected}`);
      return `${without} went without their calendar entry`;
    },
  },
  {
    name: 'connection cut after the dot',
    story:
      'The server has a mail and the line breaks before it can say so, once on each open connection: those come twice, under the same Message-ID and marked uncertain.',
    backends: BOTH,
    mayDouble: 2 * CONNECTIONS,
    async strike({ world, letGo }) {
      let cuts = 0;
      world.mailbox.behave(({ stage }) =>
        stage === 'received' && cuts++ < 2 * CONNECTIONS ? { cut: true } : undefined,
      );
      letGo();
      await until(() => cuts >= 2 * CONNECTIONS);
    },
  },
  {
    name: 'a server that answers in 20 s',
    story:
      'Every 250 takes 20 seconds (RFC 5321 allows ten minutes). Nobody is taken for dead, nothing is sent twice, and registering is as quick as ever.',
    backends: BOTH,
    mails: 40,
    mayDouble: 0,
    async strike({ world, apis: [api], dialogue, mails, letGo, owe, seconds }) {
      world.mailbox.behave(({ stage, to }) =>
        stage === 'received' && to[0]!.startsWith('delegate')
          ? { waitMs: seconds(20, 6) * 1_000 }
          : undefined,
      );
      letGo();
      const took = await registerSeveral(world, api!, dialogue.slug, 'slow', 20);
      owe(20);
      // To wait for the server would take each of them many seconds.
      if (took > 2_000) throw new Error(`registering took ${took} ms while the server was slow`);
      await mailingSettled(world, (mails / CONNECTIONS) * 20 + 60);
      const [{ attempts }] = await world.database.query(`SELECT max(attempts) AS attempts FROM mails`);
      if (attempts !== 1) throw new Error(`some mail was tried ${attempts} times`);
      return `registering took ${took} ms (median); no mail was tried twice`;
    },
  },
  {
    name: 'one domain of the recipients down',
    story:
      'A third of the recipients cannot be reached (451). The other two thirds go through while it lasts; theirs wait and go when it is over.',
    backends: BOTH,
    mayDouble: 0,
    prepare: async (world, mails) => ({
      dialogue: await world.queueConfirmations(mails, null, {
        domains: ['world.example', 'away.example', 'mission.example'],
      }),
      queued: mails,
    }),
    async strike({ world, letGo }) {
      let refused = 0;
      world.mailbox.behave(({ stage, to }) => {
        if (stage !== 'recipient' || !to.at(-1)!.endsWith('@away.example')) return;
        refused++;
        return { reply: 451, text: '4.4.1 no answer from host' };
      });
      const started = performance.now();
      letGo();
      await until(
        async () => (await left(world, 'world.example')) + (await left(world, 'mission.example')) === 0,
      );
      const milliseconds = Math.round(performance.now() - started);
      const waiting = await left(world, 'away.example');
      world.mailbox.behave();
      if (waiting === 0) throw new Error('none waited for the domain that was down');
      return `the others were through in ${(milliseconds / 1_000).toFixed(1)} s, while ${waiting} waited; ${refused} attempts were refused`;
    },
  },
];

/** How many mails to a domain have no end yet. */
async function left(world: World, domain: string): Promise<number> {
  const [{ count }] = await world.database.query(
    `SELECT count(*)::int FROM mails WHERE state IN ('queued', 'sending', 'deferred') AND recipient LIKE '%@' || $1`,
    [domain],
  );
  return count as number;
}
