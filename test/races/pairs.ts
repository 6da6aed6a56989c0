import type { InjectOptions, LightMyRequestResponse as Response } from 'fastify';
import type { AccountsService } from '@app/accounts';
import type { TestApi } from '../support/api';
import { KeptCopy } from '../support/kept-copy';
import { populate, type World } from '../support/populated';
import { addressOf, bodyOf, payloadOf, ROUTES } from '../support/route-entries';
import { statementsDuring } from '../support/statements';
import { failures, holdsOf, pairsOf, type Watched } from './pairs.rules';

/** A time or state of the dialogue in which other routes are carried out than in the others. */
export interface Situation {
  name: string;
  /** Statements that bring the dialogue of a world there. */
  begin: (world: World) => string[];
}

export const SITUATIONS: Situation[] = [
  { name: 'before the day', begin: () => [] },
  {
    name: 'while a place is offered and an address is to change',
    begin: ({ ids }) => [
      `UPDATE registrations SET state = 'offered', confirmed_at = NULL WHERE id = '${ids.registration}'`,
      `UPDATE personal_codes SET new_email = 'new.address@ministry.example'`,
    ],
  },
  {
    name: 'while an address is to be confirmed',
    begin: ({ ids }) => [
      `UPDATE registrations SET state = 'unconfirmed', confirmed_at = NULL, participation_count = 0
       WHERE id = '${ids.registration}'`,
      `UPDATE places SET taken = taken - 1 WHERE dialogue_id = '${ids.dialogue}' AND scope IN ('dialogue', 'attendance')`,
    ],
  },
  {
    name: 'while a delegation has no nominees and somebody joins online',
    begin: ({ ids }) => [
      `UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL, delegation_id = NULL, role = NULL
       WHERE id = '${ids.nominee}'`,
      `UPDATE invitations SET state = 'removed', delegation_id = NULL, role = NULL WHERE id = '${ids.nomineeInvitation}'`,
      `UPDATE registrations SET attends = 'virtual' WHERE id = '${ids.registration}'`,
      `UPDATE places SET taken = 0 WHERE dialogue_id = '${ids.dialogue}' AND scope IN ('delegation', 'attendance')`,
      `UPDATE places SET taken = 1, reserved = 5 WHERE dialogue_id = '${ids.dialogue}' AND scope = 'dialogue'`,
    ],
  },
  {
    name: 'on the day',
    begin: ({ ids }) => [
      `UPDATE dialogues SET starts_at = now() - interval '1 hour', ends_at = now() + interval '4 hours'
       WHERE id = '${ids.dialogue}'`,
      `UPDATE attendances SET arrived_at = now(), noted_how = 'list'`,
    ],
  },
  {
    name: 'afterwards',
    begin: ({ ids }) => [
      `UPDATE dialogues SET starts_at = now() - interval '9 days', ends_at = now() - interval '8 days'
       WHERE id = '${ids.dialogue}'`,
      // Names stand beside a note only once it is published.
      `DELETE FROM note_names`,
    ],
  },
];

/** Whether a route of the table writes. */
const writes = (route: string): boolean => !route.startsWith('GET ');

/** One dialogue with all who have to do with it, on which routes are played alone and two at a time. */
export class Pairs {
  private origins = 0;
  /** What the API logged of failed requests since the last play. */
  private logged: string[] = [];

  private constructor(
    private readonly api: TestApi,
    private readonly world: World,
    private readonly session: string,
    /** As the dialogue was made. */
    private readonly first: KeptCopy,
    /** As it is in the situation. */
    private kept: KeptCopy,
  ) {}

  static async open(api: TestApi): Promise<Pairs> {
    const { AccountsService: Accounts } = require('@app/accounts') as typeof import('@app/accounts');
    const { hashSecret, log } = require('@app/platform') as typeof import('@app/platform');
    const world = await populate(api, 'pairs', api.organiser);
    const session = await signIn(api, api.app.get(Accounts));
    const [code]: { id: string }[] = await api.dataSource.query('SELECT id FROM personal_codes');
    // The code that the table of routes types.
    await api.dataSource.query('UPDATE personal_codes SET code_hash = $1', [hashSecret(`${code!.id}000000`)]);
    const first = await KeptCopy.of(api.dataSource, 'kept_first');
    const pairs = new Pairs(api, world, session, first, first);
    for (const level of ['warn', 'error'] as const) {
      log[level] = ((said: { err?: Error }) => {
        if (said?.err) pairs.logged.push((said.err.stack ?? String(said.err)).slice(0, 600));
      }) as typeof log.error;
    }
    return pairs;
  }

  /** Brings the dialogue from where it was made into a situation, in which every further play begins. */
  async enter({ begin }: Situation): Promise<void> {
    await this.first.restore();
    for (const statement of begin(this.world)) await this.api.dataSource.query(statement);
    this.kept = await KeptCopy.of(this.api.dataSource, 'kept_situation');
  }

