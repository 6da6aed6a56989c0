import { redisServer } from '../support/redis';
import { portOf, World } from '../support/world';
import { acceptAll, hotDialogue } from './hot-dialogue';
import { alternate, type Bench } from './measure';
import { Load } from './processes';

const THERE = 100_000;
const THERE_IN_SHORT = 20_000;
const PEOPLE = 2_000;
const PEOPLE_IN_SHORT = 600;
/** Each in an API of its own, which took twice as long in the first rounds as in the last: V8 compiles what is done often. */
const WARM_UPS = 3;

/** The same as `registrations`, where very many are registered in that dialogue already, and where nobody is. */
export const growth: Bench = {
  name: 'growth',
  async run({ rounds, short }) {
    const there = short ? THERE_IN_SHORT : THERE;
    const people = short ? PEOPLE_IN_SHORT : PEOPLE;
    const load = await Load.start();
    const worlds: World[] = [];
    const open = async (already: number): Promise<() => Promise<number>> => {
      const world = await World.create(redisServer() ? 'redis' : 'postgres');
      worlds.push(world);
      const port = portOf(await world.start('api'));
      const dialogue = await hotDialogue(world, already);
      return () => acceptAll(world, load, port, dialogue, people);
    };
    try {
      const [full, empty] = [await open(there), await open(0)];
      // Compiled and warm, and most pages written once since the checkpoint: each is written whole the first time, which a
      // larger database pays once in minutes, and here would pay in every second.
      for (let times = 0; times < (short ? 1 : WARM_UPS); times++) {
        await full();
        await empty();
      }
      return [
        {
          ours: `acceptances in a dialogue with ${there.toLocaleString('en')} registrations`,
          limit: 'the same with none, in a database of its own',
          unit: 'registrations/s',
          goal: 0.9,
          // What is compared differs by a twentieth, less than two rounds do.
          rounds: await alternate(short ? rounds : 2 * rounds, full, empty),
        },
      ];
    } finally {
      load.stop();
      for (const world of worlds) await world.close();
    }
  },
};
