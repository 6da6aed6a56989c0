import type { LightMyRequestResponse as Response } from 'fastify';
import { startApi, type TestApi } from '../support/api';
import { differences, KeptCopy } from '../support/kept-copy';
import { populate, type World } from '../support/populated';
import { addressOf, bodyOf, payloadOf, ROUTES, type Entry, type Right } from '../support/route-entries';

/*
 * No one sees another's: every route of the API and of the pages, with every secret that is not entitled to it, answers
 * 401, 403 or 404, tells nothing and changes nothing.
 *
 * A NEW ROUTE NEEDS AN ENTRY in test/support/route-entries.ts, or the first test fails and names it.
 */

/** What each role may do, said here again and not read from the code that is tested. */
const RIGHTS: Record<string, readonly Right[]> = {
  owner: ['view', 'manage', 'approve', 'record', 'own', 'see_sensitive'],
  organiser: ['view', 'manage', 'record'],
  rapporteur: ['view', 'record'],
  approver: ['view', 'approve'],
  viewer: ['view'],
};

/** Routes that no entry speaks of, and entries that speak of no route; a query in an entry's path is not part of it. */
function unmatched(
  routes: readonly string[],
  entries: readonly string[],
): { routes: string[]; entries: string[] } {
  const known = entries.map((entry) => entry.split('?')[0]!);
  const isOf = (route: string, entry: string) =>
    entry.endsWith('*') ? route.startsWith(entry.slice(0, -1)) : route === entry;
  return {
    routes: routes.filter((route) => !known.some((entry) => isOf(route, entry))),
    entries: known.filter((entry) => !routes.some((route) => isOf(route, entry))),
  };
}

