import { startApi, type TestApi } from '../support/api';

describe('an organiser keeps a directory', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const bali = { code: 'BALI', name: 'Bali Process', other_names: ['The Bali Process'], chairs: [] };

  test('adds, reads and changes a mechanism', async () => {
    const made = await api.request('POST', '/v1/mechanisms', {
      ...bali,
      chairs: [{ name: 'Indonesia', role: 'co-chair' }],
    });
    expect(made.statusCode).toBe(201);
    expect(made.headers.etag).toBe('"1"');
    const { id } = made.json();
    expect(made.headers.location).toBe(`/v1/mechanisms/${id}`);
    const changed = await api.request('PATCH', `/v1/mechanisms/${id}`, {
      name: 'Bali Process on Trafficking',
    });
    expect(changed.json()).toMatchObject({
      code: 'BALI',
      name: 'Bali Process on Trafficking',
      other_names: ['The Bali Process'],
      chairs: [{ name: 'Indonesia', role: 'co-chair' }],
      version: 2,
    });
    expect((await api.request('GET', `/v1/mechanisms/${id}`)).json()).toEqual(changed.json());
  });

  test('two edits at once: the second is told, and changes nothing', async () => {
    const { id } = (
      await api.request('POST', '/v1/mechanisms', { code: 'RABAT', name: 'Rabat Process' })
    ).json();
    const asRead = await api.reading(`/v1/mechanisms/${id}`);
    const edit = (name: string) => api.request('PATCH', `/v1/mechanisms/${id}`, { name }, asRead);
    const answers = await Promise.all([edit('One'), edit('Other')]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 412]);
    const malformed = await api.request(
      'PATCH',
      `/v1/mechanisms/${id}`,
      {},
      { headers: { 'if-match': '1' } },
    );
    expect([malformed.statusCode, malformed.json().code]).toEqual([400, 'if_match_malformed']);
    const star = await api.request(
      'PATCH',
      `/v1/mechanisms/${id}`,
      { name: 'X' },
      { headers: { 'if-match': '*' } },
    );
    expect(star.statusCode).toBe(200);
  });

  test('an address with a line break or control character is refused, in a new person and in a change', async () => {
    const person = { name: 'Ana', email: 'ana@un.example', language: 'en', time_zone: 'UTC' };
    const { id } = (await api.request('POST', '/v1/people', person)).json();
    for (const email of ['"a\r\nBcc: x"@example.org', '"a\u0000"@example.org', 'nobody', 7]) {
      for (const answer of [
        await api.request('POST', '/v1/people', { ...person, email }),
        await api.request('PATCH', `/v1/people/${id}`, { email }),
      ])
        expect([answer.statusCode, answer.json().errors]).toEqual([
          422,
          [expect.objectContaining({ field: 'email', code: 'email_invalid' })],
        ]);
    }
  });

  test('no two mechanisms share a name, however it is written', async () => {
    await api.request('POST', '/v1/mechanisms', {
      code: '5+5',
      name: '5+5 Dialogue',
      other_names: ['Western Med'],
    });
    const clash = await api.request('POST', '/v1/mechanisms', {
      code: 'WM',
      name: 'Something',
      other_names: ['New', ' western   MED'],
    });
    expect(clash.statusCode).toBe(409);
    expect(clash.json()).toMatchObject({
      code: 'mechanism_name_taken',
      detail: expect.stringContaining('5+5 Dialogue'),
      errors: [{ field: 'other_names.1', code: 'mechanism_name_taken' }],
    });
    const both = await Promise.all(
      ['A', 'B'].map((code) => api.request('POST', '/v1/mechanisms', { code, name: 'The same name' })),
    );
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 409]);
  });

  test('keeps people as they are written, several at one address, and none twice', async () => {
    const person = {
      name: 'محمد رفعت الحلبي',
      email: 'protocol@mission.example',
      mechanism: 'the bali process',
      country: 'eg',
      language: 'ar-eg',
      time_zone: 'Africa/Cairo',
    };
    const made = await api.request('POST', '/v1/people', person);
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({
      mechanism: 'BALI',
      country: 'EG',
      language: 'ar-EG',
      honorific: null,
    });
    expect((await api.request('POST', '/v1/people', { ...person, name: 'Al-Dossary' })).statusCode).toBe(201);
    const again = await api.request('POST', '/v1/people', { ...person, email: 'PROTOCOL@mission.example' });
    expect([again.statusCode, again.json().code]).toEqual([409, 'person_exists']);
    const list = await api.request('GET', '/v1/people?email=protocol@mission.example');
    expect(list.json().items).toHaveLength(2);
    const changed = await api.request('PATCH', `/v1/people/${made.json().id}`, {
      capacity: 'chair',
      country: '',
    });
    expect(changed.json()).toMatchObject({ capacity: 'chair', country: null, name: person.name, version: 2 });
  });

  test('everything that is wrong is told at once, by field', async () => {
    const answer = await api.request('POST', '/v1/people', {
      name: 'Two\nlines',
      email: 'a@b.example\r\nBcc: c@d.example',
      language: 7,
      nickname: 'Al',
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const problem = answer.json();
    expect(problem.code).toBe('invalid_fields');
    expect(Object.fromEntries(problem.errors.map(({ field, code }: never) => [field, code]))).toEqual({
      nickname: 'unknown_field',
      name: 'malformed',
      email: 'email_invalid',
      language: 'wrong_type',
      time_zone: 'missing',
    });
    const meaning = await api.request('POST', '/v1/people', {
      name: 'X',
      email: 'x@y.example',
      mechanism: 'unheard of',
      country: 'QQ',
      language: '??',
      time_zone: 'Cairo time',
    });
    expect(
      meaning
        .json()
        .errors.map(({ code }: { code: string }) => code)
        .toSorted(),
    ).toEqual(['country_unknown', 'language_unknown', 'mechanism_unknown', 'time_zone_unknown']);
    const nested = await api.request('POST', '/v1/mechanisms', { ...bali, chairs: [{ name: 3 }] });
    expect(nested.json().errors).toEqual([
      { field: 'chairs.0.name', code: 'wrong_type', detail: expect.stringContaining('chairs.0.name') },
      { field: 'chairs.0.role', code: 'missing', detail: expect.stringContaining('chairs.0.role') },
    ]);
  });

  test('what is no JSON, or no JSON at all, is told so', async () => {
    const broken = await api.request('POST', '/v1/people', '{"name":', {
      headers: { 'content-type': 'application/json' },
    });
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'malformed_request']);
    const xml = await api.request('POST', '/v1/people', '<person/>', {
      headers: { 'content-type': 'text/xml' },
    });
    expect([xml.statusCode, xml.json().code]).toEqual([415, 'unsupported_media_type']);
  });

  test('lists page by cursor and lose or repeat nobody', async () => {
    const { token } = await api.newOrganiser();
    for (const number of [3, 1, 2, 5, 4]) {
      const person = { name: `P${number}`, email: 'p@q.example', language: 'en', time_zone: 'UTC' };
      await api.request('POST', '/v1/people', person, { token });
    }
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = (
        await api.request('GET', `/v1/people?limit=2&cursor=${cursor}`, undefined, { token })
      ).json() as { items: { name: string }[]; next_cursor: string | null };
      names.push(...page.items.map(({ name }) => name));
      cursor = page.next_cursor;
    }
    expect(names).toEqual(['P1', 'P2', 'P3', 'P4', 'P5']);
    const wrong = await api.request('GET', '/v1/people?cursor=xyz');
    expect([wrong.statusCode, wrong.json().code]).toEqual([422, 'cursor_invalid']);
  });

  test('two organisers see nothing of each other', async () => {
    const mine = (await api.request('POST', '/v1/mechanisms', { code: 'MINE', name: 'Mine' })).json();
    const { token } = await api.newOrganiser();
    const other = (method: 'GET' | 'PATCH', body?: object) =>
      api.request(method, `/v1/mechanisms/${mine.id}`, body, { token });
    expect((await other('GET')).statusCode).toBe(404);
    expect((await other('PATCH', { name: 'Theirs' })).statusCode).toBe(404);
    expect((await api.request('GET', '/v1/mechanisms', undefined, { token })).json().items).toEqual([]);
    expect(
      (await api.request('POST', '/v1/mechanisms', { code: 'MINE', name: 'Mine' }, { token })).statusCode,
    ).toBe(201);
    expect((await api.request('GET', '/v1/mechanisms/not-an-id')).statusCode).toBe(404);
  });

  describe('the same create twice', () => {
    const create = (key: string, code: string, token?: string) =>
      api.request(
        'POST',
        '/v1/mechanisms',
        { code, name: `Mechanism ${code}` },
        { headers: { 'idempotency-key': key }, ...(token && { token }) },
      );

    test('is done once, and answered alike', async () => {
      const [first, second] = [await create('key-1', 'IDEM'), await create('key-1', 'IDEM')];
      expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
      expect(second.json()).toEqual(first.json());
      expect(second.headers).toMatchObject({ etag: first.headers.etag, location: first.headers.location });
      expect(second.headers['idempotency-replayed']).toBe('true');
    });

    test('under one key with another body is refused', async () => {
      await create('key-2', 'K2');
      const other = await create('key-2', 'K3');
      expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency_key_reused']);
    });

    test('at the same moment is done once', async () => {
      const answers = await Promise.all([1, 2, 3].map(() => create('key-3', 'K4')));
      expect(answers.filter(({ statusCode }) => statusCode === 201).length).toBeGreaterThanOrEqual(1);
      for (const { statusCode } of answers) expect([201, 409]).toContain(statusCode);
      const rows = await api.dataSource.query(`SELECT FROM mechanisms WHERE code = 'K4'`);
      expect(rows).toHaveLength(1);
    });

    test('is refused alike when it was refused, and another organiser has keys of their own', async () => {
      await create('key-4', 'K5');
      const refused = await create('key-5', 'K5');
      const again = await create('key-5', 'K5');
      expect([refused.statusCode, again.statusCode]).toEqual([409, 409]);
      // The same but for what was sent.
      expect(again.json().code).toBe(refused.json().code);
      expect(again.json().errors).toEqual([
        {
          ...refused.json().errors[0],
          detail: '"…" is already a name of the … (…). Use that one, or give another name.',
        },
      ]);
      const { token } = await api.newOrganiser();
      expect((await create('key-4', 'K5', token)).headers['idempotency-replayed']).toBeUndefined();
    });

    test('works again when the first failed on our side', async () => {
      await api.dataSource.query('ALTER TABLE mechanisms RENAME TO mechanisms_away');
      const failed = await create('key-6', 'K6');
      await api.dataSource.query('ALTER TABLE mechanisms_away RENAME TO mechanisms');
      expect([failed.statusCode, failed.json().code, failed.json().detail]).toEqual([
        500,
        'internal_error',
        undefined,
      ]);
      expect((await create('key-6', 'K6')).statusCode).toBe(201);
    });
  });
});
