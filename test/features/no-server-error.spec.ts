import type { InjectOptions } from 'fastify';
import { startApi, type TestApi } from '../support/api';
import { populate, type World } from '../support/populated';
import { addressOf, bodyOf, ROUTES } from '../support/route-entries';
import { everyField, everyRoute, type DtoField, type Route } from '../support/routes';

/*
 * Whatever anybody sends, no route fails: every route of the API and of the pages, found by reflection, is sent odd addresses,
 * queries, headers and bodies, each field of each body an odd value beside good ones. Always the same, in the same order.
 */

const INT4 = 2 ** 31;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Values for the fields of bodies: `every-field.spec` sends more of them as far as the validation, these go on from there. */
const ODD_VALUES: unknown[] = [
  'a\0b',
  'a\ud800b',
  '9999-12-31T23:59',
  '0000-01-01T00:00',
  '9999-99-99',
  'P99999999999999999Y',
  'constructor',
  NO_ID,
  null,
  [],
  {},
  [NO_ID, NO_ID],
  { en: 'a\0b', constructor: 'c', '': 'e' },
  INT4,
];
const ODD_PARTS = [
  '%00',
  '%ff',
  '%ed%a0%80',
  '%F0%9F%98%80',
  'x'.repeat(300),
  '99999999999999999999',
  '-1',
  'constructor',
  '__proto__',
  NO_ID,
  '%25',
  '%5C',
];
const cursor = (...values: unknown[]) => Buffer.from(JSON.stringify(values)).toString('base64url');
const ODD_CURSORS = [
  cursor('2026-01-01T00:00:00Z', NO_ID),
  cursor('9999-99-99', 'x'),
  cursor('a\0b', NO_ID),
  cursor(1e300),
  cursor(null, null),
  cursor([], {}),
  Buffer.from('{}').toString('base64url'),
  '!!!',
];
const ODD_HEADERS: Record<string, string>[] = [
  { 'if-match': '"' },
  { 'if-match': '"99999999999999999999"' },
  { 'if-match': '*' },
  { 'if-match': 'x'.repeat(5_000) },
  { 'if-none-match': '*' },
  { 'idempotency-key': 'x'.repeat(300) },
  { 'idempotency-key': '\u00ff' },
  { 'accept-language': 'q=,;;q=x,\u00ff-,'.repeat(100) },
  { accept: 'text/html;q=x' },
  { 'x-request-id': '\u00ff'.repeat(100) },
  { 'x-forwarded-for': 'x'.repeat(300) },
  { cookie: 'plenary_session=%ff; plenary_session=a.b; =; a' },
  { cookie: `plenary_session=${'x'.repeat(3_000)}` },
  { range: 'bytes=99-1,-' },
  { origin: 'null', 'sec-fetch-site': 'nonsense' },
  { authorization: 'Bearer a b' },
  { authorization: `Bearer plenary_${NO_ID}.${'\u00ff'.repeat(40)}` },
];
const ODD_BODIES: [string, string | Buffer][] = [
  ['application/json', ''],
  ['application/json', 'null'],
  ['application/json', '[]'],
  ['application/json', '[[]]'],
  ['application/json', '"x"'],
  ['application/json', '7'],
  ['application/json', '{}'],
  ['application/json', '{'],
  ['application/json', '{"__proto__": {"a": 1}}'],
  ['application/json', '{"constructor": {"prototype": {"a": 1}}}'],
  ['application/json', `{"a": ${'['.repeat(2_500)}${']'.repeat(2_500)}}`],
  ['application/json', Buffer.from([0x7b, 0xff, 0x7d])],
  ['application/json; charset=utf-16', '{}'],
  ['text/csv', '\0'],
  ['text/csv; charset=nonsense', 'name,email\n'],
  ['text/csv', '"'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'PK\x03\x04'],
  ['text/plain', 'x'],
  ['nonsense', 'x'],
  ['multipart/form-data', 'x'],
  ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na'],
  ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n'],
  [
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: form-data; name="code"\r\n\r\n\0\r\n--x--\r\n',
  ],
  [
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="__proto__"; filename="\0"\r\n\r\na\r\n--x--\r\n',
  ],
  ['application/x-www-form-urlencoded', ''],
  ['application/x-www-form-urlencoded', '&&==&%&=%ff&%00=%00'],
  ['application/x-www-form-urlencoded', '__proto__=a&constructor=b&toString=c&hasOwnProperty=d'],
  ['application/x-www-form-urlencoded', 'a[b]=c&a[b][c]=d&a=e&a=f&name[]=x&email[x]=y'],
];
/** Names of fields of the forms, beside those that a form that is taken has. */
const FORM_FIELDS = [
  'name',
  'email',
  'token',
  'code',
  'reason',
  'lang',
  'answers.passport',
  'registration_id',
];
/** A few of the odd texts, where there are many places for them. */
const FEW_TEXTS = ['', 'a\0b', '\u202e\u200f\ufeff', 'x'.repeat(3_000), '9999-99-99', NO_ID, 'constructor'];
const QUERY_TEXTS = [
  ...FEW_TEXTS,
  'a\ud800b',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-23:59',
  '99999999999999999999',
  '-1',
];

