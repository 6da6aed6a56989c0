import type { DataSource } from 'typeorm';
import { createDataSource, migrate } from '@app/database';
import { createEmptyDatabase, createTestDatabase } from '../support/postgres';

describe('the schema', () => {
  it('is what the entities say, column for column', async () => {
    const database = await createTestDatabase();
    const dataSource = await createDataSource(database.url, 2).initialize();
    try {
      const columns: { table: string; column: string; nullable: boolean; type: string }[] =
        await dataSource.query(
          `SELECT table_name AS table, column_name AS column, is_nullable = 'YES' AS nullable, udt_name AS type
         FROM information_schema.columns WHERE table_schema = 'public'`,
        );
      const inDatabase = new Map(columns.map((column) => [`${column.table}.${column.column}`, column]));
      const differences: string[] = [];
      for (const entity of dataSource.entityMetadatas) {
        for (const column of entity.columns) {
          const name = `${entity.tableName}.${column.databaseName}`;
          const found = inDatabase.get(name);
          inDatabase.delete(name);
          if (!found) differences.push(`${name} is not in the database`);
          else if (found.nullable !== column.isNullable)
            differences.push(`${name}: nullable is ${found.nullable}`);
          else if (typeName(dataSource.driver.normalizeType(column), column.isArray) !== found.type) {
            differences.push(`${name} is ${found.type}`);
          }
        }
      }
      const tables = new Set(dataSource.entityMetadatas.map(({ tableName }) => tableName));
      for (const [name, { table }] of inDatabase)
        if (tables.has(table)) differences.push(`no entity has ${name}`);
      expect(differences).toEqual([]);
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });

  it('finds by an index what refers to a delegation or a person', async () => {
    const database = await createTestDatabase();
    const dataSource = await createDataSource(database.url, 2).initialize();
    const missing = await dataSource.query(
      `SELECT c.conrelid::regclass || '.' || a.attname AS missing
       FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
       WHERE c.contype = 'f' AND c.confrelid IN ('delegations'::regclass, 'people'::regclass)
         AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = a.attnum)`,
    );
    expect(missing).toEqual([]);
    await dataSource.destroy();
    await database.drop();
  });

  it('can be made twice at the same time, as when two replicas start together, and unmade', async () => {
    const database = await createEmptyDatabase();
    const [first, second] = await Promise.all([migrate(database.url), migrate(database.url)]);
    expect([...first, ...second]).toEqual([
      expect.stringContaining('TheMainJob'),
      expect.stringContaining('RegistrationAsStatesNeedIt'),
      expect.stringContaining('MailNeverLostNeverDoubled'),
      expect.stringContaining('ListsInPlaceAndFailuresAtOnce'),
      expect.stringContaining('VersionsOfWholeDocuments'),
      expect.stringContaining('JoinLinkRevocations'),
      expect.stringContaining('NamesBesidePublishedNotes'),
      expect.stringContaining('RecomputedNameKeys'),
      expect.stringContaining('AddressKeysInAscii'),
      expect.stringContaining('SinceWhenMailsAreUnwritten'),
      expect.stringContaining('DocumentsAndChairsAreObjects'),
      expect.stringContaining('ReplaysWithoutBodiesAndMakersOfTokens'),
    ]);
    const dataSource = await createDataSource(database.url, 2).initialize();
    for (let done = dataSource.migrations.length; done > 0; done--) await dataSource.undoLastMigration();
    const left = await dataSource.query(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'migrations'`,
    );
    expect(left).toEqual([]);
    await dataSource.destroy();
    await database.drop();
  });

  it('loses the lists in lists that were stored as documents and stopped the mails of a dialogue', async () => {
    const database = await createEmptyDatabase();
    await migrate(database.url);
    const dataSource = await createDataSource(database.url, 2).initialize();
    await undoDownTo(dataSource, 'AddressKeysInAscii');
    const document = { title: 'Concept note', url: 'https://docs.example/1' };
    const chair = { name: 'Atlantis', role: 'chair' };
    await dataSource.query(
      `WITH host AS (
         INSERT INTO organisers (email, email_key, name, language, time_zone)
         VALUES ('host@agency.example', 'host@agency.example', 'Host', 'en', 'UTC') RETURNING id),
       mechanism AS (
         INSERT INTO mechanisms (organiser_id, code, code_key, name, chairs)
         SELECT id, 'A', 'a', 'A', $2::jsonb FROM host),
       dialogue AS (
         INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at,
           venue, hosts, working_languages, registration, documents)
         SELECT id, 'dialogue', 'Dialogue', '2060-01-28T11:00', '2060-01-28T13:00', 'UTC', '2060-01-28T11:00Z',
           '2060-01-28T13:00Z', '{"kind": "hybrid"}', '{Host}', '{en}', 'open', $1::jsonb FROM host RETURNING id),
       session AS (
         INSERT INTO agenda_sessions (dialogue_id, position, title, minutes) SELECT id, 1, 'Opening', 10 FROM dialogue
         RETURNING id)
       INSERT INTO agenda_items (session_id, position, title, minutes, documents)
       SELECT id, 1, 'Words', 5, $1::jsonb FROM session`,
      [
        JSON.stringify([[], document, [document], null, 'text', { title: 'No address' }]),
        JSON.stringify([[], chair, {}]),
      ],
    );
    await dataSource.runMigrations();
    expect(await dataSource.query('SELECT documents FROM dialogues')).toEqual([{ documents: [document] }]);
    expect(await dataSource.query('SELECT documents FROM agenda_items')).toEqual([{ documents: [document] }]);
    expect(await dataSource.query('SELECT chairs FROM mechanisms')).toEqual([{ chairs: [chair] }]);
    for (const table of ['dialogues', 'agenda_items'])
      await expect(dataSource.query(`UPDATE ${table} SET documents = '[[]]'`)).rejects.toThrow('are_objects');
    await dataSource.destroy();
    await database.drop();
  });

  it('can be unmade with people in every state, and made again', async () => {
    const database = await createEmptyDatabase();
    await migrate(database.url);
    const dataSource = await createDataSource(database.url, 2).initialize();
    await dataSource.query(
      `WITH host AS (
         INSERT INTO organisers (email, email_key, name, language, time_zone)
         VALUES ('host@agency.example', 'host@agency.example', 'Host', 'en', 'UTC') RETURNING id),
       dialogue AS (
         INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at,
           venue, hosts, working_languages, registration, approvals_needed)
         SELECT id, 'dialogue', 'Dialogue', '2060-01-28T11:00', '2060-01-28T13:00', 'UTC', '2060-01-28T11:00Z',
           '2060-01-28T13:00Z', '{"kind": "hybrid"}', '{Host}', '{en}', 'open', 1 FROM host RETURNING id),
       delegation AS (
         INSERT INTO delegations (dialogue_id, organisation) SELECT id, 'Bali Process' FROM dialogue RETURNING id),
       limits AS (
         INSERT INTO places (dialogue_id, scope, attends, delegation_id, role, places, taken, reserved)
         SELECT dialogue.id, scope, attends, CASE WHEN scope = 'delegation' THEN delegation.id END, role, 5, 3, reserved
         FROM dialogue, delegation, (VALUES ('dialogue', NULL, NULL, 2), ('attendance', 'virtual', NULL, 2),
           ('delegation', NULL, NULL, 0), ('role', NULL, 'observer', 0)) AS level (scope, attends, role, reserved)),
       asked AS (
         INSERT INTO invitations (dialogue_id, state) SELECT id, 'removed' FROM dialogue)
       INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state, attends,
         delegation_id, role, confirmed_at, waitlist_number, offer_expires_at, consent_to_be_listed)
       SELECT dialogue.id, state, state, 'a@b.example', 'a@b.example', 'en', 'UTC', state, 'virtual', delegation.id,
         'observer', CASE WHEN state IN ('confirmed', 'under_review') THEN now() END,
         CASE WHEN state IN ('waitlisted', 'awaiting_approval') THEN number END,
         CASE WHEN state = 'offered' THEN now() END, 'before'
       FROM dialogue, delegation, unnest(ARRAY['unconfirmed', 'awaiting_approval', 'waitlisted', 'offered', 'confirmed',
         'under_review', 'refused', 'withdrawn']) WITH ORDINALITY AS registered (state, number)`,
    );
    // What came after mail that is held, that, and then registration as States need it.
    await undoDownTo(dataSource, 'MailNeverLostNeverDoubled');
    await dataSource.query(
      `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key, state)
       VALUES ('invitation', gen_random_uuid(), 'a@b.example', 'en', 'held', 'held')`,
    );
    await undoDownTo(dataSource, 'RegistrationAsStatesNeedIt');
    expect(await dataSource.query('SELECT state, answer FROM mails')).toEqual([
      { state: 'failed', answer: 'It was held.' },
    ]);
    await undoDownTo(dataSource, 'TheMainJob');
    const states: { name: string; state: string; has_place: boolean }[] = await dataSource.query(
      'SELECT name, state, confirmed_at IS NOT NULL AS has_place FROM registrations',
    );
    expect(Object.fromEntries(states.map(({ name, state, has_place: has }) => [name, [state, has]]))).toEqual(
      {
        unconfirmed: ['unconfirmed', false],
        awaiting_approval: ['withdrawn', false],
        waitlisted: ['waitlisted', false],
        offered: ['withdrawn', false],
        confirmed: ['confirmed', true],
        under_review: ['confirmed', true],
        refused: ['withdrawn', false],
        withdrawn: ['withdrawn', false],
      },
    );
    expect(await dataSource.query('SELECT scope, places, taken FROM places')).toEqual([
      { scope: 'dialogue', places: 5, taken: 2 },
    ]);
    await migrate(database.url);
    expect(await dataSource.query('SELECT roles FROM dialogue_roles')).toEqual([{ roles: ['owner'] }]);
    await dataSource.destroy();
    await database.drop();
  });

  it('left the bodies of answers, with names and tokens in them, beside the keys under which they were repeated', async () => {
    const database = await createEmptyDatabase();
    await migrate(database.url);
    const dataSource = await createDataSource(database.url, 2).initialize();
    await undoDownTo(dataSource, 'ListsInPlaceAndFailuresAtOnce');
    const made = {
      headers: { location: '/v1/people/1', etag: '"1"' },
      body: { id: 1, name: 'Karin Holm', token: 'plenary_secret' },
    };
    const refused = { problem: { code: 'taken', detail: 'Karin Holm is there.', errors: [] } };
    await dataSource.query(
      `INSERT INTO idempotency_keys (scope, key, request_hash, status, body) VALUES
         ('organiser:1 /v1/people', 'karin', 'hash', 201, $1), ('public /v1/people', 'karin', 'hash', 409, $2),
         ('public /v1/people', 'under way', 'hash', NULL, NULL)`,
      [made, refused],
    );
    await migrate(database.url);
    const kept = await dataSource.query('SELECT * FROM idempotency_keys ORDER BY status');
    expect(JSON.stringify(kept)).not.toMatch(/karin|holm|plenary_/i);
    const { createHash } = require('node:crypto') as typeof import('node:crypto');
    const key = createHash('sha256').update('/v1/people\nkarin').digest('hex');
    expect(kept).toEqual([
      expect.objectContaining({
        scope: 'organiser:1',
        key,
        status: 201,
        location: '/v1/people/1',
        etag: '"1"',
        problem: null,
      }),
      expect.objectContaining({
        scope: 'public',
        key,
        status: 409,
        problem: expect.objectContaining({ code: 'taken' }),
      }),
      expect.objectContaining({ scope: 'public', status: null, location: null, problem: null }),
    ]);
    await dataSource.destroy();
    await database.drop();
  });

  it('keeps the audit append-only', async () => {
    const database = await createTestDatabase();
    const dataSource = await createDataSource(database.url, 2).initialize();
    await dataSource.query(`INSERT INTO audit_entries (actor, action) VALUES ('public', 'tried')`);
    await expect(dataSource.query(`UPDATE audit_entries SET actor = 'nobody'`)).rejects.toThrow(
      'append-only',
    );
    await expect(dataSource.query(`DELETE FROM audit_entries`)).rejects.toThrow('append-only');
    await dataSource.destroy();
    await database.drop();
  });
});

/** PostgreSQL's internal name of a type: `_text` is an array of text. */
function typeName(type: string, isArray: boolean): string {
  const internal: Record<string, string> = {
    integer: 'int4',
    bigint: 'int8',
    boolean: 'bool',
    'timestamp with time zone': 'timestamptz',
  };
  return `${isArray ? '_' : ''}${internal[type] ?? type}`;
}

/** Undoes migrations until the one of this name is the last that is left. */
async function undoDownTo(dataSource: DataSource, name: string): Promise<void> {
  for (;;) {
    const [last]: { name: string }[] = await dataSource.query(
      'SELECT name FROM migrations ORDER BY timestamp DESC LIMIT 1',
    );
    if (!last) throw new Error(`No migration is called ${name}.`);
    if (last.name.startsWith(name)) return;
    await dataSource.undoLastMigration();
  }
}
