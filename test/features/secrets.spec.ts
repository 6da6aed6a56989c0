import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from '@nestjs/common';
import { startApi, type TestApi } from '../support/api';
import { inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

// Everything that the API ever logs, as it is written. Read when the log is first loaded.
process.env.LOG_LEVEL = 'trace';

let api: TestApi;
let lines: string[];

beforeAll(async () => {
  const { log, plainLog } = require('@app/platform') as typeof import('@app/platform');
  const { symbols } = require('pino') as typeof import('pino');
  lines = [];
  for (const logger of [log, plainLog]) {
    const { [symbols.streamSym]: stream } = logger as unknown as Record<
      symbol,
      { write: (line: string) => void }
    >;
    stream!.write = (line) => void lines.push(line);
  }
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(() => {
  lines.length = 0;
});

/** What was logged, once the line of the last request is there too. */
async function logged(): Promise<string> {
  for (let time = 0; time < 100 && !lines.some((line) => line.includes('"/health/ready"')); time++) {
    await api.app.inject('/health/ready');
    await sleep(10);
  }
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  return lines.join('');
}

/** The address with its nth character percent-encoded. */
function encoded(url: string, at: number): string {
  return `${url.slice(0, at)}%${url.charCodeAt(at).toString(16)}${url.slice(at + 1)}`;
}

describe('the log', () => {
  test('held links with a percent-encoded character, a letter more or an unknown path after them', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(1));
    const link = await linkOf(api, 'invitation', { dialogueId: id, email: 'person.1@ministry.example' });
    const token = link.split('/').at(-1)!;
    lines.length = 0;
    const addresses = [
      link,
      `${link}/`,
      `${link}x`,
      `${link}.`,
      link.slice(0, -3),
      encoded(link, link.length - 5),
      encoded(encoded(link, link.length - 5), 5),
      encoded(encoded(link, link.length - 5), link.length - 5),
      encoded(link, 1),
      link.replace('/i/', '/r/'),
      link.replace('/i/', '/nowhere/'),
      link.replace('/i/', '/'),
      link.replace('/i/', '//i//'),
      `${link}/acceptance`,
      `${link}/acceptance/again`,
      `/d/x?link=${token}`,
      `/d/${token}`,
      `/v1/dialogues/${token}`,
      `/v1/registrations/${token}/link`,
      `/health/live?${encoded(token, 9)}`,
      `/sign-in/${token}`,
      `/f/${token}.ics`,
      `/%ff${link}`,
      `${link}/%ff`,
      `/docs/${token}`,
      `/assets/${token}`,
      `${link}?lang=en#${token}`,
      `/i/=${token}`,
      `/${token.slice(0, 30)}/${token.slice(30)}`,
    ];
    for (const url of addresses) {
      for (const method of ['GET', 'POST', 'PUT'] as const)
        await api.app.inject({ method, url, headers: { referer: `http://plenary.example${link}` } });
    }
    const text = await logged();
    expect(lines.filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(
      addresses.length * 2,
    );
    // The id before the secret opens nothing; of what comes after it not even a part is there.
    for (let at = 22; at < token.length - 10; at++) expect(text).not.toContain(token.slice(at, at + 10));
    expect(text).toContain('"path":"/i/:key"');
    expect(text).toContain('"path":"/i/:key/acceptance"');
  });

  test('names the route and the ids in it, and nothing else that was asked for', async () => {
    const { id } = await publishDialogue(api);
    lines.length = 0;
    await api.request('GET', `/v1/dialogues/${id}/registrations?q=Karin%20Holm`);
    await api.request('GET', '/v1/dialogues/karin.holm@ministry.example');
    await api.request('GET', '/wp-login.php?user=karin.holm@ministry.example');
    const text = await logged();
    expect(text).toContain(`"path":"/v1/dialogues/${id}/registrations"`);
    expect(text).toContain('"path":"/v1/dialogues/:id"');
    expect(text).toContain('"path":"/wp-login.php"');
    expect(text).not.toMatch(/karin/i);
  });

  test('held secrets in messages, traces and fields of errors', async () => {
    const { log, NestLog } = require('@app/platform') as typeof import('@app/platform');
    const secret = 'Zk'.repeat(33);
    log.error({ err: new Error(`no answer from /r/${secret}x`) }, 'failed');
    log.error(new Error(`no answer from /r/${secret}`));
    log.warn({ anything: { deep: [`"\n${secret}"`] }, url: `/i/${encoded(secret, 20)}?x` }, `\t${secret}`);
    new NestLog().error(new Error(`in ${secret}`));
    new NestLog().error(`in ${secret}`, `Error\n    at ${secret}`);
    const text = await logged();
    expect(text).toContain('no answer from /r/***');
    expect(text).not.toContain('ZkZk');
  });
});

describe('a route of organisers', () => {
  test('was open by an address in which a character is percent-encoded', async () => {
    const { id } = await publishDialogue(api);
    const path = `/v1/dialogues/${id}`;
    for (const url of [path, `${path}/`, encoded(path, 1), encoded(path, 2), encoded(path, 5)]) {
      const [without, wrong, own] = await Promise.all([
        api.request('GET', url, undefined, { token: null }),
        api.request('GET', url, undefined, { token: 'wrong' }),
        api.request('GET', url),
      ]);
      expect([url, without.statusCode, wrong.statusCode, own.statusCode]).toEqual([url, 401, 401, 200]);
      expect(own.json().id).toBe(id);
    }
    const { token } = await api.newOrganiser('Reader', 'read');
    const change = await api.request(
      'POST',
      encoded('/v1/mechanisms', 1),
      { code: 'X', name: 'X' },
      { token },
    );
    expect([change.statusCode, change.json().code]).toEqual([403, 'scope_insufficient']);
  });

  test('is closed when nobody said whom it is for, wherever its address begins', async () => {
    const { OrganiserGuard } =
      require('../../apps/api/src/http/organiser.guard') as typeof import('../../apps/api/src/http/organiser.guard');
    for (const url of ['/forgotten', '/', '/v1/forgotten', '/health/forgotten']) {
      const request = { url, method: 'GET', headers: {}, cookies: {}, routeOptions: { url } };
      const host = {
        getHandler: () => () => undefined,
        getClass: () => OrganiserGuard,
        switchToHttp: () => ({ getRequest: () => request }),
      };
      await expect(
        api.app.get(OrganiserGuard).canActivate(host as unknown as ExecutionContext),
      ).rejects.toMatchObject({ status: 401 });
    }
  });
});

describe('an Idempotency-Key', () => {
  const rows = async () => JSON.stringify(await api.dataSource.query('SELECT * FROM idempotency_keys'));
  const post = (url: string, body: object, key: string, token?: string) =>
    api.request('POST', url, body, { headers: { 'idempotency-key': key }, ...(token && { token }) });

  test('stored a new token in clear when the path had a trailing slash', async () => {
    const urls = ['/v1/tokens', '/v1/tokens/', '/v1/%74okens', '/v1/tokens/?x=1', '/v1/tokens?'];
    for (const [index, url] of urls.entries()) {
      const make = () => post(url, { name: 'CI', scope: 'read', days: 1 }, `token-${index}`);
      const [first, second] = [await make(), await make()];
      const { id, token, created_at, expires_at } = first.json();
      expect([second.statusCode, second.json()]).toEqual([201, { id, created_at, expires_at }]);
      expect(second.headers['idempotency-replayed']).toBe('true');
      expect(await rows()).not.toContain(token.split('.')[1]);
      const made = await api.dataSource.query(`SELECT FROM api_tokens WHERE name = 'CI'`);
      expect(made).toHaveLength(index + 1);
    }
  });

  test('means the same request however its path is written, and stores neither path nor key', async () => {
    const { id } = await publishDialogue(api);
    const secret = 'k'.repeat(65);
    const urls = ['publication', 'publication/', '%70ublication'].map((end) => `/v1/dialogues/${id}/${end}`);
    const answers = [];
    for (const url of urls) answers.push(await post(url, {}, 'karin.holm@ministry.example'));
    expect(answers.map(({ headers }) => headers['idempotency-replayed'])).toEqual([
      undefined,
      'true',
      'true',
    ]);
    await post(`/v1/registrations/${secret}/link`, {}, 'a link by mistake');
    expect(await rows()).not.toMatch(/kkkkk|karin|by mistake/);
  });

  test('told again what was sent when that was refused', async () => {
    const sent = {
      name: 'Zenobia Quill',
      email: 'Zenobia@Ministry.example',
      affiliation: 'Bureau of Rivers',
    };
    const body = { ...sent, language: 'Klingonese', time_zone: 'Mars/Olympus', functional_title: 'a' };
    const [first, second] = [
      await post('/v1/people', body, 'wrong'),
      await post('/v1/people', body, 'wrong'),
    ];
    expect([second.statusCode, second.json().code]).toEqual([first.statusCode, first.json().code]);
    expect(first.json().errors.length).toBeGreaterThan(0);
    const pointers = (answer: typeof first) =>
      answer.json().errors.map(({ field, code }: { field: string; code: string }) => [field, code]);
    expect(pointers(second)).toEqual(pointers(first));

    const mechanism = { code: 'QUX', name: 'Quiet Consultations' };
    expect((await post('/v1/mechanisms', mechanism, 'taken-1')).statusCode).toBe(201);
    const [refused, again] = [
      await post('/v1/mechanisms', mechanism, 'taken-2'),
      await post('/v1/mechanisms', mechanism, 'taken-2'),
    ];
    expect([refused.statusCode, again.statusCode, again.json().code]).toEqual([
      409,
      409,
      refused.json().code,
    ]);
    expect(refused.body).toMatch(/QUX|Quiet Consultations/);
    expect(again.json().detail).toContain('…');
    for (const text of [second.body, again.body, await rows()])
      expect(text).not.toMatch(/zenobia|quill|rivers|klingon|olympus|QUX|quiet/i);
  });

  test('took minutes, or failed, for a refused request with very many values', async () => {
    const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`field${n}`, `value${n}`]));
    const [first, second] = [await post('/v1/people', body, 'many'), await post('/v1/people', body, 'many')];
    expect([first.statusCode, second.statusCode, second.headers['idempotency-replayed']]).toEqual([
      422,
      422,
      'true',
    ]);
    expect(second.json().errors).toHaveLength(50);
    expect(second.json().errors[0].detail).toContain('was refused for this');
    // One long text without an address in it, of which the old pattern tried every beginning.
    const long = { ['n'.repeat(300_000)]: 1 };
    const [refused, again] = [await post('/v1/people', long, 'long'), await post('/v1/people', long, 'long')];
    expect([refused.statusCode, again.statusCode]).toEqual([422, 422]);
    expect(again.body.length).toBeLessThan(3_000);
  });

  test('told who may read it no more, and what was true then', async () => {
    const { id } = await publishDialogue(api);
    const other = await api.newOrganiser();
    const role = { email: other.email, roles: ['organiser'] };
    expect((await api.request('POST', `/v1/dialogues/${id}/roles`, role)).statusCode).toBe(201);
    const make = () =>
      post(
        `/v1/dialogues/${id}/delegations`,
        { organisation: 'Seldom Known', seats: 2 },
        'once',
        other.token,
      );
    const first = await make();
    expect(first.statusCode).toBe(201);
    await api.request('PATCH', first.headers.location!, { seats: 3 });
    const second = await make();
    expect([second.statusCode, second.headers.location]).toEqual([201, first.headers.location]);
    expect(second.json()).toMatchObject({ id: first.json().id, seats: 3, version: 2 });
    const now = await api.request('GET', first.headers.location!);
    expect([second.body, second.headers.etag]).toEqual([now.body, now.headers.etag]);
    // Taken away behind the back of the application, which forgets keys with the roles.
    await api.dataSource.query('DELETE FROM dialogue_roles WHERE dialogue_id = $1 AND organiser_id = $2', [
      id,
      other.id,
    ]);
    const third = await make();
    expect([third.statusCode, third.json().code]).toEqual([404, 'not_found']);
    expect(third.body).not.toContain('Seldom Known');
  });

  test('went on refusing after a request that came too often', async () => {
    const { slug } = await publishDialogue(api);
    const { RateLimits } =
      require('../../apps/api/src/http/rate-limits') as typeof import('../../apps/api/src/http/rate-limits');
    for (let wish = 0; wish < 301; wish++)
      await api.app
        .get(RateLimits)
        .asks('127.0.0.1')
        .catch(() => undefined);
    const ask = () =>
      api.request(
        'POST',
        `/v1/public/dialogues/${slug}/link`,
        { email: 'somebody@ministry.example' },
        { token: null, headers: { 'idempotency-key': 'patient' } },
      );
    expect((await ask()).statusCode).toBe(429);
    await api.dataSource.query('DELETE FROM rate_limits');
    const later = await ask();
    expect([later.statusCode, later.headers['idempotency-replayed']]).toEqual([202, undefined]);
    const again = await ask();
    expect([again.statusCode, again.headers['idempotency-replayed'], again.body]).toEqual([202, 'true', '']);
  });
});
