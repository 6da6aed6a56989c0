import { redisServer } from '../support/redis';
import { World } from '../support/world';
import { MailSink } from './mail-sink';
import type { Bench, Round } from './measure';

const REMINDERS = 2_000;
const CONNECTIONS = 20;
/** What a reminder may be late. */
const PATIENCE_SECONDS = 30;

/** How late reminders leave that are all due at one instant. */
export const punctual: Bench = {
  name: 'punctual',
  async run({ rounds: times }) {
    const world = await World.create(redisServer() ? 'redis' : 'postgres');
    const sink = await MailSink.start();
    try {
      await world.start('worker', {
        SMTP_URL: sink.url,
        SMTP_CONNECTIONS: String(CONNECTIONS),
        SWEEP_SECONDS: '5',
      });
      const rounds: Round[] = [];
      let last = 0;
      for (let number = 1; number <= times; number++) {
        const { id } = await world.dialogue(REMINDERS, { startsIn: '1 day' });
        await world.remind(id, '3 seconds');
        const [rule]: { dueAt: Date }[] = await world.database.query(
          `SELECT due_at AS "dueAt" FROM reminder_rules WHERE dialogue_id = $1`,
          [id],
        );
        const taken = await sink.took(REMINDERS);
        const late = taken.times
          .map((time) => (time - rule!.dueAt.getTime()) / 1_000)
          .toSorted((a, b) => a - b);
        if (late[0]! < 0) throw new Error('a reminder left before it was due');
        const p99 = late[Math.ceil(late.length * 0.99) - 1]!;
        last = Math.max(last, late.at(-1)!);
        console.log(`  round ${number}: p99 ${p99.toFixed(1)} s, the last ${late.at(-1)!.toFixed(1)} s`);
        rounds.push({ ours: p99, limit: PATIENCE_SECONDS });
      }
      return [
        {
          ours: `how late 99 % of ${REMINDERS} reminders have left that are due at one instant, one worker that sweeps every five seconds`,
          limit: 'how late they may be',
          unit: 's',
          goal: 1,
          atMost: true,
          rounds,
          notes: [`The last of all rounds left ${last.toFixed(1)} s late.`],
        },
      ];
    } finally {
      await world.close();
      sink.stop();
    }
  },
};
