import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';

let api: TestApi;
let retention: import('@app/participants').RetentionService;
beforeAll(async () => {
  api = await startApi();
  const { RetentionService } = require('@app/participants') as typeof import('@app/participants');
  retention = api.app.get(RetentionService);
});
afterAll(() => api.close());

/** A dialogue that ended so many days ago, with so many people who were invited, of whom two came. */
async function past(count: number, days: number, retentionDays: number | null, prefix: string) {
  const dialogue = await publishDialogue(api);
  const list = listOf(count)
    .replaceAll('Person ', `${prefix} `)
    .replaceAll('person.', `${prefix.toLowerCase()}.`);
  await inviteList(api, dialogue.id, list);
  for (const number of [1, 2]) {
    const who = { email: `${prefix.toLowerCase()}.${number}@ministry.example`, dialogueId: dialogue.id };
    await api.submit(`${await linkOf(api, 'invitation', who)}/acceptance`, answers);
  }
  await api.dataSource.query(
    `INSERT INTO attendances (registration_id, dialogue_id) SELECT id, dialogue_id FROM registrations WHERE dialogue_id = $1`,
    [dialogue.id],
  );
  await api.dataSource.query(
    `UPDATE dialogues SET starts_at = now() - make_interval(days => $2, hours => 2),
       ends_at = now() - make_interval(days => $2), retention_days = $3 WHERE id = $1`,
    [dialogue.id, days, retentionDays],
  );
  return dialogue;
}

/** Rows of the tables of participants that still hold a word. */
async function linesWith(word: string): Promise<string[]> {
  const lines: string[] = [];
  for (const table of [
    'registrations',
    'invitations',
    'people',
    'imports',
    'mails',
    'answers',
    'substitutions',
    'audit_entries',
  ]) {
    const rows: { row: string }[] = await api.dataSource.query(
      `SELECT to_jsonb(t)::text AS row FROM ${table} t WHERE to_jsonb(t)::text ILIKE $1`,
      [`%${word}%`],
    );
    lines.push(...rows.map(({ row }) => `${table} ${row}`));
  }
  return lines;
}

const NOTHING = {
  registrations: 0,
  invitations: 0,
  answers: 0,
  files: 0,
  substitutions: 0,
  mails: 0,
  imports: 0,
  people: 0,
};