  /** Plays every route that writes alone: what it does, and which tables it locks or writes. */
  async watch(routes = Object.keys(ROUTES).filter(writes)): Promise<Watched[]> {
    const watched: Watched[] = [];
    for (const route of routes) {
      const request = await this.requestOf(route);
      let answer: Response | undefined;
      const started = performance.now();
      const statements = await statementsDuring(this.api.dataSource, async () => {
        answer = await this.api.app.inject(request);
      });
      watched.push({
        route,
        holds: holdsOf(statements.map(({ text }) => text)),
        isCarriedOut: answer!.statusCode < 400,
        status: answer!.statusCode,
        ms: performance.now() - started,
      });
      await this.putBack();
    }
    return watched;
  }

  /** Plays two at once, the second some milliseconds later, and puts everything back. @returns what is wrong */
  async play(first: string, second: string, laterMs: number): Promise<string[]> {
    const requests = [await this.requestOf(first), await this.requestOf(second)] as const;
    this.logged = [];
    const send = async (request: InjectOptions): Promise<Response> => this.api.app.inject(request);
    const later = async (): Promise<Response> => {
      if (laterMs > 0) await new Promise((resolve) => setTimeout(resolve, laterMs));
      return send(requests[1]);
    };
    const answers = await Promise.all([send(requests[0]), later()]);
    const wrong = failures([first, second], answers, this.logged);
    await this.putBack();
    return wrong;
  }

  private async putBack(): Promise<void> {
    await this.kept.restore();
    // Limits count more than what is put back.
    await this.api.dataSource.query('DELETE FROM rate_limits');
  }

  /** A request as anyone who may would send it, who read before they replace. */
  private async requestOf(route: string): Promise<InjectOptions> {
    const entry = ROUTES[route]!;
    const key = 'link' in entry ? this.world.links[entry.link] : undefined;
    const url = addressOf(route, this.world, key);
    const body = bodyOf(entry, this.world) ?? (url.startsWith('/v1/') ? undefined : {});
    const { content, payload } = payloadOf(url, body);
    const method = route.split(' ')[0] as 'POST';
    this.origins += 1;
    const isPage = !url.startsWith('/v1/');
    return {
      method,
      url,
      remoteAddress: `10.${(this.origins >> 16) & 255}.${(this.origins >> 8) & 255}.${this.origins & 255}`,
      headers: {
        ...(method === ('PUT' as string) && (await this.api.reading(url.split('?')[0]!)).headers),
        ...(isPage
          ? { origin: new URL(process.env.PUBLIC_URL!).origin, cookie: this.session }
          : !('open' in entry) && { authorization: `Bearer ${this.world.owner.token}` }),
        ...content,
      },
      ...(payload !== undefined && { payload }),
    };
  }
}

/** The cookie of a session of the organiser. */
async function signIn(api: TestApi, accounts: AccountsService): Promise<string> {
  const path = new URL(await accounts.newSignInLink(api.organiser.id)).pathname;
  const cookie = String((await api.submit(path, {})).headers['set-cookie']).split(';')[0]!;
  // Signing in uses up all links of an organiser; that of the world stays as it was.
  await api.dataSource.query('UPDATE sign_in_links SET used_at = NULL');
  return cookie;
}

/**
 * Plays all pairs that hold a table in common, each in the first situation in which both are carried out, else in the
 * first; each as often as said, the second another while later each time.
 * @param say is told of progress and of everything that is wrong, at once
 */
export async function playAllPairs(
  api: TestApi,
  times: number,
  say: (line: string) => void,
): Promise<{
  lines: { situation: string; routes: number; pairs: number; wrong: number }[];
  never: string[];
}> {
  const pairs = await Pairs.open(api);
  const seen: { situation: Situation; watched: Watched[] }[] = [];
  for (const situation of SITUATIONS) {
    await pairs.enter(situation);
    seen.push({ situation, watched: await pairs.watch() });
  }
  const lines = [];
  for (const [index, { situation, watched }] of seen.entries()) {
    await pairs.enter(situation);
    const chosen = pairsOf(seen.map(({ watched: each }) => each)).filter((pair) => pair.situation === index);
    const ms = new Map(watched.map((each) => [each.route, each.ms]));
    let wrong = 0;
    say(`${situation.name}: ${chosen.length} pairs`);
    for (const [
      count,
      {
        routes: [first, second],
      },
    ] of chosen.entries()) {
      for (let time = 0; time < times; time++) {
        // At once, then turned round and a part of the other's time later, so that each meets the other elsewhere.
        const [one, other] = time % 2 === 0 ? [first, second] : [second, first];
        const found = await pairs.play(one, other, (ms.get(one)! * time) / (times + 1));
        wrong += found.length;
        for (const line of found) say(`    DIFFERENCE: ${line}`);
      }
      if ((count + 1) % 250 === 0) say(`  ${count + 1} played, ${wrong} wrong`);
    }
    lines.push({
      situation: situation.name,
      routes: watched.filter(({ isCarriedOut }) => isCarriedOut).length,
      pairs: chosen.length,
      wrong,
    });
  }
  const never = seen[0]!.watched
    .map(({ route }) => route)
    .filter(
      (route) => !seen.some(({ watched }) => watched.find((each) => each.route === route)!.isCarriedOut),
    );
  return { lines, never };
}
