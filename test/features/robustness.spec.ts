import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { InjectOptions } from 'fastify';
import { log, plainLog } from '@app/platform';
import { startApi, type TestApi } from '../support/api';
import {
  answers,
  inviteList,
  linkOf,
  listOf,
  publishDialogue,
  type TestDialogue,
} from '../support/participants';

let api: TestApi;
let dialogue: TestDialogue;
beforeAll(async () => {
  api = await startApi({ environment: { TRUSTED_PROXIES: '1' }, requestMs: 300 });
  dialogue = await publishDialogue(api, { registration: 'open' });
});
afterAll(async () => {
  await api.close();
  delete process.env.TRUSTED_PROXIES;
});

const post = (url: string, type: string, payload: string | Buffer, headers = {}) =>
  api.app.inject({ method: 'POST', url, payload, headers: { 'content-type': type, ...headers } });
const json = (url: string, payload: string, method: InjectOptions['method'] = 'POST') =>
  api.app.inject({
    method,
    url,
    payload,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${api.organiser.token}` },
  });
const codes = (body: string) =>
  (JSON.parse(body) as { errors: { field: string; code: string }[] }).errors.map(
    ({ field, code }) => `${field}: ${code}`,
  );
const NEWCOMER = { name: 'Amina Tazi', email: 'amina@ministry.example', affiliation: 'Ministry' };

describe('a body that can’t be what it says', () => {
  test('is refused as a form where it ends before its end, as in the middle of a file', async () => {
    const whole =
      '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAmina\r\n' +
      '--x\r\nContent-Disposition: form-data; name="answers.scan"; filename="a.pdf"\r\n\r\n%PDF-1.7\r\n--x--\r\n';
    for (const end of [5, 30, 70, 130, whole.indexOf('%PDF') + 3]) {
      const answer = await post(
        `/d/${dialogue.slug}/registrations`,
        'multipart/form-data; boundary=x',
        whole.slice(0, end),
      );
      expect([end, answer.statusCode]).toEqual([end, 400]);
    }
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary=y',
    ])
      expect((await post(`/d/${dialogue.slug}/registrations`, type, whole)).statusCode).toBe(400);
  });

  test('is refused as a form where a part says it is JSON, or a file has no name', async () => {
    const part = (head: string, value: string) =>
      post(
        `/d/${dialogue.slug}/registrations`,
        'multipart/form-data; boundary=x',
        `--x\r\nContent-Disposition: form-data; name="name"${head}\r\n\r\n${value}\r\n--x--\r\n`,
      );
    expect((await part('\r\nContent-Type: application/json', '{"toString": 1}')).statusCode).toBe(415);
    expect((await part('\r\nContent-Type: application/octet-stream', 'x')).statusCode).toBeLessThan(500);
  });

  test('is refused as JSON where it is nested 2,500 deep, before it is parsed, and taken with brackets in a text', async () => {
    const deep = {
      list: '['.repeat(2_500) + ']'.repeat(2_500),
      object: '{"a":'.repeat(2_500) + '1' + '}'.repeat(2_500),
    };
    for (const value of Object.values(deep)) {
      for (const body of [value, `{"name": ${value}}`, `{"answers": ${value}}`]) {
        const answer = await json(`/v1/public/dialogues/${dialogue.slug}/registrations`, body);
        expect([answer.statusCode, answer.json().code]).toEqual([400, 'nested_too_deeply']);
      }
    }
    const made = await json('/v1/mechanisms', `{"code": "[[{\\"\\\\", "name": "${'[{'.repeat(100)}"}`);
    expect(made.statusCode).toBe(201);
  });

  test('is refused where it is no object, compressed, or no UTF-8', async () => {
    const url = `/v1/dialogues/${dialogue.id}/cancellation`;
    for (const body of ['null', '[]', '[[]]', '"text"', '7', 'true'])
      expect(codes((await json(url, body)).body)).toEqual(['body: wrong_type']);
    for (const body of ['', '{', '{}{}', 'undefined', '\u0000'])
      expect((await json(url, body)).statusCode).toBe(400);
    const token = { authorization: `Bearer ${api.organiser.token}` };
    const bytes = Buffer.from([...Buffer.from('{"reason": "'), 0xff, ...Buffer.from('"}')]);
    expect((await post(url, 'application/json', bytes, token)).statusCode).toBe(400);
    const zipped = await post(url, 'application/json', '{}', { ...token, 'content-encoding': 'gzip' });
    expect([zipped.statusCode, zipped.json().code]).toEqual([415, 'unsupported_content_encoding']);
    for (const type of ['text/plain', 'application/xml', 'nonsense', 'application/x-www-form-urlencoded; x'])
      expect((await post('/sign-in', type, '{"email": "x"}')).statusCode).toBe(
        type.includes('form') ? 422 : 415,
      );
    expect((await post('/sign-in', 'application/json', '{"email": {}}')).statusCode).toBe(415);
    expect((await api.request('GET', `/v1/dialogues/${dialogue.id}`)).json().state).toBe('published');
  });
});

