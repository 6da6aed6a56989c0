import { redisServer } from '../support/redis';
import { portOf, World } from '../support/world';
import { httpRequest } from './http-request';
import { alternate, type Bench, type Measured } from './measure';
import { answer, Load, startBeside } from './processes';

const CONNECTIONS = 64;
const REQUESTS = 20_000;
const REQUESTS_IN_SHORT = 4_000;

/** What the server says of itself on each connection, whoever it is. */
const OF_THE_CONNECTION = ['connection', 'content-length', 'date', 'keep-alive'];

/** The page of a dialogue with an agenda and a registration form, and its agenda as JSON, as anybody reads them. */
export const reads: Bench = {
  name: 'reads',
  async run({ rounds, short, profile }) {
    const world = await World.create(redisServer() ? 'redis' : 'postgres');
    const load = await Load.start();
    const bare = await startBeside<{ port: number }>('reads.limit');
    try {
      const port = portOf(
        await world.start('api', {}, profile ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}/tmp`] : []),
      );
      const slug = await dialogueWithAgenda(world);
      const measured: Measured[] = [];
      for (const { of, path, headers } of [
        { of: 'the dialogue page', path: `/d/${slug}`, headers: { accept: 'text/html' } },
        {
          of: 'the agenda',
          path: `/v1/public/dialogues/${slug}/agenda`,
          headers: { accept: 'application/json' },
        },
      ]) {
        await answer(bare.child, { path, ...(await answered(`http://127.0.0.1:${port}${path}`, headers)) });
        const requests = [httpRequest('GET', path, { headers })];
        const times = short ? REQUESTS_IN_SHORT : REQUESTS;
        const ask = (server: number): Promise<number> =>
          load.send({ port: server, connections: CONNECTIONS, requests, times }, 200);
        await ask(port);
        await ask(bare.said.port);
        console.log(`  ${of}`);
        measured.push({
          of,
          ours: `GET ${path.replace(slug, '{slug}')}, ${CONNECTIONS} connections, one API process`,
          limit: 'a bare Fastify that answers with the same bytes and headers',
          unit: 'answers/s',
          goal: 0.7,
          rounds: await alternate(
            rounds,
            () => ask(port),
            () => ask(bare.said.port),
          ),
        });
      }
      return measured;
    } finally {
      bare.child.disconnect();
      load.stop();
      await world.close();
    }
  },
};

async function answered(
  url: string,
  headers: Record<string, string>,
): Promise<{ headers: Record<string, string>; body: string }> {
  const response = await fetch(url, { headers });
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}`);
  const given = [...response.headers].filter(([name]) => !OF_THE_CONNECTION.includes(name));
  return { headers: Object.fromEntries(given), body: await response.text() };
}

/** A published dialogue of six sessions with four items each, of an organiser who knows twenty mechanisms. */
async function dialogueWithAgenda(world: World): Promise<string> {
  const { slug } = await world.queueConfirmations(0, 500);
  await world.database.query(
    `WITH d AS (SELECT id, organiser_id FROM dialogues WHERE slug = $1),
     m AS (INSERT INTO mechanisms (organiser_id, code, code_key, name, name_keys)
       SELECT organiser_id, 'M' || n, 'm' || n, 'Consultation mechanism ' || n, ARRAY['m' || n] FROM d, generate_series(1, 20) AS n),
     s AS (INSERT INTO agenda_sessions (dialogue_id, position, title, minutes, moderator)
       SELECT id, n, 'Session ' || n, 60, 'Moderator ' || n FROM d, generate_series(0, 5) AS n RETURNING id)
     INSERT INTO agenda_items (session_id, position, title, minutes, speakers)
       SELECT id, n, 'Item ' || n, 15, ARRAY['Speaker ' || n] FROM s, generate_series(0, 3) AS n`,
    [slug],
  );
  return slug;
}
