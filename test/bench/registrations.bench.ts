import { redisServer } from '../support/redis';
import { portOf, World } from '../support/world';
import { acceptAll, CONNECTIONS, hotDialogue } from './hot-dialogue';
import { alternate, type Bench } from './measure';
import { Load, startBeside } from './processes';

const PEOPLE = 2_000;
const PEOPLE_IN_SHORT = 600;

/** Distinct people accept their invitations to one dialogue by the form of their page, until the last place is taken. */
export const registrations: Bench = {
  name: 'registrations',
  async run({ rounds, short, profile }) {
    const world = await World.create(redisServer() ? 'redis' : 'postgres');
    const load = await Load.start();
    try {
      const port = portOf(
        await world.start('api', {}, profile ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}/tmp`] : []),
      );
      const bare = await startBeside<{ port: number }>('registrations.limit', world.environment());
      const people = short ? PEOPLE_IN_SHORT : PEOPLE;
      const acceptBy = async (of: number): Promise<number> =>
        acceptAll(world, load, of, await hotDialogue(world), people);
      try {
        // Compiled and warm before anything counts.
        await acceptBy(port);
        await acceptBy(bare.said.port);
        return [
          {
            ours: `acceptances by form of one dialogue with limited places, ${CONNECTIONS} connections, one API process`,
            limit:
              'a bare Fastify handler with pg that proves the link and writes the same rows in one statement',
            unit: 'registrations/s',
            goal: 0.5,
            rounds: await alternate(
              rounds,
              () => acceptBy(port),
              () => acceptBy(bare.said.port),
            ),
          },
        ];
      } finally {
        bare.child.disconnect();
      }
    } finally {
      load.stop();
      await world.close();
    }
  },
};