describe('null where a list or an object belongs', () => {
  test('is named, and never a failure of ours: answers of somebody who registers', async () => {
    const register = (given: unknown) =>
      json(
        `/v1/public/dialogues/${dialogue.slug}/registrations`,
        JSON.stringify({ ...NEWCOMER, answers: given }),
      );
    expect(codes((await register(null)).body)).toEqual(['answers: wrong_type']);
    for (const odd of [[], [[]], 'x', 7])
      expect(codes((await register(odd)).body)).toEqual(['answers: wrong_type']);
    expect(codes((await register({ diet: { a: [[]] } })).body)).toEqual(['answers.diet: question_unknown']);
    expect((await register({})).statusCode).toBe(201);
  });

  test('is named: items of a session, roles of the places, documents of a dialogue', async () => {
    const put = async (part: string, body: object) => {
      const url = `/v1/dialogues/${dialogue.id}/${part}`;
      const { etag } = (await api.request('GET', url)).headers;
      return api.request('PUT', url, body, etag ? { headers: { 'if-match': etag } } : {});
    };
    const session = { title: 'Opening', minutes: 10 };
    for (const items of [null, [[]], [null]]) {
      const refused = await put('agenda', { sessions: [{ ...session, items }] });
      expect([refused.statusCode, codes(refused.body)[0]]).toEqual([422, 'sessions.0.items: wrong_type']);
    }
    const documents = await put('agenda', {
      sessions: [{ ...session, items: [{ ...session, documents: [[]] }] }],
    });
    expect(codes(documents.body)).toEqual(['sessions.0.items.0.documents: wrong_type']);
    expect(codes((await put('places', { roles: null })).body)).toEqual(['roles: wrong_type']);
    const changed = await api.request('PATCH', `/v1/dialogues/${dialogue.id}`, { documents: [[]] });
    expect(codes(changed.body)).toEqual(['documents: wrong_type']);
  });

  test('does not empty the note, nor does no body at all', async () => {
    const url = `/v1/dialogues/${dialogue.id}/note`;
    const send = async (payload: string | undefined) => {
      const { etag } = (await api.request('GET', url)).headers;
      return api.app.inject({
        method: 'PUT',
        url,
        ...(payload !== undefined && { payload }),
        headers: {
          authorization: `Bearer ${api.organiser.token}`,
          ...(etag && { 'if-match': String(etag) }),
          ...(payload !== undefined && { 'content-type': 'application/json' }),
        },
      });
    };
    expect((await send('{"introduction": "Welcome."}')).statusCode).toBe(200);
    expect((await send('null')).statusCode).toBe(422);
    expect((await send('[]')).statusCode).toBe(422);
    const nothing = await send(undefined);
    expect([nothing.statusCode, nothing.json().code]).toEqual([400, 'body_missing']);
    expect((await api.request('GET', url)).json()).toMatchObject({ introduction: 'Welcome.' });
  });
});

