// First, as it says how much is logged.
import { startApi, type TestApi } from '../support/api';
import { createDataSource, migrate } from '@app/database';
import { log, nameKey } from '@app/platform';

/** The rule by which keys were made before the migration. */
const keyBefore = (name: string): string => name.normalize('NFKC').replace(/\s+/gu, ' ').trim().toLowerCase();

/** Two ways to write one name, which had two keys. */
const CURLY = 'Aïssatou N’Diaye';
const STRAIGHT = "Aïssatou N'Diaye";
const SOFT = 'Aïssatou N\u00ad’Diaye';
const EMAIL = 'aissatou@mae.example';

/** Ids that say what they are of. */
const ids = {
  organiser: '00000000-0000-4000-8000-000000000001',
  dialogue: '00000000-0000-4000-8000-000000000002',
  session: '00000000-0000-4000-8000-000000000003',
  note: '00000000-0000-4000-8000-000000000004',
  open: '00000000-0000-4000-8000-000000000005',
  done: '00000000-0000-4000-8000-000000000006',
  curlyPerson: '00000000-0000-4000-8000-000000000011',
  straightPerson: '00000000-0000-4000-8000-000000000012',
  softPerson: '00000000-0000-4000-8000-000000000013',
  elsewhere: '00000000-0000-4000-8000-000000000014',
  withdrawn: '00000000-0000-4000-8000-000000000021',
  confirmed: '00000000-0000-4000-8000-000000000022',
  erased: '00000000-0000-4000-8000-000000000023',
  alone: '00000000-0000-4000-8000-000000000024',
  firstMechanism: '00000000-0000-4000-8000-000000000031',
  secondMechanism: '00000000-0000-4000-8000-000000000032',
};

