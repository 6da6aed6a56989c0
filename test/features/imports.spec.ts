import { parse } from 'csv-parse/sync';
import { startApi, type TestApi } from '../support/api';
import { inviteList, linkOf, listOf, publishDialogue, referenceList } from '../support/participants';
import { reference } from '../support/reference-dialogue';

const HEADER = 'no,honorific,name,title,email,affiliation,country,mechanism,capacity,language,time_zone';

describe('importing a list', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
    for (const { code, name, also_known_as = [] } of reference.mechanisms) {
      await api.request('POST', '/v1/mechanisms', { code, name, other_names: also_known_as, chairs: [] });
    }
  });
  afterAll(() => api.close());

  const preview = (id: string, list: string | Buffer, options = {}) =>
    api.request('POST', `/v1/dialogues/${id}/imports`, list, options);
  const confirm = (importId: string) => api.request('POST', `/v1/imports/${importId}/confirmation`);
  const people = async () =>
    (await api.dataSource.query('SELECT count(*)::int AS people FROM people'))[0].people as number;

  test('previews and changes nothing until it is confirmed, once; then again there is nothing to do', async () => {
    const { id } = await publishDialogue(api);
    const before = await people();
    const first = await preview(id, referenceList);
    expect(first.statusCode).toBe(201);
    expect(first.json().counts).toEqual({ add: 79, change: 0, unchanged: 0, refuse: 0 });
    expect(first.json().rows[0]).toMatchObject({
      line: 2,
      verdict: 'add',
      person: { name: 'Nadia Benkirane', country: 'MA', capacity: 'former co-chair' },
      invited: false,
    });
    expect(await people()).toBe(before);
    expect((await api.request('GET', `/v1/imports/${first.json().id}`)).json()).toEqual(first.json());

    const [one, other] = await Promise.all([confirm(first.json().id), confirm(first.json().id)]);
    expect([one.statusCode, other.statusCode].toSorted()).toEqual([201, 409]);
    const done = one.statusCode === 201 ? one : other;
    expect(done.json()).toEqual({ added: 79, changed: 0, unchanged: 0, refused: 0, prepared: 79 });
    expect((await confirm(first.json().id)).json().code).toBe('import_confirmed_already');
    expect(await people()).toBe(before + 79);
    const { counts } = (await api.request('GET', `/v1/dialogues/${id}/invitations`)).json();
    expect(counts).toEqual({ prepared: 79, sent: 0, accepted: 0, declined: 0 });

    const again = (await preview(id, referenceList)).json();
    expect(again.counts).toEqual({ add: 0, change: 0, unchanged: 79, refuse: 0 });
    expect(again.rows[0].invited).toBe(true);
    expect((await confirm(again.id)).json()).toMatchObject({ unchanged: 79, prepared: 0 });
  });

  test('tells row by row what is refused, and carries out the rest', async () => {
    const { id } = await publishDialogue(api);
    const list = [
      HEADER,
      '1,,Zahra Idrissi,,zahra@rows.example,Ministry,MA,Migration Dialogue for COMESA Region,chair,fr,Africa/Casablanca',
      '2,,No Address,,,Ministry,,,,fr,Africa/Casablanca',
      '3,,"=cmd|\' /C calc\'!A0",,formula@rows.example,<b>Ministry</b>,,,,en,UTC',
      '4,,zahra  IDRISSI,,Zahra@rows.example,,,,,,',
      '5,,Other Person,,other@rows.example,,,No such mechanism,,en,UTC',
      '6,,Line Break,,"a@rows.example\nBcc: x@y.example",,,,,en,UTC',
    ].join('\n');
    const previewed = (await preview(id, list)).json();
    expect(previewed.rows.map((row: { line: number; verdict: string }) => [row.line, row.verdict])).toEqual([
      [2, 'add'],
      [3, 'refuse'],
      [4, 'add'],
      [5, 'refuse'],
      [6, 'refuse'],
      [7, 'refuse'],
    ]);
    expect((await confirm(previewed.id)).json()).toEqual({
      added: 2,
      changed: 0,
      unchanged: 0,
      refused: 4,
      prepared: 2,
    });
    const [zahra] = await api.dataSource.query(
      `SELECT code FROM people JOIN mechanisms ON mechanisms.id = mechanism_id WHERE email = 'zahra@rows.example'`,
    );
    expect(zahra.code).toBe('MIDCOM');
  });

  test('changes people, and refuses when the directory has changed since the preview', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(2));
    const changed = listOf(2).replaceAll('Director', 'Minister');
    const outdated = (await preview(id, changed)).json();
    expect(outdated.counts).toEqual({ add: 0, change: 2, unchanged: 0, refuse: 0 });
    expect(outdated.rows[0].changes).toEqual(['functional_title']);
    const fresh = (await preview(id, changed)).json();
    expect((await confirm(fresh.id)).json()).toMatchObject({ changed: 2, prepared: 0 });
    const refused = await confirm(outdated.id);
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      code: 'import_outdated',
      errors: [{ field: 'line 2' }, { field: 'line 3' }],
    });
    // An empty cell says nothing.
    const silent = (await preview(id, listOf(1).replace('Director', ''))).json();
    expect(silent.counts).toMatchObject({ unchanged: 1 });
  });

  test.each([
    [
      'another encoding',
      Buffer.from(`${HEADER}\n1,,Álvaro,,a@b.example,,,,,,\n`, 'latin1'),
      422,
      'wrong_encoding',
    ],
    ['a missing column', 'no,name,email\n1,A,a@b.example\n', 422, 'missing_column'],
    ['a quotation mark left open', `${HEADER}\n1,,"A,,a@b.example`, 422, 'csv_malformed'],
    ['nothing', '', 422, 'empty_list'],
    ['more than 1 MiB', `${HEADER}\n${'x'.repeat(1024 * 1024)}`, 413, 'too_large'],
  ])('with %s is refused with what to do', async (_, list, status, code) => {
    const { id } = await publishDialogue(api);
    const answer = await preview(id, list);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test('with NUL characters, or as something else than CSV, breaks nothing', async () => {
    const { id } = await publishDialogue(api);
    const nul = await preview(id, `${HEADER}\n1,,A\u0000B,,a\u0000@nul.example,,,,,en,UTC\n`);
    expect(nul.json().rows[0]).toMatchObject({ verdict: 'refuse' });
    const json = await api.request('POST', `/v1/dialogues/${id}/imports`, { rows: [] });
    expect(json.statusCode).toBe(415);
  });

  test('of somebody else is not there', async () => {
    const { id } = await publishDialogue(api);
    const { token } = await api.newOrganiser();
    expect((await preview(id, listOf(1), { token })).statusCode).toBe(404);
    const mine = (await preview(id, listOf(1))).json();
    const theirs = await api.request('POST', `/v1/imports/${mine.id}/confirmation`, undefined, { token });
    expect(theirs.statusCode).toBe(404);
  });

  test('of 5,000 people takes seconds', async () => {
    const { id } = await publishDialogue(api);
    const large = listOf(5_000).replaceAll('@ministry.example', '@large.example');
    const previewed = (await preview(id, large)).json();
    expect(previewed.counts.add).toBe(5_000);
    expect((await confirm(previewed.id)).json()).toMatchObject({ added: 5_000, prepared: 5_000 });
    expect((await api.request('POST', `/v1/dialogues/${id}/invitations`)).json()).toEqual({ queued: 5_000 });
  });
});