describe('an address of origin', () => {
  test('that is 300 characters long fails nothing, and only an address is one', async () => {
    const { originOf } =
      require('../../apps/api/src/http/request-context') as typeof import('../../apps/api/src/http/request-context');
    const of = (ip: string) => originOf({ ip, socket: { remoteAddress: '192.0.2.7' } } as never);
    expect(
      ['198.51.100.1', '198.51.100.1:4711', '2001:db8::1', '[2001:db8::1]:443', '[2001:db8::1]'].map(of),
    ).toEqual(['198.51.100.1', '198.51.100.1', '2001:db8::1', '2001:db8::1', '2001:db8::1']);
    for (const odd of [
      'x'.repeat(300),
      '',
      'unknown',
      '_hidden',
      '1.2.3',
      'a:1',
      '<script>',
      '999.1.1.1',
      '\0',
    ])
      expect(of(odd)).toBe('192.0.2.7');
    expect(of(`fe80::1%${'e'.repeat(300)}`)).toBe('fe80::1');
    for (const forwarded of [
      'x'.repeat(300),
      `fe80::1%${'e'.repeat(300)}`,
      ', ,',
      '1.2.3.4, ',
      "'",
      '\u00ff',
    ]) {
      const headers = { 'x-forwarded-for': forwarded };
      const wrongToken = await api.request('GET', '/v1/dialogues', undefined, { token: 'wrong', headers });
      expect(wrongToken.statusCode).toBe(401);
      expect(
        (await api.submit(`/d/${dialogue.slug}/link`, { email: 'a@b.example' }, headers)).statusCode,
      ).toBe(303);
      expect((await api.submit('/i/not-a-link/declination', {}, headers)).statusCode).toBe(404);
    }
  });
});