/** A database as the version before left it, with names whose keys collide now. */
async function fill(url: string): Promise<void> {
  const dataSource = await createDataSource(url, 1).initialize();
  const undone = async () =>
    (await dataSource.query(`SELECT FROM migrations WHERE name LIKE 'RecomputedNameKeys%'`)).length === 0;
  while (!(await undone())) await dataSource.undoLastMigration();
  const insert = (table: string, rows: object[]) =>
    dataSource.query(
      `INSERT INTO ${table} (${Object.keys(rows[0]!).join(', ')})
       SELECT ${Object.keys(rows[0]!).join(', ')} FROM jsonb_populate_recordset(NULL::${table}, $1)`,
      [JSON.stringify(rows)],
    );
  await insert('organisers', [
    {
      id: ids.organiser,
      email: 'organiser.1@secretariat.example',
      email_key: 'organiser.1@secretariat.example',
      name: 'Organiser 1',
      language: 'en',
      time_zone: 'UTC',
      created_at: '2026-01-01T00:00Z',
    },
  ]);
  const mechanism = (id: string, code: string, name: string, other_names: string[], created_at: string) => ({
    id,
    organiser_id: ids.organiser,
    code,
    code_key: keyBefore(code),
    name,
    other_names,
    name_keys: [code, name, ...other_names].map(keyBefore),
    chairs: [],
    version: 1,
    created_at,
  });
  await insert('mechanisms', [
    mechanism(ids.firstMechanism, 'N’D', 'Dialogue of N’Djamena', ['Ndjamena–Process'], '2026-01-01T00:00Z'),
    mechanism(
      ids.secondMechanism,
      "N'D",
      "Dialogue of N'Djamena II",
      ['Ndjamena-Process'],
      '2026-01-02T00:00Z',
    ),
  ]);
  const person = (id: string, name: string, email: string, created_at: string) => ({
    id,
    organiser_id: ids.organiser,
    name,
    name_key: keyBefore(name),
    email,
    email_key: email,
    language: 'fr',
    time_zone: 'UTC',
    version: 1,
    created_at,
  });
  await insert('people', [
    person(ids.softPerson, SOFT, EMAIL, '2026-01-01T00:00Z'),
    person(ids.straightPerson, STRAIGHT, EMAIL, '2026-01-02T00:00Z'),
    person(ids.curlyPerson, CURLY, EMAIL, '2026-01-03T00:00Z'),
    person(ids.elsewhere, CURLY, 'namesake@mae.example', '2026-01-03T00:00Z'),
  ]);
  await insert('dialogues', [
    {
      id: ids.dialogue,
      organiser_id: ids.organiser,
      slug: 'dialogue',
      title: 'Dialogue',
      purpose: '',
      starts_at_local: '2060-01-28T11:00',
      ends_at_local: '2060-01-28T13:00',
      time_zone: 'UTC',
      starts_at: '2060-01-28T11:00Z',
      ends_at: '2060-01-28T13:00Z',
      venue: { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/x' },
      hosts: ['Host'],
      working_languages: ['en'],
      documents: [],
      registration: 'open',
      state: 'published',
      schedule_revision: 1,
      schedule_changed_at: '2026-01-01T00:00Z',
      announce_requested: false,
      version: 1,
      created_at: '2026-01-01T00:00Z',
      published_at: '2026-01-01T00:00Z',
    },
  ]);
  await dataSource.query(
    `INSERT INTO dialogue_roles (dialogue_id, organiser_id, roles) VALUES ($1, $2, '{owner}')`,
    [ids.dialogue, ids.organiser],
  );
  await dataSource.query(`INSERT INTO places (dialogue_id, scope, taken) VALUES ($1, 'dialogue', 2)`, [
    ids.dialogue,
  ]);
  // The last is on the list, so that the directory's entry that is found by name is theirs.
  await dataSource.query(`INSERT INTO invitations (dialogue_id, person_id, state) VALUES ($1, $2, 'sent')`, [
    ids.dialogue,
    ids.curlyPerson,
  ]);
  const registration = (id: string, name: string, email: string, state: string, rest: object = {}) => ({
    id,
    dialogue_id: ids.dialogue,
    name,
    name_key: keyBefore(name),
    email,
    email_key: email,
    language: 'en',
    time_zone: 'UTC',
    state,
    confirmed_at: state === 'confirmed' ? '2026-01-02T00:00Z' : null,
    consent_to_be_listed: 'never',
    transition_id: id,
    participation_count: 0,
    link_generation: 1,
    version: 1,
    approval_round: 0,
    created_at: '2026-01-01T00:00Z',
    erased_at: null,
    ...rest,
  });
  await insert('registrations', [
    registration(ids.withdrawn, CURLY, EMAIL, 'withdrawn'),
    registration(ids.confirmed, STRAIGHT, EMAIL, 'confirmed', { created_at: '2026-01-02T00:00Z' }),
    registration(ids.alone, 'Jean\u2011Pierre Roy', 'jp@mae.example', 'confirmed'),
    registration(ids.erased, '', '', 'withdrawn', { name_key: ids.erased, erased_at: '2026-01-03T00:00Z' }),
  ]);
  await insert('delegations', [
    {
      id: '00000000-0000-4000-8000-000000000041',
      dialogue_id: ids.dialogue,
      organisation: 'Int’l Forum',
      link_generation: 1,
      version: 1,
      created_at: '2026-01-01T00:00Z',
    },
    {
      id: '00000000-0000-4000-8000-000000000042',
      dialogue_id: ids.dialogue,
      organisation: "Int'l Forum",
      link_generation: 1,
      version: 1,
      created_at: '2026-01-01T00:00Z',
    },
  ]);
  await dataSource.query(
    `INSERT INTO places (dialogue_id, scope, delegation_id, places) SELECT dialogue_id, 'delegation', id, 2 FROM delegations`,
  );
  await insert('agenda_sessions', [
    {
      id: ids.session,
      dialogue_id: ids.dialogue,
      position: 1,
      title: 'Opening',
      minutes: 30,
      moderator: CURLY,
      moderator_key: keyBefore(CURLY),
      guiding_questions: [],
    },
  ]);
  await dataSource.query(
    `INSERT INTO agenda_items (session_id, position, title, minutes, moderator, moderator_key, speakers, speaker_keys)
     VALUES ($1, 1, 'Statement', 10, NULL, NULL, $2, $3)`,
    [ids.session, [SOFT, 'Rosa Luz'], [SOFT, 'Rosa Luz'].map(keyBefore)],
  );
  await dataSource.query(`INSERT INTO notes (id, dialogue_id) VALUES ($1, $2)`, [ids.note, ids.dialogue]);
  await dataSource.query(
    `INSERT INTO interventions (note_id, session_id, position, speaker, speaker_key, capacity, text)
     VALUES ($1, $2, 1, $3, $4, 'national', 'Thank you.')`,
    [ids.note, ids.session, CURLY, keyBefore(CURLY)],
  );
  const row = (line: number, name: string, email = 'new@mae.example') => ({
    line,
    verdict: 'add',
    remarks: [],
    changes: [],
    duplicate_of: null,
    email_key: email,
    name_key: keyBefore(name),
    person: {
      honorific: null,
      name,
      functional_title: null,
      email,
      affiliation: null,
      country: null,
      mechanism_id: null,
      capacity: null,
      language: 'en',
      time_zone: 'UTC',
    },
    person_id: null,
    person_version: null,
    invited: false,
  });
  await dataSource.query(
    `INSERT INTO imports (id, dialogue_id, organiser_id, rows, confirmed_at)
     SELECT id, $1, $2, rows, confirmed_at FROM jsonb_populate_recordset(NULL::imports, $3)`,
    [
      ids.dialogue,
      ids.organiser,
      JSON.stringify([
        { id: ids.open, rows: [row(2, 'Sokol N’Doja'), row(3, "Sokol N'Doja")], confirmed_at: null },
        { id: ids.done, rows: [row(2, CURLY, EMAIL), row(3, 'Rosa Luz')], confirmed_at: '2026-01-01T00:00Z' },
      ]),
    ],
  );
  await dataSource.destroy();
}

describe('keys of names that were stored by an earlier rule', () => {
  let api: TestApi;
  const told = jest.spyOn(log, 'warn');
  const stored = async (table: string, column = 'name_key') =>
    Object.fromEntries(
      (await api.dataSource.query(`SELECT id, ${column} AS key FROM ${table}`)).map(
        ({ id, key }: { id: string; key: unknown }) => [id, key],
      ),
    );
  beforeAll(async () => {
    api = await startApi({
      reach: async (url) => {
        await fill(url);
        await migrate(url);
        return url;
      },
    });
  });
  afterAll(() => api.close());

  test('are recomputed wherever they are stored; of two names that are one now both rows stay, and one is found by it', async () => {
    const key = nameKey(STRAIGHT);
    // Anyone who takes part, and anyone who is invited, is the one that is found by name.
    expect(await stored('registrations')).toEqual({
      [ids.confirmed]: key,
      [ids.withdrawn]: `${key}\t2`,
      [ids.alone]: 'jean-pierre roy',
      [ids.erased]: ids.erased,
    });
    expect(await stored('people')).toEqual({
      [ids.curlyPerson]: key,
      [ids.softPerson]: `${key}\t2`,
      [ids.straightPerson]: `${key}\t3`,
      [ids.elsewhere]: key,
    });
    expect(await stored('mechanisms', 'code_key')).toEqual({
      [ids.firstMechanism]: "n'd",
      [ids.secondMechanism]: "n'd\t2",
    });
    expect(await stored('mechanisms', 'name_keys')).toEqual({
      [ids.firstMechanism]: ["n'd", "dialogue of n'djamena", 'ndjamena-process'],
      [ids.secondMechanism]: ["n'd\t2", "dialogue of n'djamena ii", 'ndjamena-process\t2'],
    });
    expect(Object.values(await stored('agenda_sessions', 'moderator_key'))).toEqual([key]);
    expect(Object.values(await stored('agenda_items', 'speaker_keys'))).toEqual([[key, 'rosa luz']]);
    expect(Object.values(await stored('interventions', 'speaker_key'))).toEqual([key]);
    const lists = await stored(
      'imports',
      `(SELECT jsonb_agg(row ->> 'name_key') FROM jsonb_array_elements(rows) AS row)`,
    );
    expect(lists).toEqual({ [ids.open]: ["sokol n'doja", "sokol n'doja"], [ids.done]: [key, 'rosa luz'] });
  });

  test('are named in the log and in the audit where they collide, by id and not by name', async () => {
    const audited = await api.dataSource.query(
      `SELECT action, dialogue_id, subject_id, details FROM audit_entries WHERE action LIKE '%set_aside' ORDER BY subject_id`,
    );
    const aside = (
      action: string,
      subject_id: string,
      beside: string,
      dialogue_id: string | null = null,
    ) => ({
      action,
      dialogue_id,
      subject_id,
      details: { beside },
    });
    expect(audited).toEqual([
      aside('person.name_set_aside', ids.straightPerson, ids.curlyPerson),
      aside('person.name_set_aside', ids.softPerson, ids.curlyPerson),
      aside('registration.name_set_aside', ids.withdrawn, ids.confirmed, ids.dialogue),
      aside('mechanism.name_set_aside', ids.secondMechanism, ids.firstMechanism),
    ]);
    const lines = told.mock.calls.map(([line]) => line as unknown as { id: string; beside: string });
    expect(lines.map(({ id, beside }) => [id, beside])).toEqual(
      expect.arrayContaining([
        [ids.withdrawn, ids.confirmed],
        [ids.secondMechanism, ids.firstMechanism],
      ]),
    );
    expect(JSON.stringify(told.mock.calls)).not.toMatch(/diaye/i);
  });

  test('make no row of a list be written twice: the second is a duplicate of the first', async () => {
    const confirmed = await api.request('POST', `/v1/imports/${ids.open}/confirmation`);
    expect(confirmed.statusCode).toBe(201);
    expect(confirmed.json()).toMatchObject({ added: 1, duplicates: 1 });
  });

  test('stand in the way of no edit of either row, as long as it is about the same one', async () => {
    for (const [id, name] of [
      [ids.curlyPerson, CURLY],
      [ids.softPerson, STRAIGHT],
      [ids.straightPerson, STRAIGHT],
    ]) {
      const { version: _, id: __, ...person } = (await api.request('GET', `/v1/people/${id}`)).json();
      const changed = await api.request('PATCH', `/v1/people/${id}`, {
        ...person,
        name,
        functional_title: 'Adviser',
      });
      expect([changed.statusCode, changed.json().functional_title]).toEqual([200, 'Adviser']);
    }
    for (const id of [ids.withdrawn, ids.confirmed]) {
      const changed = await api.request('PATCH', `/v1/registrations/${id}`, {
        name: CURLY.toUpperCase(),
        email: EMAIL.toUpperCase(),
      });
      expect([changed.statusCode, changed.json().name]).toEqual([200, CURLY.toUpperCase()]);
    }
    for (const id of [ids.firstMechanism, ids.secondMechanism]) {
      const { code, name, other_names } = (await api.request('GET', `/v1/mechanisms/${id}`)).json();
      const chairs = [{ name: 'Chad', role: 'chair' }];
      const changed = await api.request('PATCH', `/v1/mechanisms/${id}`, { code, name, other_names, chairs });
      expect([changed.statusCode, changed.json().chairs]).toEqual([200, chairs]);
    }
    const url = `/v1/dialogues/${ids.dialogue}`;
    for (const [path, items] of [
      ['delegations', 'items'],
      ['agenda', 'sessions'],
      ['note', 'interventions'],
    ]) {
      const read = await api.request('GET', `${url}/${path}`);
      const body = read.json();
      const whole =
        path === 'delegations'
          ? {
              delegations: body.items.map(({ mechanism, organisation, seats }: Record<string, unknown>) => ({
                mechanism,
                organisation,
                seats,
              })),
            }
          : path === 'agenda'
            ? {
                sessions: body.sessions.map(({ title, minutes, moderator }: Record<string, unknown>) => ({
                  title,
                  minutes,
                  moderator,
                })),
              }
            : Object.fromEntries(
                ['introduction', 'summaries', 'interventions', 'way_forward'].map((field) => [
                  field,
                  body[field],
                ]),
              );
      const written = await api.replace(`${url}/${path}`, whole);
      expect([path, written.statusCode, written.json()[items!]?.length]).toEqual([
        path,
        200,
        body[items!].length,
      ]);
    }
  });

  test('free a row that was set aside once the other one is renamed, and let nobody have the name again', async () => {
    const rename = (id: string, name: string) => api.request('PATCH', `/v1/people/${id}`, { name });
    expect((await rename(ids.curlyPerson, 'Somebody Else')).statusCode).toBe(200);
    expect((await rename(ids.softPerson, CURLY)).statusCode).toBe(200);
    expect((await stored('people'))[ids.softPerson]).toBe(nameKey(CURLY));
    expect((await rename(ids.curlyPerson, STRAIGHT)).json().code).toBe('person_exists');
    // The third is still beside it, and stays so.
    expect((await rename(ids.straightPerson, CURLY)).statusCode).toBe(200);
    expect((await stored('people'))[ids.straightPerson]).toBe(`${nameKey(CURLY)}\t3`);
  });

  test('let both be erased, each with its rows in lists that were read in', async () => {
    const erased = await api.request('POST', `/v1/registrations/${ids.withdrawn}/erasure`);
    expect(erased.statusCode).toBeLessThan(300);
    const [{ rows }] = await api.dataSource.query('SELECT rows FROM imports WHERE id = $1', [ids.done]);
    expect(rows.map(({ person }: { person: { name: string } }) => person.name)).toEqual(['Rosa Luz']);
    expect((await api.request('POST', `/v1/people/${ids.straightPerson}/erasure`)).statusCode).toBeLessThan(
      300,
    );
    expect((await stored('people'))[ids.straightPerson]).toBeUndefined();
    expect(
      (await api.dataSource.query('SELECT name FROM registrations WHERE id = $1', [ids.confirmed]))[0].name,
    ).toBe('');
  });

  test('are as before when the migration is undone, and can be made again', async () => {
    const { createEmptyDatabase } = require('../support/postgres') as typeof import('../support/postgres');
    const database = await createEmptyDatabase();
    await migrate(database.url);
    await fill(database.url);
    const dataSource = await createDataSource(database.url, 1).initialize();
    const keys = async () =>
      (await dataSource.query('SELECT id, name_key FROM registrations ORDER BY id')).map(
        ({ name_key: key }: { name_key: string }) => key,
      );
    const before = await keys();
    await migrate(database.url);
    const after = await keys();
    expect(after).not.toEqual(before);
    while (
      (await dataSource.query(`SELECT FROM migrations WHERE name LIKE 'RecomputedNameKeys%'`)).length > 0
    )
      await dataSource.undoLastMigration();
    expect(await keys()).toEqual(before);
    await migrate(database.url);
    expect(await keys()).toEqual(after);
    await dataSource.destroy();
    await database.drop();
  });
});
