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
    expect(first.json().counts).toEqual({ add: 79, change: 0, unchanged: 0, duplicate: 0, refuse: 0 });
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
    expect(done.json()).toEqual({
      added: 79,
      changed: 0,
      unchanged: 0,
      duplicates: 0,
      refused: 0,
      prepared: 79,
    });
    expect((await confirm(first.json().id)).json().code).toBe('import_confirmed_already');
    expect(await people()).toBe(before + 79);
    const { counts } = (await api.request('GET', `/v1/dialogues/${id}/invitations`)).json();
    expect(counts).toEqual({ prepared: 79, sent: 0, accepted: 0, declined: 0, removed: 0 });

    const again = (await preview(id, referenceList)).json();
    expect(again.counts).toEqual({ add: 0, change: 0, unchanged: 79, duplicate: 0, refuse: 0 });
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
      [5, 'duplicate'],
      [6, 'refuse'],
      [7, 'refuse'],
    ]);
    expect((await confirm(previewed.id)).json()).toEqual({
      added: 2,
      changed: 0,
      unchanged: 0,
      duplicates: 1,
      refused: 3,
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
    expect(outdated.counts).toEqual({ add: 0, change: 2, unchanged: 0, duplicate: 0, refuse: 0 });
    expect(outdated.rows[0].changes).toEqual([
      { field: 'functional_title', before: 'Director', after: 'Minister' },
    ]);
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
    ['one column', 'name\nHoda\n', 422, 'one_column'],
    ['nobody beneath its columns', `${HEADER}\n`, 422, 'empty_list'],
    ['a quotation mark left open', `${HEADER}\n1,,"A,,a@b.example`, 422, 'csv_malformed'],
    ['nothing', '', 422, 'empty_list'],
    ['more than 10 MiB', Buffer.alloc(10 * 1024 * 1024 + 1, 'x'), 413, 'too_large'],
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

  test('with columns that it does not know waits until it is said what they are', async () => {
    const { id } = await publishDialogue(api);
    const list =
      'Who;Kontakt;From\nHoda Mansy;hoda@mapped.example;League of Arab States\nNadia;no address;Morocco\n';
    const first = (await preview(id, list)).json();
    expect(first).toMatchObject({
      counts: { add: 0, refuse: 0 },
      missing_fields: ['name', 'email'],
      columns: [
        { column: 'Who', field: null, suggestion: null, sample: ['Hoda Mansy', 'Nadia'] },
        { column: 'Kontakt', field: null, suggestion: 'email' },
        { column: 'From', field: null },
      ],
      rows: [],
    });
    expect((await confirm(first.id)).json()).toMatchObject({ status: 409, code: 'mapping_needed' });
    const map = (mapping: object) => api.replace(`/v1/imports/${first.id}/mapping`, { mapping });
    expect((await map({ Nobody: 'name' })).json().errors).toMatchObject([{ code: 'column_unknown' }]);
    expect((await map({ Who: 'shoe_size' })).json().errors).toMatchObject([{ code: 'field_unknown' }]);
    expect((await map({ Who: 'name', From: 'name' })).json().errors).toMatchObject([
      { code: 'doubled_column' },
    ]);
    const mapped = await map({ Who: 'name', Kontakt: 'email', From: 'affiliation' });
    expect(mapped.json()).toMatchObject({
      counts: { add: 1, refuse: 1 },
      missing_fields: [],
      rows: [{ person: { name: 'Hoda Mansy', affiliation: 'League of Arab States' } }, { verdict: 'refuse' }],
    });
    const refused = await api.request('GET', `/v1/imports/${first.id}?verdict=refuse`);
    expect(refused.json().rows).toMatchObject([{ line: 3 }]);
    expect((await confirm(first.id)).json()).toMatchObject({ added: 1, refused: 1 });
    expect((await map({ Who: 'name' })).json()).toMatchObject({ code: 'import_confirmed_already' });
    const [kept] = await api.dataSource.query('SELECT source FROM imports WHERE id = $1', [first.id]);
    expect(kept.source).toBeNull();
  });

  test('is judged anew without whom it named and who was erased since', async () => {
    const { id } = await publishDialogue(api);
    const list = 'Who;Email\nErased Person;erased@erased.example\nStill There;still@erased.example\n';
    const { id: importId } = (await preview(id, list)).json();
    await api.dataSource.query(
      `UPDATE imports SET source = jsonb_set(source, '{rows,0,cells}', 'null') WHERE id = $1`,
      [importId],
    );
    const found = await api.request('GET', `/v1/imports/${importId}`);
    expect(found.json().columns[0].sample).toEqual(['Still There']);
    const mapped = await api.replace(`/v1/imports/${importId}/mapping`, { mapping: { Who: 'name' } });
    expect(mapped.json().rows).toMatchObject([{ line: 3, person: { name: 'Still There' } }]);
    expect((await confirm(importId)).json()).toMatchObject({ added: 1 });
  });

  test('is read page by page', async () => {
    const { id } = await publishDialogue(api);
    const first = (await preview(id, listOf(450))).json();
    expect(first.rows).toHaveLength(200);
    const lines = first.rows.map(({ line }: { line: number }) => line);
    for (let cursor = first.next_cursor; cursor;) {
      const next = (await api.request('GET', `/v1/imports/${first.id}?limit=200&cursor=${cursor}`)).json();
      lines.push(...next.rows.map(({ line }: { line: number }) => line));
      cursor = next.next_cursor;
    }
    expect(lines).toEqual(Array.from({ length: 450 }, (_, index) => index + 2));
    expect((await api.request('GET', `/v1/imports/${first.id}?cursor=zz`)).statusCode).toBe(422);
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
    expect((await api.request('POST', `/v1/dialogues/${id}/invitations`, { to: 'prepared' })).json()).toEqual(
      { queued: 5_000, already_registered: 0 },
    );
  });
});