describe('what the router refuses', () => {
  afterEach(() => jest.restoreAllMocks());

  test.each([
    ['a broken %', '/v1/dialogues/%ff', 400, 'malformed_address'],
    ['half of a broken %', '/v1/people/%e0%a4', 400, 'malformed_address'],
    ['a parameter that is too long', `/v1/dialogues/${'x'.repeat(201)}`, 414, 'address_too_long'],
  ])(
    'is a problem document for a program, with headers and a line in the log: %s',
    async (_, url, status, code) => {
      const logged = jest.spyOn(plainLog, 'info').mockImplementation(() => undefined);
      const answer = await api.request('GET', url);
      expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
      expect(answer.json().instance).toBe(`urn:plenary:request:${answer.headers['x-request-id']}`);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'referrer-policy': 'no-referrer',
      });
      const lines = logged.mock.calls.map(([fields]) => fields as unknown as Record<string, unknown>);
      expect(lines).toEqual([
        expect.objectContaining({ requestId: answer.headers['x-request-id'], method: 'GET', status }),
      ]);
      expect(JSON.stringify(lines)).not.toContain(url.split('/').at(-1));
    },
  );

  test.each([
    ['a broken %', '/d/%ff'],
    ['half a character', '/i/%c3%28'],
    ['a link that is too long', `/r/${'x'.repeat(300)}`],
    ['a part that is too long', `/d/${'x'.repeat(201)}/note`],
  ])('is a page for a person: %s', async (_, url) => {
    const page = await api.request('GET', url, undefined, {
      token: null,
      headers: { 'accept-language': 'ar', accept: 'text/html' },
    });
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.body).toContain('dir="rtl"');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect((await api.submit(`${url}/declination`, {})).statusCode).toBeLessThan(500);
  });

  test('and what Node can’t read as HTTP is one too', async () => {
    for (const [sent, status] of [
      ['NONSENSE\r\n\r\n', 400],
      ['GET / HTTP/1.1\r\nHost: a\r\nX: \u0001\r\n\r\n', 400],
      [`GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
      [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
      ['POST /sign-in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
      ['POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n', 400],
    ] as const) {
      const answer = await raw(sent);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toMatch(/content-type: application\/problem\+json/i);
      expect(answer).toMatch(/x-content-type-options: nosniff/i);
    }
  });
});

test('whatever is read under /v1 is not stored on the way: cache-control is no-store', async () => {
  for (const url of [
    '/v1/dialogues',
    `/v1/dialogues/${dialogue.id}`,
    `/v1/dialogues/${dialogue.id}/note`,
    `/v1/dialogues/${dialogue.id}/registrations`,
    `/v1/public/dialogues/${dialogue.slug}`,
    `/v1/public/dialogues/${dialogue.slug}/agenda`,
    '/v1/people',
    '/v1/tokens',
    '/v1/nothing',
  ]) {
    // Also as it is kept, from the second time on.
    for (let time = 0; time < 2; time++)
      expect([url, (await api.request('GET', url)).headers['cache-control']]).toEqual([url, 'no-store']);
  }
  const made = await api.request('POST', '/v1/processes', { title: 'A process' });
  expect([made.statusCode, made.headers['cache-control']]).toEqual([201, 'no-store']);
});

describe('a URL with a user before the host, or a backslash', () => {
  test.each(['https://user:pw@meet.example/', 'https://meet.example\\@evil.example/', 'javascript:alert(1)'])(
    'is refused wherever one is given: %s',
    async (url) => {
      const venue = { kind: 'virtual', platform: 'Kudo', join_url: url };
      const documents = [{ title: 'Note', url }];
      const changed = await api.request('PATCH', `/v1/dialogues/${dialogue.id}`, { venue, documents });
      expect(codes(changed.body)).toEqual(['venue.join_url: url_invalid', 'documents.0.url: url_invalid']);
    },
  );
});

test('a file is downloaded under the extension of what it is, whatever it was called', async () => {
  const { id } = await publishDialogue(api, { title: 'Asks for a scan' });
  await inviteList(api, id, listOf(1));
  const url = `/v1/dialogues/${id}/questions`;
  const { etag } = (await api.request('GET', url)).headers;
  const asked = await api.request(
    'PUT',
    url,
    { questions: [{ code: 'scan', kind: 'file', label: { en: 'A scan' } }] },
    etag ? { headers: { 'if-match': etag } } : {},
  );
  expect(asked.statusCode).toBe(200);
  const link = await linkOf(api, 'invitation', { email: 'person.1@ministry.example', dialogueId: id });
  const form = new FormData();
  for (const [name, value] of Object.entries(answers)) form.append(name, value);
  form.append('answers.scan', new File(['%PDF-1.7 <script>'], 'pass.html', { type: 'text/html' }));
  const sent = new Response(form);
  const accepted = await api.app.inject({
    method: 'POST',
    url: `${link}/acceptance`,
    payload: Buffer.from(await sent.arrayBuffer()),
    headers: { 'content-type': sent.headers.get('content-type')! },
  });
  expect(accepted.statusCode).toBe(303);
  const [{ id: registration }] = await api.dataSource.query(
    'SELECT id FROM registrations WHERE dialogue_id = $1',
    [id],
  );
  const file = await api.request('GET', `/v1/registrations/${registration}/answers/scan/file`);
  expect(file.headers['content-disposition']).toContain('pass.pdf');
  expect(file.headers['content-disposition']).not.toContain('html');
});

describe('on the line', () => {
  afterEach(() => jest.restoreAllMocks());

  test('a body that comes too slowly is cut, and told so', async () => {
    await port();
    const answer = await raw(
      'POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\nemail=',
    );
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
  });

  test('a request has a minute to come in, and Node looks often enough', async () => {
    const { createApi } =
      require('../../apps/api/src/create-api') as typeof import('../../apps/api/src/create-api');
    const usual = await createApi();
    const server = usual.getHttpServer() as { requestTimeout: number };
    expect(server.requestTimeout).toBe(60_000);
    await usual.close();
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', 'email='],
    ['JSON', 'application/json', '{"email":'],
    [
      'a form with a file',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
    ],
  ])('a client that hangs up in the middle of %s is no database that is away', async (_, type, begin) => {
    const told = jest.spyOn(log, 'warn');
    const failed = jest.spyOn(log, 'error');
    const gone = new Promise<unknown>((resolve) => {
      jest.spyOn(log, 'info').mockImplementation(((fields: unknown, message: string) => {
        if (message === 'client hung up') resolve(fields);
      }) as never);
    });
    const socket = connect(await port(), '127.0.0.1');
    const arrived = once(api.app.getHttpServer(), 'request') as Promise<[{ on: NodeJS.EventEmitter['on'] }]>;
    const path = type.includes('json')
      ? `/v1/public/dialogues/${dialogue.slug}/link`
      : `/d/${dialogue.slug}/registrations`;
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: 400\r\n\r\n${begin}`,
    );
    await arrived;
    socket.destroy();
    expect(await gone).toMatchObject({ requestId: expect.any(String) });
    expect([told.mock.calls, failed.mock.calls]).toEqual([[], []]);
  });
});

