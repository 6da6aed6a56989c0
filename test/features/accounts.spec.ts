import { startApi, type TestApi } from '../support/api';

describe('an organiser', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const ask = (email: string) => api.submit('/sign-in', { email });
  const mailsTo = (address: string) =>
    api.dataSource.query(`SELECT * FROM mails WHERE kind = 'sign-in' AND recipient = $1 ORDER BY id`, [
      address,
    ]);
  const accounts = () => {
    const { AccountsService } = require('@app/accounts') as typeof import('@app/accounts');
    return api.app.get(AccountsService);
  };
  const newLink = async (organiserId = api.organiser.id) =>
    new URL(await accounts().newSignInLink(organiserId)).pathname;
  const signIn = async () => {
    const answer = await api.submit(await newLink(), {});
    return String(answer.headers['set-cookie']).split(';')[0]!;
  };
  const OWN = { origin: 'http://plenary.example' };

  test('who asks for a link gets one by mail; who is unknown gets the same answer and no mail', async () => {
    const known = await ask(api.organiser.email.toUpperCase());
    const unknown = await ask('nobody@mission.example');
    expect([known.statusCode, unknown.statusCode]).toEqual([200, 200]);
    expect(unknown.body).toBe(known.body);
    const [mail] = await mailsTo(api.organiser.email);
    expect(mail).toMatchObject({ state: 'queued', dialogue_id: null, useful_until: expect.any(Date) });
    expect(JSON.stringify(mail)).not.toContain('/sign-in/');
    expect(await mailsTo('nobody@mission.example')).toHaveLength(0);
    expect((await ask('no address')).statusCode).toBe(422);
  });

  test('one address gets five such mails an hour, and the answer does not tell', async () => {
    const { email } = await api.newOrganiser('Busy one');
    const answers = [];
    for (let number = 0; number < 7; number++) answers.push(await ask(email));
    expect(new Set(answers.map(({ statusCode, body }) => statusCode + body)).size).toBe(1);
    expect(await mailsTo(email)).toHaveLength(5);
  });

  test('has the mail in the ledger before the answer: a process that ends then loses none', async () => {
    const { email } = await api.newOrganiser('Sure one');
    expect((await ask(email)).statusCode).toBe(200);
    expect(await mailsTo(email)).toHaveLength(1);
  });

  test('opening the link shows a button and signs nobody in; the button does, once', async () => {
    const path = await newLink();
    const openings = [1, 2].map(() => api.app.inject({ method: 'GET', url: path }));
    for (const page of await Promise.all(openings)) {
      expect(page.statusCode).toBe(200);
      expect(String(page.headers['set-cookie'])).toMatch(
        /^plenary_form=[\w-]{43}; Path=\/sign-in; HttpOnly; SameSite=Lax$/,
      );
      expect(page.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
      expect(page.body).toContain(`action="${path}"`);
    }
    const first = await api.submit(path, {});
    expect([first.statusCode, first.headers.location]).toEqual([303, '/organiser']);
    expect(first.headers['set-cookie']).toMatch(
      /^plenary_session=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const second = await api.submit(path, {});
    expect([second.statusCode, second.headers['set-cookie']]).toEqual([404, undefined]);
  });

  test('two presses at the same moment sign in once', async () => {
    const path = await newLink();
    const answers = await Promise.all([api.submit(path, {}), api.submit(path, {})]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([303, 404]);
  });

  test('a wrong, an expired and a used link are answered alike', async () => {
    const used = await newLink();
    await api.submit(used, {});
    const expired = await newLink();
    await api.dataSource.query(`UPDATE sign_in_links SET expires_at = now() WHERE used_at IS NULL`);
    const wrong = `/sign-in/${'A'.repeat(65)}`;
    const answers = await Promise.all(
      [used, expired, wrong, '/sign-in/x'].map((url) => api.app.inject({ method: 'GET', url })),
    );
    expect(new Set(answers.map(({ statusCode, body }) => statusCode + body)).size).toBe(1);
    expect(answers[0]!.statusCode).toBe(404);
  });

  test('the page lists dialogues and tokens, in the language of the browser', async () => {
    const cookie = await signIn();
    const page = await api.app.inject({
      method: 'GET',
      url: '/organiser',
      headers: { cookie, 'accept-language': 'fr-CH, en;q=0.5' },
    });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('lang="fr"');
    expect(page.body).toContain('href="/docs"');
    expect(page.headers['referrer-policy']).toBe('same-origin');
    const anonymous = await api.app.inject({ method: 'GET', url: '/organiser' });
    expect([anonymous.statusCode, anonymous.headers.location]).toEqual([303, '/sign-in']);
    const forged = await api.app.inject({
      method: 'GET',
      url: '/organiser',
      headers: { cookie: `${cookie.slice(0, -3)}abc` },
    });
    expect(forged.statusCode).toBe(303);
  });

  test('makes a token that is shown once, works, and is revoked', async () => {
    const cookie = await signIn();
    const made = await api.submit(
      '/organiser/tokens',
      { name: 'My <b>script</b>', scope: 'read', days: '30' },
      { cookie, ...OWN },
    );
    expect(made.statusCode).toBe(200);
    const token = /plenary_[0-9a-f-]{36}\.[\w-]{43}/.exec(made.body)![0];
    expect(made.body).toContain('My &lt;b>script&lt;/b>');
    const page = await api.app.inject({ method: 'GET', url: '/organiser', headers: { cookie } });
    expect(page.body).not.toContain(token);
    expect(JSON.stringify(await api.dataSource.query('SELECT * FROM api_tokens'))).not.toContain(
      token.split('.')[1],
    );

    expect((await api.request('GET', '/v1/mechanisms', undefined, { token })).statusCode).toBe(200);
    const change = await api.request('POST', '/v1/mechanisms', { code: 'X', name: 'X' }, { token });
    expect([change.statusCode, change.json().code]).toEqual([403, 'scope_insufficient']);

    const id = token.slice('plenary_'.length, 44);
    const revoked = await api.submit(`/organiser/tokens/${id}/revocation`, {}, { cookie, ...OWN });
    expect(revoked.statusCode).toBe(303);
    expect((await api.request('GET', '/v1/mechanisms', undefined, { token })).statusCode).toBe(401);
  });

  test('a form from another site changes nothing', async () => {
    const cookie = await signIn();
    const before = await api.dataSource.query('SELECT FROM api_tokens');
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await api.submit('/organiser/tokens', { name: 'x', scope: 'write', days: '1' }, {
        cookie,
        ...headers,
      } as never);
      expect(answer.statusCode).toBe(403);
    }
    expect(await api.dataSource.query('SELECT FROM api_tokens')).toHaveLength(before.length);
    const api1 = await api.request(
      'POST',
      '/v1/mechanisms',
      { code: 'EVIL', name: 'E' },
      {
        token: null,
        headers: { cookie, origin: 'https://evil.example' },
      },
    );
    expect(api1.statusCode).toBe(401);
    const own = await api.request(
      'POST',
      '/v1/mechanisms',
      { code: 'OWN', name: 'Own' },
      { token: null, headers: { cookie, ...OWN } },
    );
    expect(own.statusCode).toBe(201);
  });

  describe('signing in', () => {
    const FOREIGN: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'null' },
    ];
    /** As old browsers, programs and pages without a referrer do: nothing of where it comes from, or "null". */
    const UNSAID: Record<string, string>[] = [{}, { origin: 'null' }, { 'sec-fetch-site': 'none' }];
    const send = (url: string, fields: Record<string, string>, headers: Record<string, string>) =>
      api.app.inject({
        method: 'POST',
        url,
        payload: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
    /** What an old browser keeps of the page with the button. */
    const openButton = async (path: string, headers: Record<string, string> = {}) => {
      const page = await api.app.inject({ url: path, headers });
      return {
        cookie: String(page.headers['set-cookie']).split(';')[0]!,
        proof: /name="proof" value="([^"]+)"/.exec(page.body)![1]!,
      };
    };

    test('was done by a form of another site, with a link of its own', async () => {
      const path = await newLink();
      const { cookie, proof } = await openButton(path);
      for (const headers of FOREIGN) {
        // Even when it could know what is in our page.
        const answer = await send(path, { proof }, { ...headers, cookie });
        expect([headers, answer.statusCode, String(answer.headers['set-cookie'])]).toEqual([
          headers,
          403,
          expect.not.stringContaining('plenary_session'),
        ]);
        expect(answer.body).toContain(`action="${path}"`);
      }
      for (const headers of UNSAID) {
        const other = await openButton(path);
        for (const [fields, cookies] of [
          [{}, {}],
          [{}, { cookie }],
          [{ proof }, {}],
          [{ proof: '' }, { cookie: 'plenary_form=' }],
          [{ proof: other.proof }, { cookie }],
        ] as const) {
          const answer = await send(path, fields, { ...headers, ...cookies });
          expect([headers, fields, answer.statusCode]).toEqual([headers, fields, 403]);
        }
      }
      const own = await send(path, {}, OWN);
      expect([own.statusCode, own.headers.location]).toEqual([303, '/organiser']);
    });

    test('works in a browser that does not say where a form comes from, in each of its tabs', async () => {
      for (const headers of UNSAID) {
        const [first, second] = [await newLink(), await newLink()];
        const { cookie, proof } = await openButton(first);
        expect((await openButton(second, { cookie })).proof).toBe(proof);
        const answer = await send(first, { proof }, { ...headers, cookie });
        expect([headers, answer.statusCode]).toEqual([headers, 303]);
        expect(String(answer.headers['set-cookie'])).toContain('plenary_session=');
      }
    });

    test('mailed as many links as another site, or one network, asked for', async () => {
      const { email } = await api.newOrganiser('Often asked');
      for (const headers of FOREIGN)
        expect((await send('/sign-in', { email }, headers)).statusCode).toBe(403);
      expect(await mailsTo(email)).toHaveLength(0);
      for (const headers of UNSAID) expect((await send('/sign-in', { email }, headers)).statusCode).toBe(200);
      expect(await mailsTo(email)).toHaveLength(UNSAID.length);

      const { RateLimits } =
        require('../../apps/api/src/http/rate-limits') as typeof import('../../apps/api/src/http/rate-limits');
      for (let wish = 0; wish < 299; wish++) await api.app.get(RateLimits).asks('198.51.100.8');
      const askFrom = (address: string, remoteAddress: string) =>
        api.app.inject({
          method: 'POST',
          url: '/sign-in',
          remoteAddress,
          payload: `email=${address}`,
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...OWN },
        });
      expect((await askFrom('one@mission.example', '198.51.100.8')).statusCode).toBe(200);
      const { email: last } = await api.newOrganiser('Last one');
      const refused = await askFrom(last, '198.51.100.8');
      expect([refused.statusCode, refused.headers['content-type']]).toEqual([
        429,
        'text/html; charset=utf-8',
      ]);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(await mailsTo(last)).toHaveLength(0);
      expect((await askFrom(last, '198.51.100.9')).statusCode).toBe(200);
      expect(await mailsTo(last)).toHaveLength(1);
    });
  });

  test('a form of another site changes nothing on a personal page', async () => {
    const answer = await api.submit(
      `/i/${'A'.repeat(65)}/acceptance`,
      {},
      { origin: 'https://evil.example' },
    );
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([403, undefined]);
  });

  test('signs out, and the cookie opens nothing any more', async () => {
    const cookie = await signIn();
    await api.submit('/sign-out', {}, { cookie, ...OWN });
    expect((await api.app.inject({ method: 'GET', url: '/organiser', headers: { cookie } })).statusCode).toBe(
      303,
    );
  });

  test('keeps tokens over the API too', async () => {
    const made = (await api.request('POST', '/v1/tokens', { name: 'CI', scope: 'write', days: 1 })).json();
    expect(made).toMatchObject({ name: 'CI', scope: 'write', last_used_at: null });
    expect((await api.request('GET', '/v1/mechanisms', undefined, { token: made.token })).statusCode).toBe(
      200,
    );
    const list = (await api.request('GET', '/v1/tokens')).json().items;
    expect(list.find(({ id }: { id: string }) => id === made.id)).toMatchObject({
      last_used_at: expect.any(String),
    });
    expect(JSON.stringify(list)).not.toContain(made.token);
    const { token: other } = await api.newOrganiser();
    expect(
      (await api.request('DELETE', `/v1/tokens/${made.id}`, undefined, { token: other })).statusCode,
    ).toBe(404);
    expect((await api.request('DELETE', `/v1/tokens/${made.id}`)).statusCode).toBe(204);
    expect((await api.request('GET', '/v1/mechanisms', undefined, { token: made.token })).statusCode).toBe(
      401,
    );
    expect(
      (await api.request('POST', '/v1/tokens', { name: 'x', scope: 'all', days: 400 })).json().errors,
    ).toHaveLength(2);
  });

  describe('a token that is made by a token', () => {
    const newToken = async (scope: 'read' | 'write', days: number, token?: string) =>
      api.request('POST', '/v1/tokens', { name: 'made', scope, days }, token === undefined ? {} : { token });
    const works = async (token: string) =>
      (await api.request('GET', '/v1/mechanisms', undefined, { token })).statusCode === 200;

    test('outlived and out-ranked it', async () => {
      const { id, token } = await api.newOrganiser();
      const longer = await newToken('write', 2, token);
      expect([longer.statusCode, longer.json()]).toEqual([
        422,
        expect.objectContaining({
          code: 'outlives_its_maker',
          errors: [
            { field: 'days', code: 'outlives_its_maker', detail: expect.stringContaining('at most 1') },
          ],
        }),
      ]);
      const child = (await newToken('write', 1, token)).json();
      const grandchild = (await newToken('read', 1, child.token)).json();
      const [maker] = await api.dataSource.query('SELECT expires_at FROM api_tokens WHERE id = $1', [
        token.slice(8, 44),
      ]);
      for (const made of [child, grandchild])
        expect(new Date(made.expires_at).getTime()).toBeLessThanOrEqual(maker.expires_at.getTime());
      for (const scope of ['read', 'write'] as const)
        expect((await newToken(scope, 1, grandchild.token)).statusCode).toBe(403);
      await expect(
        accounts().makeToken(id, { name: 'x', scope: 'write', days: 1 }, grandchild.id),
      ).rejects.toMatchObject({ code: 'scope_insufficient' });
      // Somebody who is signed in is no token.
      expect(await works(await accounts().newToken(id, { name: 'x', scope: 'write', days: 366 }))).toBe(true);
    });

    test('went on when that one was revoked', async () => {
      const { id, token } = await api.newOrganiser();
      const child = (await newToken('write', 1, token)).json();
      const grandchild = (await newToken('write', 1, child.token)).json();
      const beside = (await newToken('write', 1, token)).json();
      const revoke = (of: string) => api.request('DELETE', `/v1/tokens/${of}`, undefined, { token });
      expect((await revoke(child.id)).statusCode).toBe(204);
      expect(await Promise.all([child.token, grandchild.token, beside.token, token].map(works))).toEqual([
        false,
        false,
        true,
        true,
      ]);
      // Revoked while it makes one: either comes first, and what was made by it is not left.
      const [, made] = await Promise.all([revoke(beside.id), newToken('write', 1, beside.token)]);
      expect([201, 401]).toContain(made.statusCode);
      const left = await api.dataSource.query(
        'SELECT id FROM api_tokens WHERE organiser_id = $1 AND revoked_at IS NULL',
        [id],
      );
      expect(left).toEqual([{ id: token.slice(8, 44) }]);
    });
  });

  test('an unknown, an expired, a revoked and no token are answered alike', async () => {
    const { token: expired } = await api.newOrganiser();
    await api.dataSource.query(`UPDATE api_tokens SET expires_at = now() WHERE id = $1`, [
      expired.slice(8, 44),
    ]);
    const answers = await Promise.all(
      [expired, `plenary_${api.organiser.id}.${'A'.repeat(43)}`, 'nonsense', null].map((token) =>
        api.request('GET', '/v1/mechanisms', undefined, { token }),
      ),
    );
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="plenary"');
      expect({ ...answer.json(), instance: '' }).toEqual({ ...answers[0]!.json(), instance: '' });
    }
  });

  test('whoever guesses is told to wait, and whoever has a good token beside them is not', async () => {
    let last = await api.request('GET', '/v1/mechanisms', undefined, { token: 'wrong' });
    for (let number = 0; number < 110 && last.statusCode === 401; number++) {
      last = await api.request('GET', '/v1/mechanisms', undefined, { token: 'wrong' });
    }
    expect([last.statusCode, last.json().code]).toEqual([429, 'too_many_failures']);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect((await api.request('GET', '/v1/mechanisms')).statusCode).toBe(200);
    expect((await api.app.inject({ method: 'GET', url: await newLink() })).statusCode).toBe(200);
  });
});
