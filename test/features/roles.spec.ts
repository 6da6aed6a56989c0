import { startApi, type TestApi, type TestOrganiser } from '../support/api';
import { publishDialogue } from '../support/participants';

describe('roles of organisers', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const accounts = () => {
    const { AccountsService } = require('@app/accounts') as typeof import('@app/accounts');
    return api.app.get(AccountsService);
  };
  const sessionOf = async (organiserId: string) => {
    const path = new URL(await accounts().newSignInLink(organiserId)).pathname;
    return String((await api.submit(path, {})).headers['set-cookie']).split(';')[0]!;
  };
  const as = (who: TestOrganiser) => ({ token: who.token });
  const give = (id: string, body: object, options = {}) =>
    api.request('POST', `/v1/dialogues/${id}/roles`, body, options);
  const roleMails = (address: string) =>
    api.dataSource.query(`SELECT * FROM mails WHERE kind = 'role-given' AND recipient = $1 ORDER BY id`, [
      address,
    ]);
  const status = async (...asked: Parameters<TestApi['request']>) => {
    const [method, url, body, options] = asked;
    const answer =
      method === 'PUT' ? await api.replace(String(url), body, options) : await api.request(...asked);
    return [answer.statusCode, answer.statusCode < 300 ? null : answer.json().code];
  };

  test('whoever drafts a dialogue is its owner, and sees it with their roles', async () => {
    const { id } = await publishDialogue(api);
    expect((await api.request('GET', `/v1/dialogues/${id}`)).json().roles).toEqual(['owner']);
    const list = (await api.request('GET', `/v1/dialogues/${id}/roles`)).json();
    expect(list).toEqual({
      items: [
        {
          organiser_id: api.organiser.id,
          email: api.organiser.email,
          name: 'Organiser 1',
          roles: ['owner'],
          sees_sensitive: true,
          given_in: 'dialogue',
          created_at: expect.any(String),
        },
      ],
    });
  });

  test('an organiser of a colleague’s dialogue adds its people and mechanisms, finds somebody by address, and not everybody', async () => {
    const { id } = await publishDialogue(api);
    const [helper, viewer, stranger] = [
      await api.newOrganiser(),
      await api.newOrganiser(),
      await api.newOrganiser(),
    ];
    await give(id, { email: helper.email, roles: ['organiser'] });
    await give(id, { email: viewer.email, roles: ['viewer'] });
    const person = { name: 'Hind Alaoui', email: 'hind.alaoui@mechanism.example', language: 'fr' };
    const draft = { ...person, time_zone: 'Africa/Casablanca', dialogue_id: id };
    expect(await status('POST', '/v1/people', draft, as(viewer))).toEqual([403, 'role_insufficient']);
    expect(await status('POST', '/v1/people', draft, as(stranger))).toEqual([404, 'not_found']);
    const added = await api.request('POST', '/v1/people', draft, as(helper));
    expect(added.statusCode).toBe(201);
    const mechanism = { code: 'HELPED', name: 'Mechanism of a colleague', dialogue_id: id };
    expect((await api.request('POST', '/v1/mechanisms', mechanism, as(helper))).statusCode).toBe(201);
    const seats = { mechanism: 'HELPED', focal_point: added.json().id as string, seats: 2 };
    expect((await api.request('POST', `/v1/dialogues/${id}/delegations`, seats, as(helper))).statusCode).toBe(
      201,
    );

    const found = `/v1/people?dialogue_id=${id}&email=${person.email}`;
    expect((await api.request('GET', found, undefined, as(helper))).json().items).toMatchObject([person]);
    expect(await status('GET', found, undefined, as(viewer))).toEqual([403, 'role_insufficient']);
    expect(await status('GET', found, undefined, as(stranger))).toEqual([404, 'not_found']);
    expect(await status('GET', `/v1/people?dialogue_id=${id}`, undefined, as(helper))).toEqual([
      422,
      'required',
    ]);
    expect((await api.request('GET', '/v1/people', undefined, as(helper))).json().items).toEqual([]);
  });

  test('someone new gets an account that drafts nothing, and one mail a change, which holds no secret', async () => {
    const { id } = await publishDialogue(api);
    const email = 'Rapporteur@agency.example';
    const given = await give(id, { email, name: 'Nadia Benkirane', roles: ['rapporteur'] });
    expect([given.statusCode, given.json()]).toEqual([
      201,
      {
        organiser_id: expect.any(String),
        email: 'rapporteur@agency.example',
        name: 'Nadia Benkirane',
        roles: ['rapporteur'],
        sees_sensitive: false,
        given_in: 'dialogue',
        created_at: expect.any(String),
      },
    ]);
    const { organiser_id: organiserId } = given.json();
    await give(id, { email, name: 'Nadia Benkirane', roles: ['rapporteur'] });
    const mails = await roleMails(email);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({
      subject_id: organiserId,
      dialogue_id: null,
      parameters: { dialogue: id },
    });
    await api.replace(`/v1/dialogues/${id}/roles/${organiserId}`, { roles: ['viewer'] });
    await api.replace(`/v1/dialogues/${id}/roles/${organiserId}`, { roles: ['viewer'] });
    expect(await roleMails(email)).toHaveLength(2);

    const token = await accounts().newToken(organiserId, { name: 'theirs', scope: 'write', days: 1 });
    const own = {
      title: 'A dialogue of their own',
      starts_at_local: '2060-01-28T11:00',
      ends_at_local: '2060-01-28T13:00',
      time_zone: 'Africa/Cairo',
      venue: { kind: 'virtual', platform: 'Kudo' },
      hosts: ['Agency'],
      working_languages: ['en'],
    };
    expect(await status('POST', '/v1/dialogues', own, { token })).toEqual([403, 'may_not_draft']);
    expect(await status('POST', '/v1/processes', { title: 'A process' }, { token })).toEqual([
      403,
      'may_not_draft',
    ]);
    // The operator's command makes an organiser of them.
    await accounts().ensureOrganiser(email.toUpperCase(), 'Nadia');
    expect(await status('POST', '/v1/dialogues', own, { token })).toEqual([201, null]);
  });

  test('the answer tells nothing of whether the address had an account', async () => {
    const { id } = await publishDialogue(api);
    const known = await api.newOrganiser('Known One');
    await api.dataSource.query(`UPDATE organisers SET language = 'ar', email = upper(email) WHERE id = $1`, [
      known.id,
    ]);
    const unknown = 'unknown.one@secretariat.example';
    const answers = [];
    for (const email of [known.email, unknown]) {
      const before = await api.dataSource.query('SELECT count(*)::int FROM audit_entries');
      const answer = await give(id, { email, roles: ['viewer'] });
      const after = await api.dataSource.query('SELECT count(*)::int FROM audit_entries');
      const shown = (await api.request('GET', `/v1/dialogues/${id}/roles`)).json().items.at(-1);
      expect(shown).toEqual(answer.json());
      answers.push({
        status: answer.statusCode,
        lines: after[0].count - before[0].count,
        body: { ...answer.json(), organiser_id: '', created_at: '', email: answer.json().email === email },
      });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect((await api.request('GET', `/v1/dialogues/${id}/mails`)).json().items).toEqual([]);
  });

  test('each role does what it is for, and is told what it takes for more', async () => {
    const { id } = await publishDialogue(api);
    const people: Record<string, TestOrganiser> = {};
    for (const role of ['organiser', 'rapporteur', 'approver', 'viewer']) {
      people[role] = await api.newOrganiser(`${role} of it`);
      await give(id, { email: people[role].email, roles: [role] });
    }
    const { version } = (await api.request('GET', `/v1/dialogues/${id}`)).json();
    const routes: [Parameters<TestApi['request']>[0], string, unknown, string[]][] = [
      ['GET', '', undefined, ['organiser', 'rapporteur', 'approver', 'viewer']],
      ['GET', '/registrations', undefined, ['organiser', 'rapporteur', 'approver', 'viewer']],
      ['GET', '/roles', undefined, ['organiser', 'rapporteur', 'approver', 'viewer']],
      ['PATCH', '', { purpose: 'Another one.' }, ['organiser']],
      ['PUT', '/attendance', { registration_ids: [] }, ['organiser', 'rapporteur']],
      ['POST', '/invitations', { to: 'prepared' }, ['organiser']],
      ['POST', '/roles', { email: 'x@agency.example', roles: ['viewer'] }, []],
    ];
    for (const [method, path, body, may] of routes) {
      for (const [role, { token }] of Object.entries(people)) {
        const asRead = method === 'PUT' ? await api.reading(`/v1/dialogues/${id}${path}`) : {};
        const answer = await api.request(method, `/v1/dialogues/${id}${path}`, body, { ...asRead, token });
        const refused = answer.statusCode === 403 && answer.json().code === 'role_insufficient';
        expect([method, path, role, refused]).toEqual([method, path, role, !may.includes(role)]);
        expect([method, path, role, refused || answer.statusCode < 300]).toEqual([method, path, role, true]);
      }
    }
    expect((await api.request('GET', `/v1/dialogues/${id}`)).json().version).toBeGreaterThan(version);
    const stranger = await api.newOrganiser();
    expect(await status('GET', `/v1/dialogues/${id}/roles`, undefined, as(stranger))).toEqual([
      404,
      'not_found',
    ]);
    expect(await status('GET', `/v1/dialogues/${id}`, undefined, as(stranger))).toEqual([404, 'not_found']);
    expect(
      (await api.request('GET', '/v1/dialogues', undefined, as(people['viewer']!))).json().items,
    ).toEqual([expect.objectContaining({ id, roles: ['viewer'] })]);
  });

  test('the last owner stays, also when two owners remove each other at once', async () => {
    const { id } = await publishDialogue(api);
    const path = `/v1/dialogues/${id}/roles`;
    expect(await status('DELETE', `${path}/${api.organiser.id}`)).toEqual([409, 'last_owner']);
    expect(await status('PUT', `${path}/${api.organiser.id}`, { roles: ['viewer'] })).toEqual([
      409,
      'last_owner',
    ]);
    expect(await status('POST', path, { email: api.organiser.email, roles: ['viewer'] })).toEqual([
      409,
      'last_owner',
    ]);
    const second = await api.newOrganiser();
    await give(id, { email: second.email, roles: ['owner'] });
    const answers = await Promise.all([
      status('DELETE', `${path}/${second.id}`),
      status('DELETE', `${path}/${api.organiser.id}`, undefined, as(second)),
    ]);
    expect(answers.map(([code]) => code).toSorted()).toEqual([204, expect.any(Number)]);
    const owners = await api.dataSource.query(
      `SELECT count(*)::int FROM dialogue_roles WHERE dialogue_id = $1 AND 'owner' = ANY(roles)`,
      [id],
    );
    expect(owners).toEqual([{ count: 1 }]);
  });

  test('whoever is removed is out at once, with an open session, a token and a repeated request', async () => {
    const { id } = await publishDialogue(api);
    const other = await api.newOrganiser();
    const { organiser_id: organiserId } = (
      await give(id, { email: other.email, roles: ['organiser'] })
    ).json();
    const cookie = await sessionOf(organiserId);
    const bySession = () =>
      api.request('GET', `/v1/dialogues/${id}`, undefined, {
        token: null,
        headers: { cookie, 'sec-fetch-site': 'same-origin', origin: 'http://plenary.example' },
      });
    const repeated = () =>
      api.request(
        'POST',
        `/v1/dialogues/${id}/postponement`,
        { reason: 'The hall burnt down.' },
        { token: other.token, headers: { 'idempotency-key': 'once' } },
      );
    expect((await bySession()).statusCode).toBe(200);
    expect((await repeated()).statusCode).toBe(200);
    expect((await repeated()).headers['idempotency-replayed']).toBe('true');
    const page = await api.app.inject({ method: 'GET', url: '/organiser', headers: { cookie } });
    expect(page.body).toContain('Dialogue with inter-state consultation mechanisms');

    await api.replace(`/v1/dialogues/${id}/roles/${organiserId}`, { roles: ['viewer'] });
    expect((await repeated()).statusCode).toBe(403);
    expect(await status('PATCH', `/v1/dialogues/${id}`, { purpose: 'x' }, as(other))).toEqual([
      403,
      'role_insufficient',
    ]);
    expect((await api.request('DELETE', `/v1/dialogues/${id}/roles/${organiserId}`)).statusCode).toBe(204);
    expect((await bySession()).statusCode).toBe(404);
    expect((await repeated()).statusCode).toBe(404);
    expect(await status('GET', `/v1/dialogues/${id}`, undefined, as(other))).toEqual([404, 'not_found']);
    const later = await api.app.inject({ method: 'GET', url: '/organiser', headers: { cookie } });
    expect(later.body).not.toContain('Dialogue with inter-state consultation mechanisms');
  });

  test('anyone may leave', async () => {
    const { id } = await publishDialogue(api);
    const other = await api.newOrganiser();
    await give(id, { email: other.email, roles: ['viewer'] });
    const path = `/v1/dialogues/${id}/roles`;
    expect(await status('DELETE', `${path}/${api.organiser.id}`, undefined, as(other))).toEqual([
      403,
      'role_insufficient',
    ]);
    expect(await status('DELETE', `${path}/${other.id}`, undefined, as(other))).toEqual([204, null]);
    expect(await status('GET', `/v1/dialogues/${id}`, undefined, as(other))).toEqual([404, 'not_found']);
  });

  test('what is sensitive is shown by whom it is shown to: no owner gives what they lack, by no way', async () => {
    const { id } = await publishDialogue(api);
    const owner = await api.newOrganiser();
    await give(id, { email: owner.email, roles: ['owner'] });
    const path = `/v1/dialogues/${id}/roles`;
    const friend = { email: 'friend@agency.example', roles: ['viewer'], sees_sensitive: true };
    expect(await status('POST', path, friend, as(owner))).toEqual([403, 'sees_sensitive_not_yours']);
    expect(
      await status('PUT', `${path}/${owner.id}`, { roles: ['owner'], sees_sensitive: true }, as(owner)),
    ).toEqual([403, 'sees_sensitive_not_yours']);
    // A process of one's own would do it by the back door.
    const process = (await api.request('POST', '/v1/processes', { title: 'Mine' }, as(owner))).json().id;
    expect(await status('PATCH', `/v1/dialogues/${id}`, { process_id: process }, as(owner))).toEqual([
      403,
      'sees_sensitive_not_yours',
    ]);
    const given = await give(id, friend);
    expect(given.json().sees_sensitive).toBe(true);
    // Left out it stays; taken away it is gone.
    const of = `${path}/${given.json().organiser_id}`;
    expect((await api.replace(of, { roles: ['approver'] }, as(owner))).json().sees_sensitive).toBe(true);
    expect(
      (await api.replace(of, { roles: ['approver'], sees_sensitive: false }, as(owner))).json(),
    ).toMatchObject({ sees_sensitive: false });
  });

  test('a role in a process is one in each of its dialogues, and ends with it', async () => {
    const { id } = await publishDialogue(api);
    const process = (await api.request('POST', '/v1/processes', { title: 'Regional review' })).json();
    expect(
      (await api.request('PATCH', `/v1/dialogues/${id}`, { process_id: process.id })).json(),
    ).toMatchObject({ process_id: process.id });
    const other = await api.newOrganiser();
    const given = await api.request('POST', `/v1/processes/${process.id}/roles`, {
      email: other.email,
      name: 'Co-host',
      roles: ['organiser'],
    });
    expect(given.json()).toMatchObject({ given_in: 'process', roles: ['organiser'] });
    expect((await api.request('GET', `/v1/dialogues/${id}`, undefined, as(other))).json().roles).toEqual([
      'organiser',
    ]);
    expect(
      (await api.request('GET', `/v1/dialogues/${id}/roles`))
        .json()
        .items.map((item: never) => item['given_in']),
    ).toEqual(['dialogue', 'process', 'process']);
    // A role by the process is changed there.
    expect(await status('DELETE', `/v1/dialogues/${id}/roles/${other.id}`)).toEqual([404, 'not_found']);
    expect(await roleMails(other.email)).toEqual([
      expect.objectContaining({ parameters: { process: process.id } }),
    ]);
    expect((await api.request('DELETE', `/v1/processes/${process.id}/roles/${other.id}`)).statusCode).toBe(
      204,
    );
    expect(await status('GET', `/v1/dialogues/${id}`, undefined, as(other))).toEqual([404, 'not_found']);
    expect(await status('GET', `/v1/processes/${process.id}`, undefined, as(other))).toEqual([
      404,
      'not_found',
    ]);
    expect(await status('DELETE', `/v1/processes/${process.id}/roles/${api.organiser.id}`)).toEqual([
      409,
      'last_owner',
    ]);
  });

  test('one address is mailed about roles five times an hour, and the answer does not tell', async () => {
    const email = 'busy@agency.example';
    for (let number = 0; number < 7; number++) {
      const { id } = await publishDialogue(api);
      expect((await give(id, { email, roles: ['viewer'] })).statusCode).toBe(201);
    }
    expect(await roleMails(email)).toHaveLength(5);
  });

  test('nothing in the record of it names anybody', async () => {
    const lines = await api.dataSource.query(
      `SELECT details::text FROM audit_entries WHERE action LIKE 'role.%'`,
    );
    expect(lines.length).toBeGreaterThan(0);
    for (const { details } of lines) expect(details).not.toMatch(/@|Nadia/);
  });
});