describe('exporting participants', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  test('gives CSV that no spreadsheet will execute, and that can be imported again', async () => {
    const { id, slug } = await publishDialogue(api);
    await inviteList(
      api,
      id,
      `${HEADER}\n1,,"=HYPERLINK(""http://evil.example"")",+1,formula@x.example,"-2+3, Ministry",MA,,@SUM(A1),ar,UTC\n2,,محمد رفعت الحلبي,,m@x.example,IOM Syria,SY,,staff,ar,Asia/Damascus\n`,
    );
    for (const email of ['formula@x.example', 'm@x.example']) {
      const link = await linkOf(api, 'invitation', { dialogueId: id, email });
      await api.submit(`${link}/acceptance`, { consent_to_be_listed: 'after' });
    }
    const answer = await api.request('GET', `/v1/dialogues/${id}/participants.csv`);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${slug}-participants.csv"`,
    });
    expect(answer.rawPayload.subarray(0, 3)).toEqual(Buffer.from('\uFEFF'));
    const rows = parse(answer.body, { columns: true, bom: true }) as Record<string, string>[];
    expect(rows).toHaveLength(2);
    expect(rows.map((row) => row.state)).toEqual(['confirmed', 'confirmed']);
    const dangerous = rows.find((row) => row.email === 'formula@x.example')!;
    expect(dangerous).toMatchObject({
      name: '\'=HYPERLINK("http://evil.example")',
      title: "'+1",
      affiliation: "'-2+3, Ministry",
      capacity: "'@SUM(A1)",
      consent_to_be_listed: 'after',
    });
    expect(rows.find((row) => row.email === 'm@x.example')!.name).toBe('محمد رفعت الحلبي');
    const again = await api.request('POST', `/v1/dialogues/${id}/imports`, answer.rawPayload);
    expect(again.json().ignored_columns).toEqual([
      'state',
      'waitlist_number',
      'consent_to_be_listed',
      'confirmed_at',
    ]);
  });

  test('reads page by page, and every row once', async () => {
    const { id } = await publishDialogue(api);
    await api.dataSource.query(
      `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state, confirmed_at)
       SELECT $1, 'Person ' || n, 'person ' || n % 7, 'p' || n || '@x.example', 'p' || n || '@x.example', 'en', 'UTC',
         'confirmed', now() FROM generate_series(1, 2500) AS n`,
      [id],
    );
    const answer = await api.request('GET', `/v1/dialogues/${id}/participants.csv?state=confirmed`);
    const rows = parse(answer.body, { columns: true, bom: true }) as Record<string, string>[];
    expect(new Set(rows.map((row) => row.email)).size).toBe(2_500);
    expect(rows.at(-1)!.no).toBe('2500');
  });
});
