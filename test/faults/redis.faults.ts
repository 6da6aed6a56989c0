import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { BOTH, type Fault } from './fault';
import { registerSeveral } from './visitors';

export const redisFaults: Fault[] = [
  {
    name: 'queue emptied (FLUSHALL; on PostgreSQL its jobs deleted)',
    story: 'Everything that the queue holds is gone while it is worked on; the sweep finds what is due.',
    backends: BOTH,
    inShort: true,
    mayDouble: 0,
    async strike({ world, letGo }) {
      letGo();
      if (world.redis) {
        const redis = new Redis(world.redis.url);
        await redis.flushall();
        redis.disconnect();
      } else {
        await world.database.query('DELETE FROM bullmq.job');
      }
    },
  },
  {
    name: 'Redis restarted empty',
    story: 'Redis is killed and comes back with nothing, as it keeps nothing on disk.',
    backends: ['redis'],
    mayDouble: 0,
    async strike({ world, letGo }) {
      letGo();
      await world.redis!.stop();
      await sleep(1_000);
      await world.redis!.start();
    },
  },
  {
    name: 'Redis gone for 30 s',
    story:
      'Registering answers 201 without Redis, no slower than ten times what it took before it went (medians; at least 1 s).',
    backends: ['redis'],
    inShort: true,
    mayDouble: 0,
    async strike({ world, apis: [api], dialogue, letGo, seconds, judgesTime, owe }) {
      letGo();
      const before = await registerSeveral(world, api!, dialogue.slug, 'before', 10);
      await world.redis!.stop();
      // Redis comes back only after all of them have their answer, so none can have waited for it.
      const [during] = await Promise.all([
        registerSeveral(world, api!, dialogue.slug, 'during', 20),
        sleep(seconds(30, 8) * 1_000),
      ]);
      owe(30);
      await world.redis!.start();
      if (judgesTime && during > Math.max(10 * before, 1_000))
        throw new Error(`registering took ${during} ms while it was away, ${before} ms before`);
      return `registering answered 201 in ${during} ms while it was away, in ${before} ms before (medians)`;
    },
  },
];