describe('a purge', () => {
  it('removes exactly what its preview says, keeps what is counted, and tells the owners', async () => {
    const { id } = await past(3, 1, null, 'Quillon');
    const url = `/v1/dialogues/${id}/purge`;
    const preview = (await api.request('GET', url)).json();
    expect(preview).toEqual({
      retention_days: null,
      due_at: null,
      purged_at: null,
      over: true,
      counts: { ...NOTHING, registrations: 2, invitations: 3, mails: 5, imports: 1, people: 3 },
    });
    expect((await linesWith('quillon')).length).toBeGreaterThan(10);
    expect((await api.request('GET', url)).json()).toEqual(preview);

    const done = await api.request('POST', url);
    expect(done.statusCode).toBe(200);
    expect(done.json()).toEqual({ ...preview, purged_at: expect.any(String) });
    expect(await linesWith('quillon')).toEqual([]);
    expect((await api.request('GET', url)).json().counts).toEqual(NOTHING);

    const { counts } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(counts).toMatchObject({ confirmed: 2, withdrawn: 0 });
    const [kept] = await api.dataSource.query(
      `SELECT (SELECT count(*)::int FROM attendances WHERE dialogue_id = $1) AS came,
         (SELECT count(*)::int FROM invitations WHERE dialogue_id = $1 AND state = 'accepted') AS accepted,
         (SELECT details FROM audit_entries WHERE dialogue_id = $1 AND action = 'dialogue.purged') AS told`,
      [id],
    );
    expect(kept).toEqual({ came: 2, accepted: 2, told: preview.counts });
    const mails = await ledger(api, id);
    expect(mails.at(-1)).toEqual({ kind: 'purged', recipient: api.organiser.email });
    expect(mails.filter(({ kind }) => kind === 'purged')).toHaveLength(1);

    // Once more there is nothing to remove, and nobody is told of nothing.
    expect((await api.request('POST', url)).json().counts).toEqual(NOTHING);
    expect(await ledger(api, id)).toEqual(mails);
  });

  it('waits for the end of the dialogue', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(1));
    expect((await api.request('GET', `/v1/dialogues/${id}/purge`)).json()).toMatchObject({ over: false });
    const refused = await api.request('POST', `/v1/dialogues/${id}/purge`);
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'dialogue_not_over']);
    expect(await linesWith('person.1@ministry.example')).not.toEqual([]);
  });

  it('is for owners of the dialogue', async () => {
    const { id } = await past(2, 1, null, 'Ottoline');
    const other = await api.newOrganiser();
    const ask = async (method: 'GET' | 'POST') =>
      (await api.request(method, `/v1/dialogues/${id}/purge`, undefined, { token: other.token })).statusCode;
    expect([await ask('GET'), await ask('POST')]).toEqual([404, 404]);
    await api.dataSource.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, roles) VALUES ($1, $2, '{organiser}')`,
      [id, other.id],
    );
    expect([await ask('GET'), await ask('POST')]).toEqual([403, 403]);
    expect(await linesWith('ottoline')).not.toEqual([]);
  });

  it('comes by itself when the retention has passed, once, though two workers do it at once', async () => {
    const due = await past(2, 31, 30, 'Duarte');
    const tomorrow = await past(2, 29, 30, 'Morrow');
    const forEver = await past(2, 4_000, null, 'Evermore');
    const postponed = await past(2, 31, 30, 'Postpone');
    await api.dataSource.query(`UPDATE dialogues SET state = 'postponed' WHERE id = $1`, [postponed.id]);
    const purged = await Promise.all(Array.from({ length: 4 }, () => retention.purgeDue()));
    expect(purged.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await linesWith('duarte')).toEqual([]);
    for (const kept of ['morrow.', 'evermore.', 'postpone.']) expect(await linesWith(kept)).not.toEqual([]);
    const told = (await ledger(api, due.id)).filter(({ kind }) => kind === 'purged');
    expect(told).toEqual([{ kind: 'purged', recipient: api.organiser.email }]);
    const [{ parameters }] = await api.dataSource.query(
      `SELECT parameters FROM mails WHERE dialogue_id = $1 AND kind = 'purged'`,
      [due.id],
    );
    expect(parameters).toMatchObject({ days: 30, registrations: 2 });
    expect(await retention.purgeDue()).toBe(0);
    expect(tomorrow.id).not.toBe(forEver.id);
  });

  it('goes on with the next dialogue when one can not be purged, and tries that one again', async () => {
    const broken = await past(2, 40, 30, 'Brocken');
    const next = await past(2, 31, 30, 'Nextor');
    await api.dataSource.query(
      `CREATE FUNCTION refuse_purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$`,
    );
    await api.dataSource.query(
      `CREATE TRIGGER refuse_purge BEFORE UPDATE OF purged_at ON dialogues FOR EACH ROW
       WHEN (new.id = '${broken.id}') EXECUTE FUNCTION refuse_purge()`,
    );
    try {
      expect(await retention.purgeDue()).toBe(1);
    } finally {
      await api.dataSource.query('DROP FUNCTION refuse_purge CASCADE');
    }
    expect(await linesWith('nextor.')).toEqual([]);
    const erased = async (id: string) =>
      (await api.request('GET', `/v1/dialogues/${id}/registrations`))
        .json()
        .items.map((item: { erased_at: string | null }) => typeof item.erased_at);
    expect([await erased(next.id), await erased(broken.id)]).toEqual([
      ['string', 'string'],
      ['object', 'object'],
    ]);
    expect(await linesWith('brocken.')).not.toEqual([]);
    expect(await retention.purgeDue()).toBe(1);
    expect(await linesWith('brocken.')).toEqual([]);
  });

  it('leaves people whom another dialogue invited, or whom the directory knew before', async () => {
    const known = await api.request('POST', '/v1/people', {
      name: 'Known Before',
      email: 'before@ministry.example',
      language: 'en',
      time_zone: 'UTC',
    });
    expect(known.statusCode).toBe(201);
    const { id } = await past(2, 1, null, 'Elsewhere');
    await api.dataSource.query('INSERT INTO invitations (dialogue_id, person_id) VALUES ($1, $2)', [
      id,
      known.json().id,
    ]);
    const next = await publishDialogue(api);
    await api.dataSource.query(
      `INSERT INTO invitations (dialogue_id, person_id) SELECT $1, id FROM people WHERE name = 'Elsewhere 1'`,
      [next.id],
    );
    const preview = (await api.request('GET', `/v1/dialogues/${id}/purge`)).json();
    expect(preview.counts).toMatchObject({ invitations: 3, people: 1 });
    expect((await api.request('POST', `/v1/dialogues/${id}/purge`)).json().counts).toEqual(preview.counts);
    const left: { name: string }[] = await api.dataSource.query(
      `SELECT name FROM people WHERE name ~ 'Elsewhere|Known' ORDER BY name`,
    );
    expect(left.map(({ name }) => name)).toEqual(['Elsewhere 1', 'Known Before']);
  });

  it('takes as many statements for a thousand people as for two', async () => {
    const few = await past(2, 1, null, 'Fewer');
    const many = await past(2, 1, null, 'Manifold');
    await api.dataSource.query(
      `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state, confirmed_at)
       SELECT $1, 'Manifold ' || n, 'manifold ' || n, 'manifold' || n || '@x.example', 'manifold' || n || '@x.example', 'en',
         'UTC', 'confirmed', now() FROM generate_series(10, 1010) AS n`,
      [many.id],
    );
    const statements = async (id: string): Promise<number> => {
      const { countStatements } = require('../support/statements') as typeof import('../support/statements');
      return (await countStatements(api.dataSource, () => retention.purge(api.organiser.id, id))).length;
    };
    expect(await statements(many.id)).toBe(await statements(few.id));
    expect(await linesWith('manifold')).toEqual([]);
  });
});