test('a full disk is 503 with Retry-After, and the probe says so until there is room again', async () => {
  // PostgreSQL itself says what it says when the disk is full, to whatever needs room.
  await api.dataSource.query(`
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE FUNCTION no_room_for_tables() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON mechanisms EXECUTE FUNCTION no_room();`);
  expect((await api.request('GET', '/health/ready')).statusCode).toBe(200);
  await api.dataSource.query(
    `CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION no_room_for_tables()`,
  );
  const create = () => api.request('POST', '/v1/mechanisms', { code: 'FULL', name: 'Full' });
  const refused = await create();
  expect([refused.statusCode, refused.json().code]).toEqual([503, 'storage_full']);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(refused.body).not.toContain('extend file');
  for (let time = 0; time < 2; time++) {
    const probe = await api.request('GET', '/health/ready');
    expect([probe.statusCode, probe.json().code]).toEqual([503, 'storage_full']);
    expect(Number(probe.headers['retry-after'])).toBeGreaterThan(0);
  }
  // Who reads is answered as ever.
  expect((await api.request('GET', '/v1/mechanisms')).statusCode).toBe(200);

  await api.dataSource.query('DROP EVENT TRIGGER full_disk; DROP TRIGGER full_disk ON mechanisms');
  expect((await api.request('GET', '/health/ready')).statusCode).toBe(200);
  expect((await create()).statusCode).toBe(201);
});

test.each([
  ['53200', 'database_unavailable'],
  ['53300', 'database_unavailable'],
  ['53100', 'storage_full'],
  ['25006', 'database_unavailable'],
  ['40P01', 'busy'],
])('PostgreSQL’s %s is 503 and goes away by waiting', (code, told) => {
  const { toProblem } =
    require('../../apps/api/src/http/problem.filter') as typeof import('../../apps/api/src/http/problem.filter');
  const wrapped = Object.assign(new Error('x'), { driverError: Object.assign(new Error('y'), { code }) });
  for (const error of [wrapped, wrapped.driverError])
    expect(toProblem(error)).toMatchObject({ status: 503, code: told, afterSeconds: expect.any(Number) });
});

let listening: Promise<number> | undefined;
/** Where the API listens, from the first time on that somebody asks. */
function port(): Promise<number> {
  listening ??= api.app.listen(0, '127.0.0.1').then(async () => Number(new URL(await api.app.getUrl()).port));
  return listening;
}

/** What is answered to bytes, until the connection ends. */
async function raw(sent: string): Promise<string> {
  const socket: Socket = connect(await port(), '127.0.0.1');
  let text = '';
  socket.on('data', (data) => (text += String(data))).on('error', () => undefined);
  socket.write(sent);
  await once(socket, 'close');
  return text;
}
