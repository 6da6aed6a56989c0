import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';

const YEAR = new Date().getUTCFullYear() + 1;

describe('a series of dialogues', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const rows = (sql: string, ...parameters: unknown[]) => api.dataSource.query(sql, parameters);
  const copy = (id: string, body: object, options = {}) =>
    api.request('POST', `/v1/dialogues/${id}/copies`, body, options);

  /** A dialogue on the 28th of January that has everything which can be copied, and people besides. */
  async function whole(): Promise<string> {
    const { id } = await publishDialogue(api, {
      places: 40,
      venue: { kind: 'hybrid', platform: 'Kudo', room: 'B1' },
    });
    await api.replace(`/v1/dialogues/${id}/agenda`, {
      sessions: [
        {
          title: 'Opening',
          minutes: 20,
          moderator: 'Anahit Sargsyan',
          guiding_questions: ['Where are the gaps?'],
          items: [{ title: 'Welcome', minutes: 20, speakers: ['Katarina Medved'], documents: [] }],
        },
        { title: 'Discussion', minutes: 60, items: [] },
      ],
    });
    await api.replace(`/v1/dialogues/${id}/reminder-rules`, {
      rules: [
        { before: 'P7D', audience: 'everyone' },
        { before: 'PT1H', audience: 'everyone' },
      ],
    });
    await rows(
      `UPDATE dialogues SET approvals_needed = 2, promotion = 'offer', offer_for = 'P3D', substitution = 'approved',
         retention_days = 90, answers_due_at_local = $2 || '-01-20T18:00', answers_due_at = ($2 || '-01-20T16:00Z')::timestamptz
       WHERE id = $1`,
      id,
      String(YEAR),
    );
    await rows(
      `WITH mechanism AS (INSERT INTO mechanisms (organiser_id, code, code_key, name, name_keys)
           VALUES ($2, 'RABAT' || $4, 'rabat' || $4, 'Rabat Process', '{}') RETURNING id),
         focal AS (INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
           VALUES ($2, 'Focal Point ' || $4, 'focal point ' || $4::text, 'focal@rabat.example', 'focal@rabat.example', 'fr', 'UTC')
           RETURNING id),
         delegation AS (INSERT INTO delegations (dialogue_id, mechanism_id, focal_point_id, attends,
             nominations_close_at_local, nominations_close_at, invited_at, released_at, link_generation)
           SELECT $1, mechanism.id, focal.id, 'in_person', $3 || '-01-10T12:00', ($3 || '-01-10T10:00Z')::timestamptz, now(),
             now(), 4 FROM mechanism, focal RETURNING id),
         seats AS (INSERT INTO places (dialogue_id, scope, delegation_id, places, taken)
           SELECT $1, 'delegation', id, 5, 1 FROM delegation),
         heads AS (INSERT INTO places (dialogue_id, scope, delegation_id, role, places)
           SELECT $1, 'role', id, 'head_of_delegation', 1 FROM delegation),
         room AS (INSERT INTO places (dialogue_id, scope, attends, places) VALUES ($1, 'attendance', 'in_person', 3)),
         chasing AS (INSERT INTO chasing_rules (dialogue_id, counted, duration, tells)
           VALUES ($1, 'after_invitation', 'P5D', 'invitee')),
         notice AS (INSERT INTO privacy_notices (dialogue_id, version, texts)
           VALUES ($1, 1, '{"en": "Old."}'), ($1, 2, '{"en": "New."}'))
       INSERT INTO questions (dialogue_id, code, position, kind, label, required, sensitive, purge_on, asked_if)
       VALUES ($1, 'passport', 0, 'text', '{"en": "Passport number"}', true, true, ($3 || '-02-28')::date,
         '{"of": "attends", "is": ["in_person"]}')`,
      id,
      api.organiser.id,
      String(YEAR),
      id,
    );
    await inviteList(api, id, listOf(3));
    return id;
  }

  test('a copy has what was prepared and nobody who took part, at another date', async () => {
    const id = await whole();
    const source = (await api.request('GET', `/v1/dialogues/${id}`)).json();
    const answer = await copy(id, { starts_at_local: `${YEAR}-07-28T15:00`, title: 'The second one' });
    expect(answer.statusCode).toBe(201);
    const made = answer.json();
    expect(made).toMatchObject({
      title: 'The second one',
      state: 'draft',
      roles: ['owner'],
      starts_at_local: `${YEAR}-07-28T15:00`,
      ends_at_local: `${YEAR}-07-28T17:00`,
      time_zone: source.time_zone,
      venue: source.venue,
      hosts: source.hosts,
      documents: source.documents,
      working_languages: source.working_languages,
      places: 40,
      version: 1,
    });
    expect(made.slug).not.toBe(source.slug);
    expect(Object.values(made.counts as Record<string, number>).every((count) => count === 0)).toBe(true);

    expect(
      (
        await rows(
          `SELECT approvals_needed, promotion, offer_for, substitution, retention_days, answers_due_at_local
           FROM dialogues WHERE id = $1`,
          made.id,
        )
      )[0],
    ).toEqual({
      approvals_needed: 2,
      promotion: 'offer',
      offer_for: 'P3D',
      substitution: 'approved',
      retention_days: 90,
      answers_due_at_local: `${YEAR}-07-20T18:00`,
    });
    const agenda = (await api.request('GET', `/v1/dialogues/${made.id}/agenda`)).json();
    expect(agenda.sessions).toMatchObject([
      {
        title: 'Opening',
        minutes: 20,
        moderator: null,
        guiding_questions: ['Where are the gaps?'],
        items: [{ title: 'Welcome', minutes: 20, speakers: [] }],
      },
      { title: 'Discussion', minutes: 60, items: [] },
    ]);
    const { rules } = (await api.request('GET', `/v1/dialogues/${made.id}/reminder-rules`)).json();
    expect(rules).toMatchObject([{ before: 'P7D' }, { before: 'PT1H' }]);
    // A week before by the calendar of Cairo, whatever its clocks did.
    expect(new Date(made.starts_at).getTime() - new Date(rules[1].due_at).getTime()).toBe(3_600_000);

    expect(
      await rows(
        `SELECT nominations_close_at_local, release_at_local, released_at, invited_at, link_generation, attends,
           (SELECT name FROM people WHERE id = focal_point_id) AS focal
         FROM delegations WHERE dialogue_id = $1`,
        made.id,
      ),
    ).toEqual([
      {
        nominations_close_at_local: `${YEAR}-07-10T12:00`,
        release_at_local: null,
        released_at: null,
        invited_at: null,
        link_generation: 1,
        attends: 'in_person',
        focal: `Focal Point ${id}`,
      },
    ]);
    // Three places in the room were enough once seats had been released; five seats need five.
    expect(
      await rows(
        `SELECT scope, attends, role, places, taken, reserved, delegation_id IS NOT NULL AS "of" FROM places
         WHERE dialogue_id = $1 ORDER BY scope`,
        made.id,
      ),
    ).toEqual([
      { scope: 'attendance', attends: 'in_person', role: null, places: 5, taken: 0, reserved: 5, of: false },
      { scope: 'delegation', attends: null, role: null, places: 5, taken: 0, reserved: 0, of: true },
      { scope: 'dialogue', attends: null, role: null, places: 40, taken: 0, reserved: 5, of: false },
      {
        scope: 'role',
        attends: null,
        role: 'head_of_delegation',
        places: 1,
        taken: 0,
        reserved: 0,
        of: true,
      },
    ]);
    expect(
      await rows(`SELECT counted, duration, tells FROM chasing_rules WHERE dialogue_id = $1`, made.id),
    ).toEqual([{ counted: 'after_invitation', duration: 'P5D', tells: 'invitee' }]);
    expect(
      await rows(
        `SELECT code, required, sensitive, purge_on::text, asked_if FROM questions WHERE dialogue_id = $1`,
        made.id,
      ),
    ).toEqual([
      {
        code: 'passport',
        required: true,
        sensitive: true,
        // The 28th of July is 181 days after the 28th of January, or 182 in a leap year; so is this.
        purge_on: expect.stringMatching(/-08-28$/),
        asked_if: { of: 'attends', is: ['in_person'] },
      },
    ]);
    expect(await rows(`SELECT version, texts FROM privacy_notices WHERE dialogue_id = $1`, made.id)).toEqual([
      { version: 1, texts: { en: 'New.' } },
    ]);
    for (const table of ['invitations', 'registrations', 'mails', 'notes']) {
      expect([table, await rows(`SELECT FROM ${table} WHERE dialogue_id = $1`, made.id)]).toEqual([
        table,
        [],
      ]);
    }

    // What was kept for the delegation is free again when it goes: the counts are those that its own routes reckon with.
    const [delegation] = (await api.request('GET', `/v1/dialogues/${made.id}/delegations`)).json().items;
    expect(delegation).toMatchObject({ seats: 5, seats_by_role: { head_of_delegation: 1 }, nominees: [] });
    expect((await api.request('DELETE', `/v1/delegations/${delegation.id}`)).statusCode).toBe(204);
    expect(
      await rows(`SELECT scope, taken, reserved FROM places WHERE dialogue_id = $1 ORDER BY scope`, made.id),
    ).toEqual([
      { scope: 'attendance', taken: 0, reserved: 0 },
      { scope: 'dialogue', taken: 0, reserved: 0 },
    ]);
  });

  test('whoever looks or prepares copies nothing from another’s directory; an owner does, in the same and as its only owner', async () => {
    const id = await whole();
    const other = await api.newOrganiser();
    await api.request('POST', `/v1/dialogues/${id}/roles`, { email: other.email, roles: ['viewer'] });
    const at = { starts_at_local: `${YEAR}-07-28T15:00` };
    for (const role of ['viewer', 'organiser']) {
      await api.replace(`/v1/dialogues/${id}/roles/${other.id}`, { roles: [role] });
      const refused = await copy(id, at, { token: other.token });
      expect([refused.statusCode, refused.json().code]).toEqual([403, 'role_insufficient']);
    }
    await api.replace(`/v1/dialogues/${id}/roles/${other.id}`, { roles: ['owner'] });
    const made = (await copy(id, at, { token: other.token })).json();
    expect(
      (await api.request('GET', `/v1/dialogues/${made.id}/roles`, undefined, { token: other.token })).json()
        .items,
    ).toMatchObject([{ organiser_id: other.id, roles: ['owner'] }]);
    expect((await api.request('GET', `/v1/dialogues/${made.id}`)).statusCode).toBe(404);
    const wrong = await copy(id, { starts_at_local: 'tomorrow' });
    expect([wrong.statusCode, wrong.json().errors[0].field]).toEqual([422, 'starts_at_local']);
  });

  test('a process groups dialogues, for whoever has a role in it or in one of them', async () => {
    const made = await api.request('POST', '/v1/processes', {
      title: 'Regional review',
      purpose: 'A report.',
    });
    expect([made.statusCode, made.json()]).toEqual([
      201,
      {
        id: expect.any(String),
        title: 'Regional review',
        purpose: 'A report.',
        roles: ['owner'],
        dialogues: 0,
        version: 1,
        created_at: expect.any(String),
      },
    ]);
    const process = made.json().id;
    const { id } = await publishDialogue(api, { process_id: process });
    const next = (await copy(id, { starts_at_local: `${YEAR}-07-28T15:00` })).json();
    expect(next.process_id).toBe(process);
    const listed = (await api.request('GET', `/v1/dialogues?process_id=${process}`)).json().items;
    expect(listed.map((item: { id: string }) => item.id)).toEqual([next.id, id]);
    expect((await api.request('GET', `/v1/processes/${process}`)).json().dialogues).toBe(2);

    const other = await api.newOrganiser();
    const token = other.token;
    const path = `/v1/processes/${process}`;
    expect((await api.request('GET', path, undefined, { token })).statusCode).toBe(404);
    await api.request('POST', `/v1/dialogues/${id}/roles`, { email: other.email, roles: ['owner'] });
    expect((await api.request('GET', path, undefined, { token })).json()).toMatchObject({
      roles: [],
      dialogues: 1,
    });
    expect((await api.request('GET', '/v1/processes', undefined, { token })).json().items).toHaveLength(1);
    const renamed = await api.request('PATCH', path, { title: 'Theirs' }, { token });
    expect([renamed.statusCode, renamed.json().code]).toEqual([403, 'role_insufficient']);
    // Another dialogue gets in only through whoever manages the process.
    const own = (await copy(id, { starts_at_local: `${YEAR}-07-28T15:00` }, { token })).json();
    expect(own.process_id).toBeNull();
    const joins = await api.request('PATCH', `/v1/dialogues/${own.id}`, { process_id: process }, { token });
    expect(joins.statusCode).toBe(403);
    const stranger = await api.newOrganiser();
    const theirs = await api.request('POST', `/v1/dialogues/${id}/copies`, {
      starts_at_local: `${YEAR}-07-28T15:00`,
      process_id: '00000000-0000-4000-8000-000000000000',
    });
    expect([theirs.statusCode, theirs.json().code]).toEqual([422, 'unknown_process']);
    expect((await api.request('GET', path, undefined, { token: stranger.token })).statusCode).toBe(404);

    const asRead = await api.reading(path);
    const edited = await api.request('PATCH', path, { purpose: 'Two reports.' }, asRead);
    expect(edited.json()).toMatchObject({ purpose: 'Two reports.', title: 'Regional review', version: 2 });
    const late = await api.request('PATCH', path, { purpose: 'x' }, asRead);
    expect(late.statusCode).toBe(412);
  });

  test('a list of processes is paged', async () => {
    const { token } = await api.newOrganiser();
    for (const title of ['One', 'Two', 'Three'])
      await api.request('POST', '/v1/processes', { title }, { token });
    const first = (await api.request('GET', '/v1/processes?limit=2', undefined, { token })).json();
    const second = (
      await api.request('GET', `/v1/processes?limit=2&cursor=${first.next_cursor}`, undefined, { token })
    ).json();
    const titles = [...first.items, ...second.items].map((item: { title: string }) => item.title);
    expect([titles, second.next_cursor]).toEqual([['Three', 'Two', 'One'], null]);
  });

  describe('invites those who came last time', () => {
    let earlier: string;
    let next: string;

    /** Registered as they are named; `invited` by the person whose name is given. */
    const register = (name: string, email: string, state = 'confirmed', extra = {}) =>
      rows(
        `INSERT INTO registrations (dialogue_id, invitation_id, name, name_key, email, email_key, language, time_zone, state,
           confirmed_at, erased_at, affiliation)
         SELECT $1, (SELECT i.id FROM invitations i JOIN people p ON p.id = i.person_id WHERE i.dialogue_id = $1 AND p.name = $5),
           $2, lower($2), $3, lower($3), 'fr', 'UTC', $4, CASE WHEN $4 = 'confirmed' THEN now() END, $6, 'Ministry'
         RETURNING id`,
        earlier,
        name,
        email,
        state,
        (extra as { invited?: string }).invited ?? null,
        (extra as { erased?: boolean }).erased ? new Date() : null,
      ).then(([row]: { id: string }[]) => row!.id);
    const inviteFrom = (who: string) =>
      api.request('POST', `/v1/dialogues/${next}/invitations/from`, { dialogue_id: earlier, who });
    const listed = async () =>
      (await api.request('GET', `/v1/dialogues/${next}/invitations?limit=200`))
        .json()
        .items.map((item: { person: { name: string }; state: string }) => `${item.person.name} ${item.state}`)
        .toSorted();

    beforeEach(async () => {
      earlier = (await publishDialogue(api)).id;
      for (const number of [1, 2]) {
        const [person] = await rows(
          `INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
           VALUES ($1, $2, lower($2), $3, $3, 'en', 'UTC')
           ON CONFLICT ON CONSTRAINT people_address_and_name DO UPDATE SET language = 'en' RETURNING id`,
          api.organiser.id,
          `Person ${number}`,
          `person.${number}@ministry.example`,
        );
        await rows(`INSERT INTO invitations (dialogue_id, person_id) VALUES ($1, $2)`, earlier, person.id);
      }
      next = (await copy(earlier, { starts_at_local: `${YEAR}-07-28T15:00` })).json().id;
      // A new address of the same person; a colleague to whom the link was forwarded; the open link; an erased one.
      await register('Person 1', 'person.1@new.example', 'confirmed', { invited: 'Person 1' });
      await register('A Colleague', 'person.2@ministry.example', 'confirmed', { invited: 'Person 2' });
      await register('Open Link', 'open@agency.example');
      await register('Gone Away', 'gone@agency.example', 'withdrawn');
      await register('Erased', 'erased@nowhere.example', 'confirmed', { erased: true });
    });

    test('those confirmed, as themselves, without writing to anyone, and once', async () => {
      const answer = await inviteFrom('confirmed');
      expect([answer.statusCode, answer.json()]).toEqual([
        200,
        { prepared: 3, already_there: 0, left_out: 1 },
      ]);
      expect(await listed()).toEqual(['A Colleague prepared', 'Open Link prepared', 'Person 1 prepared']);
      expect(await rows(`SELECT FROM mails WHERE dialogue_id = $1`, next)).toEqual([]);
      expect((await inviteFrom('confirmed')).json()).toEqual({ prepared: 0, already_there: 3, left_out: 1 });
      const [made] = await rows(
        `SELECT language, affiliation FROM people WHERE name = 'Open Link' AND organiser_id = $1`,
        api.organiser.id,
      );
      expect(made).toEqual({ language: 'fr', affiliation: 'Ministry' });
      expect(await rows(`SELECT FROM people WHERE name = 'Erased'`)).toEqual([]);
      expect(await rows(`SELECT FROM people WHERE name = 'Person 1'`)).toHaveLength(1);
    });

    test('those who came, where attendance was kept', async () => {
      const [{ id }] = await rows(
        `SELECT id FROM registrations WHERE dialogue_id = $1 AND name = 'Open Link'`,
        earlier,
      );
      await rows(`INSERT INTO attendances (registration_id, dialogue_id) VALUES ($1, $2)`, id, earlier);
      expect((await inviteFrom('came')).json()).toEqual({ prepared: 1, already_there: 0, left_out: 0 });
      expect(await listed()).toEqual(['Open Link prepared']);
    });

    test('but not who has registered for it already, nor from what is not theirs', async () => {
      await rows(
        `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state)
         VALUES ($1, 'OPEN link', 'open link', 'Open@agency.example', 'open@agency.example', 'fr', 'UTC', 'unconfirmed')`,
        next,
      );
      expect((await inviteFrom('came')).json()).toEqual({ prepared: 2, already_there: 1, left_out: 1 });

      const stranger = await api.newOrganiser();
      const theirs = await api.request(
        'POST',
        '/v1/dialogues',
        {
          title: 'Elsewhere',
          starts_at_local: `${YEAR}-07-28T15:00`,
          ends_at_local: `${YEAR}-07-28T17:00`,
          time_zone: 'UTC',
          venue: { kind: 'virtual', platform: 'Kudo' },
          hosts: ['Agency'],
          working_languages: ['en'],
        },
        { token: stranger.token },
      );
      const from = (body: object) =>
        api.request('POST', `/v1/dialogues/${theirs.json().id}/invitations/from`, body, {
          token: stranger.token,
        });
      const unknown = await from({ dialogue_id: earlier, who: 'came' });
      expect([unknown.statusCode, unknown.json().code]).toEqual([422, 'unknown_id']);
      await api.request('POST', `/v1/dialogues/${earlier}/roles`, {
        email: stranger.email,
        roles: ['viewer'],
      });
      expect((await from({ dialogue_id: earlier, who: 'came' })).statusCode).toBe(403);
      await api.replace(`/v1/dialogues/${earlier}/roles/${stranger.id}`, { roles: ['organiser'] });
      const elsewhere = await from({ dialogue_id: earlier, who: 'came' });
      expect([elsewhere.statusCode, elsewhere.json().code]).toEqual([409, 'another_directory']);
    });
  });
});