describe('undoing an import', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const imported = async (id: string, list: string) => {
    const { id: importId } = (await api.request('POST', `/v1/dialogues/${id}/imports`, list)).json();
    await api.request('POST', `/v1/imports/${importId}/confirmation`);
    return importId as string;
  };
  const undo = (importId: string, body: object = {}) =>
    api.request('POST', `/v1/imports/${importId}/undo`, body);
  const everything = async () => {
    const [people, invitations] = await Promise.all([
      api.dataSource.query(
        `SELECT honorific, name, functional_title, email, affiliation, country, mechanism_id, capacity, language, time_zone
         FROM people ORDER BY email`,
      ),
      api.dataSource.query('SELECT id, state FROM invitations ORDER BY id'),
    ]);
    return { people, invitations };
  };

  test('leaves everything as it was before, once', async () => {
    const { id } = await publishDialogue(api);
    await imported(id, listOf(3));
    const before = await everything();
    const other = await publishDialogue(api);
    const importId = await imported(other.id, listOf(6).replaceAll('Director', 'Minister'));
    expect((await everything()).people).toHaveLength(6);
    const undone = await undo(importId);
    expect([undone.statusCode, undone.json()]).toEqual([
      200,
      { removed_people: 3, restored_people: 3, removed_invitations: 6, left: [] },
    ]);
    expect(await everything()).toEqual(before);
    expect((await undo(importId)).json()).toMatchObject({ status: 409, code: 'import_undone_already' });
    expect((await api.request('GET', `/v1/imports/${importId}`)).json().undone_at).not.toBeNull();
    await api.dataSource.query('DELETE FROM invitations');
    await api.dataSource.query('DELETE FROM people');
  });

  test('is refused whole with the lines that were used since, or does what it can', async () => {
    const { id } = await publishDialogue(api);
    const importId = await imported(id, listOf(6));
    const invited = async (dialogueId: string, line: number) => {
      const [{ id: personId }] = await api.dataSource.query('SELECT id FROM people WHERE email = $1', [
        `person.${line - 1}@ministry.example`,
      ]);
      await api.request('POST', `/v1/dialogues/${dialogueId}/invitations`, { person_ids: [personId] });
      return personId as string;
    };
    await invited(id, 2);
    await invited(id, 3);
    const link = await linkOf(api, 'invitation', { dialogueId: id, email: 'person.2@ministry.example' });
    await api.submit(`${link}/acceptance`, {
      affiliation: 'Ministry',
      language: 'en',
      time_zone: 'UTC',
      consent_to_be_listed: 'never',
    });
    const other = await publishDialogue(api);
    await invited(other.id, 4);
    const [changed] = await api.dataSource.query(
      `SELECT id FROM people WHERE email = 'person.4@ministry.example'`,
    );
    await api.request('PATCH', `/v1/people/${changed.id}`, { functional_title: 'Minister' });
    const before = await everything();
    const refused = await undo(importId);
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      code: 'import_in_use',
      errors: [
        { field: 'line 2', code: 'invited_already' },
        { field: 'line 3', code: 'registered_already' },
        { field: 'line 4', code: 'used_elsewhere' },
        { field: 'line 5', code: 'changed_since' },
      ],
    });
    expect(await everything()).toEqual(before);
    const done = (await undo(importId, { as_far_as_possible: true })).json();
    expect(done).toMatchObject({ removed_people: 2, restored_people: 0, removed_invitations: 2 });
    expect(done.left.map(({ line }: { line: number }) => line)).toEqual([2, 3, 4, 5]);
    expect((await everything()).people).toHaveLength(4);
  });

  test('that was never carried out, or is somebody else’s, is refused', async () => {
    const { id } = await publishDialogue(api);
    const { id: importId } = (await api.request('POST', `/v1/dialogues/${id}/imports`, listOf(1))).json();
    expect((await undo(importId)).json()).toMatchObject({ status: 409, code: 'import_not_confirmed' });
    const { token } = await api.newOrganiser();
    const theirs = await api.request('POST', `/v1/imports/${importId}/undo`, {}, { token });
    expect(theirs.statusCode).toBe(404);
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
      'attends',
      'delegation',
      'role',
    ]);
  });

  test('gives the same as a workbook of text and as JSON', async () => {
    const { id, slug } = await publishDialogue(api);
    await inviteList(
      api,
      id,
      `${HEADER}\n1,,"=HYPERLINK(""http://evil.example"")",+1,formula@y.example,Ministry,MA,,,ar,UTC\n2,,محمد رفعت الحلبي,,m@y.example,IOM Syria,SY,,staff,ar,Asia/Damascus\n`,
    );
    for (const email of ['formula@y.example', 'm@y.example'])
      await api.submit(`${await linkOf(api, 'invitation', { dialogueId: id, email })}/acceptance`, {});
    const url = `/v1/dialogues/${id}/registrations/export`;
    const [csv, xlsx, json] = await Promise.all(
      ['csv', 'xlsx', 'json'].map((format) => api.request('GET', `${url}?format=${format}`)),
    );
    expect(xlsx!.headers).toMatchObject({
      'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'content-disposition': `attachment; filename="${slug}-participants.xlsx"`,
      'cache-control': 'no-store',
    });
    const { readSheet } = await import('read-excel-file/node');
    const [names, ...sheet] = await readSheet(xlsx!.rawPayload);
    const rows = parse(csv!.body, { columns: true, bom: true }) as Record<string, string>[];
    expect(names).toEqual(Object.keys(rows[0]!));
    const objects = json!.json() as Record<string, unknown>[];
    expect(objects.map(({ name }) => name)).toEqual([
      '=HYPERLINK("http://evil.example")',
      'محمد رفعت الحلبي',
    ]);
    expect(sheet).toEqual(
      objects.map((row) => Object.values(row).map((value) => (value === null ? null : String(value)))),
    );
    expect(rows[0]!.name).toBe('\'=HYPERLINK("http://evil.example")');
    // As text, and never as a formula.
    const imported = await api.request('POST', `/v1/dialogues/${id}/imports`, xlsx!.rawPayload);
    expect(imported.json().rows[0].remarks).not.toContainEqual(
      expect.objectContaining({ code: 'formula_result' }),
    );
    expect(imported.json().counts).toMatchObject({ unchanged: 2 });
    expect((await api.request('GET', `${url}?format=ods`)).statusCode).toBe(422);
    expect((await api.request('GET', `${url}?format=json&state=withdrawn`)).json()).toEqual([]);
    const { token } = await api.newOrganiser();
    expect((await api.request('GET', `${url}?format=json`, undefined, { token })).statusCode).toBe(404);
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