/** `GET /v1/dialogues/:id` for each route, from the tree that Fastify prints. */
function readRouteTree(tree: string): string[] {
  const parts: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const found = /^([│ ]*)[├└]── (\S*)(?: \(([^)]*)\))?$/.exec(line);
    if (!found) return [];
    const depth = found[1]!.length / 4;
    parts.splice(depth, parts.length, found[2]!);
    const path = parts.join('').replace('//', '/');
    const methods = found[3]?.split(', ') ?? [];
    return methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`);
  });
}

/** Something that a request shows to be let in. */
interface Secret {
  name: string;
  headers: Record<string, string>;
  /** Its roles in the dialogue, by itself and by the process. */
  dialogue?: string[];
  /** Its roles in the process. */
  process?: string[];
  /** Whose account it is, if it is one that works. */
  account?: 'owner' | 'another';
  isReadOnly?: boolean;
}

const REFUSED = [401, 403, 404];

/** Whether a route answers with events, without end. */
const isLive = (route: string) => route.endsWith('/events');

describe('no one sees another’s', () => {
  let api: TestApi;
  let alpha: World;
  let beta: World;
  let secrets: Secret[];
  let routes: string[];
  let described: string[];
  let sessions: Secret[];
  let kept: KeptCopy;

  beforeAll(async () => {
    api = await startApi();
    routes = readRouteTree(
      (api.app.getHttpAdapter().getInstance() as { printRoutes(o: object): string }).printRoutes({
        commonPrefix: false,
      }),
    );
    const { openApiDocument } =
      require('../../apps/api/src/http/openapi') as typeof import('../../apps/api/src/http/openapi');
    described = Object.entries(openApiDocument(api.app).paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((method) => ['get', 'put', 'post', 'patch', 'delete'].includes(method))
        .map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    alpha = await populate(api, 'alpha', api.organiser);
    beta = await populate(api, 'beta', await api.newOrganiser());
    secrets = await makeSecrets();
    kept = await KeptCopy.of(api.dataSource);
  });
  afterAll(() => api.close());

  async function makeSecrets(): Promise<Secret[]> {
    const { AccountsService } = require('@app/accounts') as typeof import('@app/accounts');
    const accounts = api.app.get(AccountsService);
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const token = (scope: 'read' | 'write') =>
      accounts.newToken(alpha.owner.id, { name: 'of a test', scope, days: 1 });
    const idOf = (made: string) => made.slice('plenary_'.length, 44);
    const session = async (organiserId = alpha.owner.id) => {
      const path = new URL(await accounts.newSignInLink(organiserId)).pathname;
      // Signing in uses up all links of an organiser; that of the world stays as it was.
      const cookie = String((await api.submit(path, {})).headers['set-cookie']).split(';')[0]!;
      await api.dataSource.query('UPDATE sign_in_links SET used_at = NULL');
      return cookie;
    };
    const [expired, revoked, reading] = [await token('write'), await token('write'), await token('read')];
    const [signedIn, signedOut] = [await session(), await session()];
    await api.dataSource.query('UPDATE api_tokens SET expires_at = now() WHERE id = $1', [idOf(expired)]);
    await api.dataSource.query('UPDATE api_tokens SET revoked_at = now() WHERE id = $1', [idOf(revoked)]);
    await api.dataSource.query('UPDATE sessions SET expires_at = now() WHERE id = $1', [
      signedOut.split('=')[1]!.split('.')[0],
    ]);
    const role = (name: keyof World['organisers'], roles: Pick<Secret, 'dialogue' | 'process'>): Secret => ({
      name,
      headers: bearer(alpha.organisers[name].token),
      account: 'another',
      ...roles,
    });
    const own = { origin: 'http://plenary.example' };
    sessions = [];
    for (const [name, { id }, roles] of [
      ['organiser', alpha.organisers.organiser, ['organiser']],
      ['approver', alpha.organisers.approver, ['approver']],
      ['rapporteur', alpha.organisers.rapporteur, ['rapporteur']],
      ['viewer', alpha.organisers.viewer, ['viewer']],
      ['processViewer', alpha.organisers.processViewer, ['viewer']],
      ['removed', alpha.organisers.removed, []],
      ['another dialogue’s owner', beta.owner, []],
    ] as const) {
      sessions.push({
        name: `session of ${name}`,
        headers: { cookie: await session(id), ...own },
        account: 'another',
        dialogue: [...roles],
      });
    }
    return [
      {
        name: 'the owner',
        headers: bearer(alpha.owner.token),
        account: 'owner',
        dialogue: ['owner'],
        process: ['owner'],
      },
      {
        name: 'the owner’s session',
        headers: { cookie: signedIn, ...own },
        account: 'owner',
        dialogue: ['owner'],
        process: ['owner'],
      },
      {
        name: 'the owner’s token that only reads',
        headers: bearer(reading),
        account: 'owner',
        dialogue: ['owner'],
        process: ['owner'],
        isReadOnly: true,
      },
      role('organiser', { dialogue: ['organiser'] }),
      role('approver', { dialogue: ['approver'] }),
      role('rapporteur', { dialogue: ['rapporteur'] }),
      role('viewer', { dialogue: ['viewer'] }),
      role('processViewer', { dialogue: ['viewer'], process: ['viewer'] }),
      role('removed', {}),
      { name: 'another dialogue’s owner', headers: bearer(beta.owner.token), account: 'another' },
      {
        name: 'another dialogue’s organiser',
        headers: bearer(beta.organisers.organiser.token),
        account: 'another',
      },
      { name: 'nobody', headers: {} },
      { name: 'a made-up token', headers: bearer(`plenary_${alpha.ids.token}.${'A'.repeat(43)}`) },
      { name: 'an expired token', headers: bearer(expired) },
      { name: 'a revoked token', headers: bearer(revoked) },
      { name: 'an expired session', headers: { cookie: signedOut, ...own } },
      {
        // What it reads the browser keeps from the other site; what it would change is refused.
        name: 'the owner’s session from another site',
        headers: { cookie: signedIn, origin: 'https://evil.example' },
        account: 'owner',
        dialogue: ['owner'],
        process: ['owner'],
        isReadOnly: true,
      },
      ...[alpha, beta].flatMap((world, index) =>
        Object.entries(world.links).flatMap(([purpose, link]): Secret[] => [
          { name: `${index === 0 ? 'this' : 'another'} dialogue’s ${purpose} link`, headers: bearer(link) },
          ...(index === 0
            ? [
                {
                  name: `… as a cookie`,
                  headers: { cookie: `link=${link}; plenary_session=${link}`, ...own },
                },
              ]
            : []),
        ]),
      ),
    ];
  }

  let origins = 0;
  /** Each from an address of its own: who guesses too often is told to wait, and that is not what is asked here. */
  async function send(
    route: string,
    url: string,
    headers: Record<string, string>,
    body: object | string | undefined,
  ): Promise<Response> {
    const method = route.split(' ')[0] as 'GET';
    const { content, payload } = payloadOf(url, body);
    const precondition = route.startsWith('PUT ') ? await preconditionOf(route, url) : {};
    origins += 1;
    const answer = await api.app.inject({
      method,
      url,
      payloadAsStream: isLive(route),
      remoteAddress: `10.${(origins >> 16) & 255}.${(origins >> 8) & 255}.${origins & 255}`,
      headers: {
        ...precondition,
        ...headers,
        ...content,
      },
      ...(payload !== undefined && { payload }),
    });
    if (!isLive(route)) return answer;
    // It goes on for as long as somebody listens; what comes first is enough.
    let heard = '';
    for await (const chunk of answer.stream()) {
      heard += String(chunk);
      break;
    }
    return { statusCode: answer.statusCode, headers: answer.headers, body: heard } as Response;
  }

  /** Anyone who shall be refused for what they are knows the ETag: from what they name, else from what they mean. */
  async function preconditionOf(route: string, url: string): Promise<Record<string, string>> {
    for (const [owner, address] of [
      [alpha.owner, url],
      [beta.owner, url],
      [alpha.owner, addressOf(route, alpha)],
    ] as const) {
      const read = await api.request('GET', address.split('?')[0]!, undefined, { token: owner.token });
      if (read.headers.etag !== undefined) return { 'if-match': String(read.headers.etag) };
    }
    return { 'if-none-match': '*' };
  }

  const entriesOf = (kind: string) => Object.entries(ROUTES).filter(([, entry]) => kind in entry);

  function isEntitled(entry: Entry, secret: Secret, route: string): boolean {
    if (secret.isReadOnly && !route.startsWith('GET ')) return false;
    const has = (roles: string[] = [], rights: Right | Right[]) =>
      roles.some((name) => [rights].flat().some((right) => RIGHTS[name]!.includes(right)));
    if ('mine' in entry) return secret.account === 'owner';
    if ('account' in entry) return secret.account !== undefined;
    if (!('right' in entry)) throw new Error(`${route} is no route of organisers.`);
    if (entry.of === 'process') return has(secret.process, entry.right);
    if (entry.of) return has(secret.process, entry.right) || has(secret.dialogue, entry.right);
    // A viewer of the process sees of the dialogue what its own viewer does; nobody but the owner sees what is sensitive.
    return has(secret.dialogue, entry.right);
  }

  /** What an answer must not hold: words of the people, of what is sensitive, of the title. */
  function leaks(answer: Response, words: string[]): string[] {
    const said = `${answer.body}\n${JSON.stringify(answer.headers)}`.toLowerCase();
    return words.filter((word) => said.includes(word));
  }
  const everything = ({ canaries }: World) => [...canaries.people, canaries.sensitive, canaries.title];

  test('every route has an entry, and every entry a route', () => {
    expect(routes.length).toBeGreaterThan(80);
    expect(unmatched(routes, Object.keys(ROUTES))).toEqual({ routes: [], entries: [] });
    expect(unmatched(described, Object.keys(ROUTES)).routes).toEqual([]);
  });

  test('a new route without an entry is found, in the tree of the server and in the description', () => {
    const tree =
      '└── / (GET, HEAD)\n    ├── v1/new (POST)\n    │   └── /:id (GET, HEAD, DELETE)\n    └── x (GET, HEAD)\n';
    expect(readRouteTree(tree)).toEqual([
      'GET /',
      'POST /v1/new',
      'GET /v1/new/:id',
      'DELETE /v1/new/:id',
      'GET /x',
    ]);
    expect(unmatched(['GET /', 'POST /v1/new'], ['GET /', 'GET /gone'])).toEqual({
      routes: ['POST /v1/new'],
      entries: ['GET /gone'],
    });
  });

  test('no secret that is not entitled gets anything from a route of organisers, or changes anything', async () => {
    let asked = 0;
    const wrong: string[] = [];
    for (const [route, entry] of [...entriesOf('right'), ...entriesOf('mine'), ...entriesOf('account')]) {
      const url = addressOf(route, alpha);
      const before = await kept.checksums();
      await Promise.all(
        secrets
          .filter((secret) => !isEntitled(entry, secret, route))
          .map(async (secret) => {
            const answer = await send(route, url, secret.headers, bodyOf(entry, alpha));
            asked += 1;
            // 404 where they have no role: that it is there is not told either.
            const isKnownThere = secret.dialogue || secret.process || secret.isReadOnly;
            const expected = secret.account === undefined ? [401] : isKnownThere ? [401, 403, 404] : [404];
            if (!expected.includes(answer.statusCode))
              wrong.push(
                `${route} answered ${answer.statusCode} to ${secret.name}: ${answer.body.slice(0, 200)}`,
              );
            for (const word of leaks(answer, everything(alpha)))
              wrong.push(`${route} told ${secret.name} ${word}`);
          }),
      );
      const changed = differences(before, await kept.checksums());
      if (changed.length > 0) {
        wrong.push(`${route} changed ${changed.join(', ')}`);
        await kept.restore();
      }
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(1_000);
  });

  // What is refused because it is too early would be refused to anybody: so it is asked on the day, too.
  test.each([
    ['before the day', false],
    ['on the day, when the door is open', true],
  ])('nor by the id of another’s thing within what is their own, %s', async (_when, isOnTheDay) => {
    const wrong: string[] = [];
    const asked: string[] = [];
    const { headers: session } = sessions.find(({ name }) => name.endsWith('another dialogue’s owner'))!;
    const idsOf = (world: World) => Object.values(world.ids);
    const begin = async () => {
      if (!isOnTheDay) return;
      await api.dataSource.query(
        `UPDATE dialogues SET starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour'
         WHERE state = 'published'`,
      );
      await api.dataSource.query(`UPDATE attendances SET arrived_at = now(), noted_how = 'list'`);
    };
    await begin();
    for (const [route, entry] of [...entriesOf('right'), ...entriesOf('door')]) {
      const headers = 'door' in entry ? session : { authorization: `Bearer ${beta.owner.token}` };
      if (route.includes('/c/')) continue;
      const own = addressOf(route, beta);
      const theirs = addressOf(route, alpha);
      // The first id is their own, what follows is another's; or the body names another's.
      const first = own
        .split('/')
        .slice(0, 'door' in entry ? 3 : 4)
        .join('/');
      const crossed = first + theirs.slice(first.length);
      const bodies = [bodyOf(entry, alpha)];
      if (route === 'POST /v1/dialogues/:id/invitations') bodies.push({ person_ids: [alpha.ids.people] });
      if (route === 'POST /door/:dialogue_id') {
        bodies.push({ registration_id: alpha.ids.nominee, what: 'departure' });
        bodies.push({ registration_id: alpha.ids.nominee, what: 'correction' });
      }
      for (const body of bodies) {
        const isNamedInBody = idsOf(alpha).some((id) => JSON.stringify(body ?? null).includes(id));
        const isNamedInPath = crossed !== own && crossed !== theirs;
        if (!isNamedInBody && !isNamedInPath) continue;
        asked.push(route);
        const before = await kept.checksums();
        const answer = await send(route, crossed, headers, body);
        const after = differences(before, await kept.checksums());
        // An agenda knows no sessions but its own: an id that is not among them makes a new one.
        if (answer.statusCode >= 500 || (after.length > 0 && route !== 'PUT /v1/dialogues/:id/agenda'))
          wrong.push(
            `${route} answered ${answer.statusCode} and changed ${after.join()}: ${answer.body.slice(0, 200)}`,
          );
        if (isOnTheDay && /door|arrivals|departures/.test(route) && answer.statusCode !== 404)
          wrong.push(`${route} answered ${answer.statusCode}: it has to be as if there were no such thing`);
        for (const word of leaks(answer, everything(alpha))) wrong.push(`${route} told ${word}`);
        if (after.length > 0) {
          await kept.restore();
          await begin();
        }
      }
    }
    await kept.restore();
    expect(wrong).toEqual([]);
    expect(asked).toEqual(
      expect.arrayContaining([
        'POST /v1/dialogues/:id/arrivals',
        'POST /v1/dialogues/:id/departures',
        'POST /door/:dialogue_id',
        'PUT /v1/dialogues/:id/attendance',
        'POST /v1/dialogues/:id/approvals',
        'POST /v1/dialogues/:id/invitations',
        'POST /v1/dialogues/:id/delegations/invitations',
        'POST /v1/delegations/:id/removals',
      ]),
    );
  });

  test('no link opens a page of another purpose, person or dialogue, and a revoked or made-up one opens none', async () => {
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const links = api.app.get(Links);
    const wrong: string[] = [];
    const owner = secrets[1]!.headers;
    for (const [route, entry] of entriesOf('link')) {
      const purpose = (entry as { link: keyof World['links'] }).link;
      const id = links.idOf(alpha.links[purpose])!;
      const keys: Record<string, string> = {
        'a made-up link': alpha.links[purpose].slice(0, 22) + 'A'.repeat(43),
        'a revoked link': links.compose(purpose, id, ['sign-in', 'unsubscription'].includes(purpose) ? 0 : 1),
        'a link of a generation to come': links.compose(purpose, id, 3),
        'its bare id': id,
        'no link at all': 'x',
        ...Object.fromEntries(
          Object.entries(alpha.links)
            .filter(([other]) => other !== purpose)
            .flatMap(([other, link]) => [
              [`its ${other} link`, link],
              [`its ${other} link with this id`, alpha.links[purpose].slice(0, 22) + link.slice(22)],
            ]),
        ),
      };
      const before = await kept.checksums();
      await Promise.all(
        Object.entries(keys).flatMap(([name, key]) =>
          [{}, owner, { cookie: `link=${beta.links[purpose]}` }].map(async (headers) => {
            const answer = await send(
              route,
              addressOf(route, alpha, key),
              headers,
              bodyOf(entry, alpha) ?? {},
            );
            if (!REFUSED.includes(answer.statusCode))
              wrong.push(
                `${route} answered ${answer.statusCode} to ${name} with ${Object.keys(headers).join()}`,
              );
            for (const word of leaks(answer, everything(alpha)))
              wrong.push(`${route} told ${word} to ${name}`);
          }),
        ),
      );
      // Another dialogue's link is good for its own; not for ids of this one.
      const crossed = addressOf(route, alpha, beta.links[purpose]);
      const body = bodyOf(entry, alpha);
      const isCrossed =
        crossed !== addressOf(route, beta, beta.links[purpose]) ||
        Object.values(alpha.ids).some((known) => JSON.stringify(body ?? null).includes(known));
      if (isCrossed) {
        const answer = await send(route, crossed, {}, body);
        if (answer.statusCode >= 500)
          wrong.push(`${route} answered ${answer.statusCode} to another dialogue’s link`);
        for (const word of leaks(answer, everything(alpha)))
          wrong.push(`${route} told ${word} to another’s link`);
      }
      const changed = differences(before, await kept.checksums());
      if (changed.length > 0) {
        wrong.push(`${route} changed ${changed.join(', ')}`);
        await kept.restore();
      }
    }
    expect(wrong).toEqual([]);
  });

  test('pages of whoever is signed in lead everyone else to the sign-in', async () => {
    const wrong: string[] = [];
    for (const [route, entry] of entriesOf('session')) {
      const before = await kept.checksums();
      for (const { name, headers } of secrets) {
        // Pages ask for the cookie; a GET that only shows is the browser's own affair, wherever it was led from.
        if (
          'cookie' in headers &&
          (name === 'the owner’s session' || (route.startsWith('GET ') && name.includes('another site')))
        )
          continue;
        const answer = await send(route, addressOf(route, alpha), headers, bodyOf(entry, alpha) ?? {});
        const isLed = answer.statusCode === 303 && answer.headers.location === '/sign-in';
        if (!isLed && !REFUSED.includes(answer.statusCode))
          wrong.push(`${route} answered ${answer.statusCode} to ${name}`);
        for (const word of leaks(answer, everything(alpha))) wrong.push(`${route} told ${name} ${word}`);
      }
      const changed = differences(before, await kept.checksums());
      if (changed.length > 0) {
        wrong.push(`${route} changed ${changed.join(', ')}`);
        await kept.restore();
      }
    }
    expect(wrong).toEqual([]);
  });

  test('pages of officers are for those with the right, and the door tells nobody else of anybody', async () => {
    const wrong: string[] = [];
    for (const [route, entry] of entriesOf('door')) {
      const { door } = entry as { door: Right };
      const url = addressOf(route, alpha, route.includes('/c/') ? alpha.links['check-in'] : undefined);
      const before = await kept.checksums();
      for (const { name, headers, dialogue } of [...sessions, ...secrets.filter(({ account }) => !account)]) {
        if (dialogue?.some((role) => RIGHTS[role]!.includes(door))) continue;
        const answer = await send(route, url, headers, bodyOf(entry, alpha) ?? undefined);
        const isLed = answer.statusCode === 303 && answer.headers.location === '/sign-in';
        if (!isLed && !REFUSED.includes(answer.statusCode))
          wrong.push(`${route} answered ${answer.statusCode} to ${name}`);
        for (const word of leaks(answer, everything(alpha))) wrong.push(`${route} told ${name} ${word}`);
      }
      const changed = differences(before, await kept.checksums());
      if (changed.length > 0) wrong.push(`${route} changed ${changed.join(', ')}`);
      await kept.restore();
      for (const { name, headers, dialogue } of sessions) {
        if (!dialogue?.some((role) => RIGHTS[role]!.includes(door))) continue;
        const answer = await send(route, url, headers, bodyOf(entry, alpha) ?? undefined);
        if (![200, 303].includes(answer.statusCode))
          wrong.push(`${route} answered ${answer.statusCode} to ${name}`);
        await kept.restore();
      }
    }
    expect(wrong).toEqual([]);
  });

  test('whoever has a forwarded link and no code gets no file, and corrects and erases nothing', async () => {
    const wrong: string[] = [];
    const withCode = entriesOf('link').filter(([, { body }]) => typeof body === 'object' && 'code' in body);
    expect(withCode.length).toBeGreaterThan(3);
    for (const [route, entry] of withCode) {
      const before = await kept.checksums();
      const url = addressOf(route, alpha, alpha.links.registration);
      const answer = await send(route, url, {}, bodyOf(entry, alpha));
      if (answer.statusCode !== 422) wrong.push(`${route} answered ${answer.statusCode}`);
      const changed = differences(before, await kept.checksums()).filter(
        (table) => table !== 'personal_codes',
      );
      if (changed.length > 0) wrong.push(`${route} changed ${changed.join(', ')}`);
      await kept.restore();
    }
    expect(wrong).toEqual([]);
  });

  test('what is open to everybody tells of nobody, and of a draft nothing', async () => {
    const wrong: string[] = [];
    for (const [route] of entriesOf('open').filter(([name]) => name.startsWith('GET '))) {
      const answer = await send(route, addressOf(route, alpha), {}, undefined);
      if (answer.statusCode >= 500) wrong.push(`${route} answered ${answer.statusCode}`);
      for (const word of leaks(answer, [...alpha.canaries.people, alpha.canaries.sensitive]))
        wrong.push(`${route} tells ${word}`);
      if (!route.includes(':slug')) continue;
      const draft = addressOf(route, { ...alpha, slug: alpha.draftSlug });
      for (const headers of [{}, secrets[1]!.headers]) {
        const unpublished = await send(route, draft, headers, undefined);
        if (unpublished.statusCode !== 404 || leaks(unpublished, everything(alpha)).length > 0)
          wrong.push(`${route} answered ${unpublished.statusCode} for a draft`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each([
    ['before the day', `interval '30 days'`],
    ['on the day', `interval '-1 hour'`],
    ['afterwards', `interval '-3 days'`],
  ])('the address of the platform is told by nothing but the button to join, %s', async (when, ahead) => {
    const wrong: string[] = [];
    let led = 0;
    const begin = () =>
      api.dataSource.query(
        `WITH people AS (UPDATE registrations SET attends = NULL WHERE dialogue_id = $1)
         UPDATE dialogues SET starts_at = now() + ${ahead}, ends_at = now() + ${ahead} + interval '4 hours' WHERE id = $1`,
        [alpha.ids.dialogue],
      );
    await begin();
    for (const [route, entry] of [...entriesOf('link'), ...entriesOf('open')]) {
      const key = 'link' in entry ? alpha.links[entry.link] : undefined;
      const answer = await send(route, addressOf(route, alpha, key), {}, bodyOf(entry, alpha) ?? {});
      const { location = '', ...headers } = answer.headers as Record<string, string>;
      const said = `${answer.body}\n${JSON.stringify(headers)}`
        .replaceAll('\r\n ', '')
        .replace(/%([0-9a-f]{2})/gi, (_, octet: string) => String.fromCharCode(Number.parseInt(octet, 16)));
      if (said.includes('meet.example') || said.includes('secret-room')) wrong.push(`${route} tells it`);
      if (location.includes('secret-room')) {
        led += 1;
        if (route !== 'POST /j/:token') wrong.push(`${route} leads to it`);
      }
      if (!route.startsWith('GET ')) {
        await kept.restore();
        await begin();
      }
    }
    await kept.restore();
    expect(wrong).toEqual([]);
    expect(led).toBe(when === 'afterwards' ? 0 : 1);
  });

  test('and whoever is entitled gets what they ask for: the ids and bodies above are good', async () => {
    const wrong: string[] = [];
    const isGood = (route: string, answer: Response) =>
      route.startsWith('GET ')
        ? answer.statusCode === 200
        : ![400, 401, 403, 404, 422].includes(answer.statusCode);
    for (const [route, entry] of [...entriesOf('right'), ...entriesOf('mine'), ...entriesOf('account')]) {
      const asks = secrets.filter(
        (secret) =>
          isEntitled(entry, secret, route) && (route.startsWith('GET ') || secret.name === 'the owner'),
      );
      for (const secret of asks) {
        const answer = await send(route, addressOf(route, alpha), secret.headers, bodyOf(entry, alpha));
        if (answer.statusCode >= 500 || !isGood(route, answer))
          wrong.push(
            `${route} answered ${answer.statusCode} to ${secret.name}: ${answer.body.slice(0, 300)}`,
          );
        const mayReadIt = secret.dialogue?.includes('owner');
        if (!mayReadIt && leaks(answer, [alpha.canaries.sensitive]).length > 0)
          wrong.push(`${route} told ${secret.name} what is sensitive`);
        // Whoever has nothing to do with a dialogue finds nothing of it in their own lists.
        const others = secret.name.startsWith('another dialogue') ? alpha : beta;
        const foreign = [others, ...(secret.dialogue || secret.process ? [] : [alpha])];
        for (const word of leaks(answer, foreign.flatMap(everything)))
          wrong.push(`${route} told ${secret.name} ${word}`);
      }
      if (!route.startsWith('GET ')) await kept.restore();
    }
    for (const [route, entry] of entriesOf('link')) {
      const key = alpha.links[(entry as { link: keyof World['links'] }).link];
      // As a browser sends the form of one of our pages.
      const own = { origin: 'http://plenary.example' };
      const answer = await send(route, addressOf(route, alpha, key), own, bodyOf(entry, alpha) ?? {});
      if (answer.statusCode >= 500 || [401, 403, 404].includes(answer.statusCode))
        wrong.push(`${route} answered ${answer.statusCode} to its link`);
      for (const word of leaks(answer, everything(beta))) wrong.push(`${route} told ${word}`);
      if (!route.startsWith('GET ')) await kept.restore();
    }
    expect(wrong).toEqual([]);
  });

  test('every POST that is repeated with its Idempotency-Key happens once, is answered as its route declares, and stores no name, address or secret', async () => {
    const { openApiDocument } =
      require('../../apps/api/src/http/openapi') as typeof import('../../apps/api/src/http/openapi');
    const posts = Object.entries(openApiDocument(api.app).paths).flatMap(([path, { post }]) =>
      post && path.startsWith('/v1/')
        ? [
            [
              `POST ${path.replace(/\{(\w+)\}/g, ':$1')}`,
              (post as { 'x-replay'?: unknown })['x-replay'],
            ] as const,
          ]
        : [],
    );
    expect(posts.length).toBeGreaterThan(30);
    const wrong: string[] = [];
    const done: string[] = [];
    for (const [route, replay] of posts) {
      const entry = ROUTES[route]!;
      const body = bodyOf(entry, alpha);
      const headers = {
        ...('open' in entry ? {} : secrets[0]!.headers),
        'idempotency-key': 'karin.holm@ministry.example',
      };
      const once = () => send(route, addressOf(route, alpha), headers, body);
      const first = await once();
      const before = await kept.checksums();
      const second = await once();
      const changed = differences(before, await kept.checksums());
      if (replay === undefined) wrong.push(`${route} declares no replay; see apps/api/src/http/replay.ts`);
      if (second.statusCode !== first.statusCode)
        wrong.push(`${route} answered ${first.statusCode}, then ${second.statusCode}: ${second.body}`);
      if ((second.headers['idempotency-replayed'] === undefined) !== (replay === 'again'))
        wrong.push(`${route} is not declared as it is repeated`);
      if (changed.length > 0) wrong.push(`${route} repeated changed ${changed.join(', ')}`);
      const isDone = first.statusCode < 300;
      if (isDone) done.push(route);
      if (isDone && (first.headers.location === undefined) === (replay === 'location'))
        wrong.push(`${route} declares ${String(replay)} and its Location is ${first.headers.location}`);
      if (first.headers.location !== second.headers.location || first.headers.etag !== second.headers.etag)
        wrong.push(`${route} repeated has another Location or ETag`);
      if (first.statusCode >= 400) {
        const [{ code, errors = [] }, again] = [first.json(), second.json()];
        const fields = (list: { field: string; code: string }[] = []) =>
          list.map((error) => [error.field, error.code]);
        if (again.code !== code || JSON.stringify(fields(again.errors)) !== JSON.stringify(fields(errors)))
          wrong.push(`${route} repeated answered ${second.body} after ${first.body}`);
      } else if (replay === 'location') {
        if (second.json().id !== first.json().id) wrong.push(`${route} repeated answered ${second.body}`);
      } else if (Array.isArray(replay)) {
        const shown: unknown = second.body === '' ? {} : second.json();
        for (const member of Object.keys(shown as object))
          if (!replay.includes(member)) wrong.push(`${route} repeated told ${member}`);
        if (replay.length > 0 && Object.keys(shown as object).length === 0)
          wrong.push(`${route} repeated told nothing of ${replay.join(', ')}`);
      }
      const stored = JSON.stringify(
        await api.dataSource.query('SELECT * FROM idempotency_keys'),
      ).toLowerCase();
      const written =
        JSON.stringify(body ?? null).match(/[^"\\,]*(person|organiser|ministry|agency)[^"\\,]*/giu) ?? [];
      for (const word of [...everything(alpha), ...written, 'karin', 'plenary_', '@'])
        if (stored.includes(word.toLowerCase())) wrong.push(`${route} stored ${word}: ${stored}`);
      if (first.body.includes('plenary_') && stored.includes(first.json().token.split('.')[1].toLowerCase()))
        wrong.push(`${route} stored the token`);
      await kept.restore();
    }
    expect(wrong).toEqual([]);
    // Most are carried out here; of the others the refusal is repeated.
    expect(done.length).toBeGreaterThan(20);
  });
});