/** What ends or takes away what the others are asked of comes last. */
const ENDS =
  /^DELETE|erasure|purge|cancellation|postponement|withdrawal|removals|release|revocation|sign-out|declination|\/u\/|\/undo/;

describe('no route fails, whatever is sent', () => {
  let api: TestApi;
  let world: World;
  let headers: { bearer: Record<string, string>; session: Record<string, string> };
  let routes: { route: Route; entry: string }[];
  let worlds = 0;
  let requests = 0;

  beforeAll(async () => {
    api = await startApi();
    const entries = Object.keys(ROUTES);
    routes = everyRoute()
      .filter(({ name }) => !name.endsWith('/events'))
      .map((route) => ({ route, entry: entries.find((entry) => entry.split('?')[0] === route.name) ?? '' }))
      .toSorted(
        ({ route: one }, { route: other }) => Number(ENDS.test(one.name)) - Number(ENDS.test(other.name)),
      );
    await renew();
  });
  afterAll(() => api.close());

  /** Everything again, for routes that use up what they are asked of. */
  async function renew(): Promise<void> {
    const { AccountsService } = require('@app/accounts') as typeof import('@app/accounts');
    const owner = await api.newOrganiser();
    world = await populate(api, `odd${'abcdefghijklmnopqrstuvwxyz'[worlds++]}`, owner);
    const path = new URL(await api.app.get(AccountsService).newSignInLink(owner.id)).pathname;
    const signedIn = await api.submit(path, {}, { origin: 'http://plenary.example' });
    headers = {
      bearer: { authorization: `Bearer ${owner.token}` },
      session: {
        cookie: String(signedIn.headers['set-cookie']).split(';')[0]!,
        origin: 'http://plenary.example',
      },
    };
  }

  /** The address of a route, and a body that would be taken. */
  function good({ route, entry }: { route: Route; entry: string }): { url: string; body: unknown } {
    const found = ROUTES[entry];
    const key = found && 'link' in found ? world.links[found.link] : world.links['check-in'];
    const isOfLink = /^\/(i|r|n|u|f|j|c|sign-in)\/:/.test(route.path);
    return {
      url: addressOf(entry || route.name, world, isOfLink ? key : undefined),
      body: found && bodyOf(found, world),
    };
  }

  const failures: string[] = [];
  async function send(
    { route }: { route: Route },
    what: string,
    url: string,
    options: { headers?: Record<string, string>; payload?: string | Buffer },
  ): Promise<void> {
    requests++;
    const {
      statusCode,
      body,
      headers: told,
    } = await api.app.inject({
      method: route.method as InjectOptions['method'],
      url,
      remoteAddress: `10.${(requests >> 16) & 255}.${(requests >> 8) & 255}.${requests & 255}`,
      ...(options.payload !== undefined && { payload: options.payload }),
      headers: { ...(route.path.startsWith('/v1/') ? headers.bearer : headers.session), ...options.headers },
    });
    const type = String(told['content-type']);
    if (statusCode >= 500) failures.push(`${route.name}, ${what}: ${statusCode}`);
    else if (statusCode >= 400 && !/^application\/problem\+json|^text\/html/.test(type))
      failures.push(`${route.name}, ${what}: ${statusCode} as ${type} ${body.slice(0, 80)}`);
  }

  test('in its address, its query or its headers', async () => {
    for (const asked of routes) {
      const { url } = good(asked);
      const path = asked.route.path.split('/');
      const found = url.split('?')[0]!.split('/');
      for (const [index, part] of path.entries()) {
        if (!part.startsWith(':')) continue;
        for (const odd of ODD_PARTS)
          await send(asked, `${part} ${odd.slice(0, 20)}`, found.with(index, odd).join('/'), {});
      }
      if (asked.route.method !== 'GET') continue;
      const names = asked.route.query ? everyField(asked.route.query).map(({ path: name }) => name) : [];
      for (const name of [...names, 'lang', 'saved']) {
        const odd = name === 'cursor' ? ODD_CURSORS : QUERY_TEXTS.map((text) => text.slice(0, 500));
        for (const value of odd) {
          const query = `${name}=${encodeURIComponent(value.toWellFormed())}`;
          await send(asked, query.slice(0, 40), `${found.join('/')}?${query}`, {});
        }
        for (const query of [
          `${name}=a&${name}=b`,
          `${name}[a]=b`,
          `${name}=%ff&${name}=%00`,
          `${name}`,
          `__proto__=1&${name}=`,
        ])
          await send(asked, query, `${found.join('/')}?${query}`, {});
      }
      for (const odd of ODD_HEADERS)
        await send(asked, JSON.stringify(odd).slice(0, 60), url, { headers: odd });
    }
    expect(failures).toEqual([]);
  });

  test('as its body', async () => {
    for (const asked of routes) {
      if (asked.route.method === 'GET') continue;
      if (ENDS.test(asked.route.name)) continue;
      const { url } = good(asked);
      for (const [type, payload] of ODD_BODIES)
        await send(asked, `${type} ${String(payload).slice(0, 40)}`, url, {
          payload,
          headers: { 'content-type': type },
        });
    }
    await renew();
    for (const asked of routes) {
      if (asked.route.method === 'GET' || !ENDS.test(asked.route.name)) continue;
      const { url } = good(asked);
      for (const [type, payload] of ODD_BODIES)
        await send(asked, `${type} ${String(payload).slice(0, 40)}`, url, {
          payload,
          headers: { 'content-type': type },
        });
    }
    expect(failures).toEqual([]);
  });

  test('in any field of its body', async () => {
    await renew();
    for (const asked of routes) {
      if (!asked.route.body) continue;
      for (const field of everyField(asked.route.body)) {
        for (const value of ODD_VALUES) {
          const { url, body } = good(asked);
          // Read again each time, as one that was taken raises it.
          const version = asked.route.method === 'PUT' ? await etagOf(url) : undefined;
          await send(asked, `${field.path} = ${JSON.stringify(value)?.slice(0, 40)}`, url, {
            payload: JSON.stringify(withOdd(body, field, value)),
            headers: { 'content-type': 'application/json', ...(version && { 'if-match': version }) },
          });
        }
      }
    }
    expect(failures).toEqual([]);
  });

  test('in any field of a form', async () => {
    await renew();
    for (const asked of routes) {
      if (asked.route.path.startsWith('/v1/') || asked.route.method !== 'POST') continue;
      const { url, body } = good(asked);
      const form = (body ?? {}) as Record<string, string>;
      for (const name of new Set([...Object.keys(form), ...FORM_FIELDS])) {
        for (const values of [...FEW_TEXTS.map((value) => [value]), ['x', 'y']]) {
          const fields = new URLSearchParams({ ...form, [name]: '' });
          fields.delete(name);
          for (const each of values) fields.append(name, each);
          await send(asked, `${name} = ${JSON.stringify(values).slice(0, 40)}`, url, {
            payload: fields.toString(),
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          });
        }
      }
    }
    expect(failures).toEqual([]);
  });

  async function etagOf(url: string): Promise<string | undefined> {
    const { headers: told } = await api.app.inject({ method: 'GET', url, headers: headers.bearer });
    return told.etag === undefined ? undefined : String(told.etag);
  }
});

/** A body that is taken but for one field, which has another value. */
function withOdd(body: unknown, field: DtoField, value: unknown): unknown {
  const whole = structuredClone(typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const path = field.path.split('.');
  let at: Record<string, unknown> = whole;
  path.slice(0, -1).forEach((key, index) => {
    at[key] ??= path[index + 1] === '0' ? [] : {};
    at = at[key] as Record<string, unknown>;
  });
  at[path.at(-1)!] = value;
  return whole;
}
