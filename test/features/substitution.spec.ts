import { startApi, type TestApi } from '../support/api';
import {
  answers,
  inviteList,
  ledger,
  linkOf,
  listOf,
  publishDialogue,
  type TestDialogue,
} from '../support/participants';

describe('a substitute', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ environment: { DATABASE_CONNECTIONS: '20' } });
  });
  afterAll(() => api.close());

  const person = (number: number) => `person.${number}@ministry.example`;
  const hoda = {
    honorific: 'Dr.',
    name: 'Hoda Mansy',
    functional_title: 'Deputy Director',
    email: 'hoda@ministry.example',
    language: 'ar',
  };
  const levon = { name: 'Levon Ter-Petrosyan', email: 'levon@ministry.example', language: 'fr' };

  /** A dialogue of so many places, for which so many accepted in their order. */
  const prepare = async (people: number, changes: object = {}): Promise<TestDialogue> => {
    const { substitution = 'free', ...rest } = changes as { substitution?: string };
    const dialogue = await publishDialogue(api, rest);
    await api.dataSource.query('UPDATE dialogues SET substitution = $2 WHERE id = $1', [
      dialogue.id,
      substitution,
    ]);
    await inviteList(api, dialogue.id, listOf(people));
    for (let number = 1; number <= people; number++) {
      const link = await linkOf(api, 'invitation', { dialogueId: dialogue.id, email: person(number) });
      await api.submit(`${link}/acceptance`, { ...answers, consent_to_be_listed: 'before' });
    }
    return dialogue;
  };
  const link = (dialogueId: string, email: string) => linkOf(api, 'registration', { dialogueId, email });
  const name = async (dialogueId: string, email: string, who: Record<string, string> = hoda) =>
    api.submit(`${await link(dialogueId, email)}/substitution`, who);
  const accept = async (dialogueId: string, email: string, fields: object = {}) =>
    api.submit(`${await link(dialogueId, email)}/offer-acceptance`, {
      ...answers,
      language: 'ar',
      time_zone: 'Africa/Cairo',
      ...fields,
    });
  const registrations = async (dialogueId: string): Promise<Record<string, Record<string, unknown>>> => {
    const rows: { email: string }[] = await api.dataSource.query(
      'SELECT * FROM registrations WHERE dialogue_id = $1 ORDER BY created_at, id',
      [dialogueId],
    );
    return Object.fromEntries(rows.map((row) => [row.email.split('@')[0], row]));
  };
  const states = async (dialogueId: string) =>
    Object.fromEntries(
      Object.entries(await registrations(dialogueId)).map(([who, { state }]) => [who, state]),
    );
  const places = async (dialogueId: string) =>
    (
      await api.dataSource.query(
        `SELECT places, taken FROM places WHERE dialogue_id = $1 AND scope = 'dialogue'`,
        [dialogueId],
      )
    )[0];
  const mailsSince = async (dialogueId: string, before: number) =>
    (await ledger(api, dialogueId)).slice(before).map(({ kind, recipient }) => [kind, recipient]);
  const ownerOf = async (dialogueId: string): Promise<string> =>
    (
      await api.dataSource.query(
        `SELECT email FROM organisers JOIN dialogue_roles ON organiser_id = id WHERE dialogue_id = $1`,
        [dialogueId],
      )
    )[0].email;
  /** A delegation whose focal point was asked to nominate, of which everyone registered is a member. */
  const delegationOf = async (dialogueId: string): Promise<string> => {
    const [{ id }] = await api.dataSource.query(
      `WITH focal AS (INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
         SELECT organiser_id, 'Salma Idrissi', 'salma idrissi', id || '@rabat.example', id || '@rabat.example', 'fr', 'UTC'
         FROM dialogues WHERE id = $1 RETURNING id)
       INSERT INTO delegations (dialogue_id, organisation, focal_point_id, invited_at)
       SELECT $1, 'Rabat Process', id, now() FROM focal RETURNING id`,
      [dialogueId],
    );
    await api.dataSource.query(
      `WITH member AS (UPDATE registrations SET delegation_id = $2 WHERE dialogue_id = $1)
       INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state)
       VALUES ('nomination-request', $1, $2, 'focal@rabat.example', 'fr', 'nomination-request:' || $2::text || ':1', 'sent')`,
      [dialogueId, id],
    );
    return id;
  };
  const proposals = async (dialogueId: string) =>
    (await api.request('GET', `/v1/dialogues/${dialogueId}/substitutions`)).json().items;

  test('gets the seat at once where delegates decide, with none of what the delegate told about themselves', async () => {
    const { id } = await prepare(2, { places: 1 });
    const before = (await ledger(api, id)).length;
    const page = (await api.app.inject(await link(id, person(1)))).body;
    expect(page).toContain('Name a substitute');
    const named = await name(id, person(1));
    expect(named.statusCode).toBe(303);
    // Person 2 waits, and does not move up: the seat was never free.
    expect(await states(id)).toEqual({ 'person.1': 'withdrawn', 'person.2': 'waitlisted', hoda: 'offered' });
    expect(await places(id)).toEqual({ places: 1, taken: 1 });
    const { 'person.1': leaver, hoda: substitute } = await registrations(id);
    expect(substitute).toMatchObject({
      substitutes_for: leaver!.id,
      honorific: 'Dr.',
      name: 'Hoda Mansy',
      functional_title: 'Deputy Director',
      language: 'ar',
      affiliation: leaver!.affiliation,
      country: 'MA',
      consent_to_be_listed: 'never',
      time_zone: 'Africa/Cairo',
      offer_expires_at: null,
      confirmed_at: null,
    });
    expect(leaver!.consent_to_be_listed).toBe('before');
    expect(await mailsSince(id, before)).toEqual([
      ['substituted', person(1)],
      ['substitute', hoda.email],
    ]);
    const own = (await api.app.inject(await link(id, hoda.email))).body;
    expect(own).toMatch(/Person 1/);
    const gone = (await api.app.inject(await link(id, person(1)))).body;
    expect(gone).toContain('Hoda Mansy');
  });

  test('can’t be found out about by naming a whole list: after five who are registered, nobody else is looked up', async () => {
    const { id } = await prepare(2, { substitution: 'approved' });
    const known = { ...hoda, name: 'Person 2', email: person(2) };
    const tried = async (who: Record<string, string>) => name(id, person(1), who);
    for (let number = 0; number < 5; number++) expect((await tried(known)).statusCode).toBe(422);
    for (const who of [known, hoda]) {
      const answer = await tried(who);
      expect([answer.statusCode, Number(answer.headers['retry-after']) > 3000]).toEqual([429, true]);
      expect(answer.body).toContain('too many names were tried');
      expect(answer.body).toContain(who.email);
    }
    expect(await proposals(id)).toEqual([]);
  });

  test('of who is invited only can’t be found out about by naming a whole list either', async () => {
    const { id } = await prepare(1);
    await inviteList(api, id, listOf(2));
    const invitation = await linkOf(api, 'invitation', { dialogueId: id, email: person(2) });
    const tried = (who: Record<string, string>) => api.submit(`${invitation}/substitution`, who);
    const known = { ...hoda, name: 'Person 1', email: person(1) };
    for (let number = 0; number < 5; number++) expect((await tried(known)).statusCode).toBe(422);
    expect([(await tried(known)).statusCode, (await tried(hoda)).statusCode]).toEqual([429, 429]);
    const [{ state }] = await api.dataSource.query(
      `SELECT i.state FROM invitations i JOIN people p ON p.id = i.person_id WHERE dialogue_id = $1 AND p.email = $2`,
      [id, person(2)],
    );
    expect(state).toBe('sent');
  });

  test('accepts for themselves, is confirmed, and takes over the speaking slots of the delegate', async () => {
    const { id } = await prepare(1);
    const speaks = { title: 'Opening', minutes: 10, speakers: ['Someone Else', 'Person 1'] };
    const agenda = [
      { title: 'Welcome', minutes: 30, moderator: 'PERSON  1', items: [speaks] },
      { title: 'Discussion', minutes: 60, moderator: 'Someone Else', items: [] },
    ];
    const written = await api.replace(`/v1/dialogues/${id}/agenda`, { sessions: agenda });
    expect(written.statusCode).toBe(200);
    await name(id, person(1));
    const before = (await ledger(api, id)).length;
    const unchanged = (await api.request('GET', `/v1/dialogues/${id}/agenda`)).json();
    expect(unchanged.sessions[0].items[0].speakers).toEqual(['Someone Else', 'Person 1']);
    expect((await accept(id, hoda.email)).statusCode).toBe(303);
    expect(await states(id)).toEqual({ 'person.1': 'withdrawn', hoda: 'confirmed' });
    expect((await registrations(id)).hoda).toMatchObject({
      consent_to_be_listed: 'after',
      participation_count: 1,
    });
    expect(await mailsSince(id, before)).toEqual([['confirmation', hoda.email]]);
    const [{ parameters }] = await api.dataSource.query(
      `SELECT parameters FROM mails WHERE dialogue_id = $1 AND kind = 'confirmation' AND recipient = $2`,
      [id, hoda.email],
    );
    // They did not move up from the waiting list, and the mail does not say so.
    expect(parameters).toEqual({ promoted: false });
    const moved = await api.request('GET', `/v1/dialogues/${id}/agenda`);
    const { sessions } = moved.json();
    expect([sessions[0].moderator, sessions[0].items[0].speakers]).toEqual([
      'Hoda Mansy',
      ['Someone Else', 'Hoda Mansy'],
    ]);
    expect(sessions[1].moderator).toBe('Someone Else');
    // A participant did that: the organiser who edits the agenda meanwhile is not refused because of it.
    expect(moved.headers.etag).toBe(written.headers.etag);
    const [{ keys }] = await api.dataSource.query(
      `SELECT speaker_keys AS keys FROM agenda_items i JOIN agenda_sessions s ON s.id = i.session_id WHERE dialogue_id = $1`,
      [id],
    );
    expect(keys).toEqual(['someone else', 'hoda mansy']);
    // Anyone who then writes the name that they had read is told that the person has withdrawn.
    const late = await api.request(
      'PUT',
      `/v1/dialogues/${id}/agenda`,
      { sessions: agenda },
      { headers: { 'if-match': String(written.headers.etag) } },
    );
    expect(late.statusCode).toBe(200);
    expect(late.json().warnings).toContainEqual(
      expect.objectContaining({
        code: 'speaker_withdrew',
        detail: expect.stringContaining('Person 1') as string,
      }),
    );
  });

  test('who declines frees the place for the first who waits', async () => {
    const { id } = await prepare(2, { places: 1 });
    await name(id, person(1));
    await api.submit(`${await link(id, hoda.email)}/withdrawal`, {});
    expect(await states(id)).toEqual({ 'person.1': 'withdrawn', 'person.2': 'confirmed', hoda: 'withdrawn' });
    expect(await places(id)).toEqual({ places: 1, taken: 1 });
  });

  test('can be substituted again, before or after accepting, and the slots follow along the line', async () => {
    const { id } = await prepare(1);
    await api.replace(`/v1/dialogues/${id}/agenda`, {
      sessions: [{ title: 'Welcome', minutes: 30, moderator: 'Person 1', items: [] }],
    });
    const moderator = async () =>
      (await api.request('GET', `/v1/dialogues/${id}/agenda`)).json().sessions[0].moderator;
    await name(id, person(1));
    expect((await name(id, hoda.email, levon)).statusCode).toBe(303);
    expect(await states(id)).toEqual({ 'person.1': 'withdrawn', hoda: 'withdrawn', levon: 'offered' });
    await accept(id, levon.email);
    expect(await moderator()).toBe('Levon Ter-Petrosyan');
    // The delegate can come after all: the registration they had is theirs again.
    await name(id, levon.email, { name: 'Person 1', email: person(1), language: 'en' });
    await accept(id, person(1));
    expect(await states(id)).toEqual({ 'person.1': 'confirmed', hoda: 'withdrawn', levon: 'withdrawn' });
    expect(await moderator()).toBe('Person 1');
    expect(await places(id)).toMatchObject({ taken: 1 });
    // Who never took the seat has no entry in their calendar that would end.
    const left = await api.dataSource.query(
      `SELECT recipient, parameters -> 'was_confirmed' AS ends FROM mails
       WHERE dialogue_id = $1 AND kind = 'substituted' ORDER BY id`,
      [id],
    );
    expect(left).toEqual([
      { recipient: person(1), ends: true },
      { recipient: hoda.email, ends: false },
      { recipient: levon.email, ends: true },
    ]);
  });

  test('is only proposed where an organiser approves, and gets the seat when one does', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    const before = (await ledger(api, id)).length;
    await name(id, person(1));
    expect(await states(id)).toEqual({ 'person.1': 'confirmed' });
    const owner = await ownerOf(id);
    expect(await mailsSince(id, before)).toEqual([['substitution-proposed', owner]]);
    expect((await api.app.inject(await link(id, person(1)))).body).toContain('being considered');
    // Naming somebody else drops the first.
    await name(id, person(1), levon);
    const [second, first] = await proposals(id);
    expect([second.state, first.state]).toEqual(['proposed', 'dropped']);
    expect(second).toMatchObject({ name: levon.name, leaver_name: 'Person 1', email: levon.email });
    const decide = (proposal: { id: string }, what = 'approval', body?: object) =>
      api.request('POST', `/v1/substitutions/${proposal.id}/${what}`, body);
    expect((await decide(first)).json().code).toBe('substitution_decided');
    const approved = await Promise.all([decide(second), decide(second)]);
    expect(approved.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 409]);
    expect(await states(id)).toEqual({ 'person.1': 'withdrawn', levon: 'offered' });
    expect(await mailsSince(id, before)).toEqual([
      ['substitution-proposed', owner],
      ['substitution-proposed', owner],
      ['substituted', person(1)],
      ['substitute', levon.email],
    ]);
  });

  test('who is refused leaves the seat with the delegate, who is told the reason', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    await name(id, person(1));
    const before = (await ledger(api, id)).length;
    const [proposal] = await proposals(id);
    const refuse = (body: object) => api.request('POST', `/v1/substitutions/${proposal.id}/refusal`, body);
    expect((await refuse({})).statusCode).toBe(422);
    const refused = await refuse({ reason: 'The seat is the minister’s.' });
    expect([refused.statusCode, refused.json().state]).toEqual([200, 'refused']);
    expect(await states(id)).toEqual({ 'person.1': 'confirmed' });
    expect(await mailsSince(id, before)).toEqual([['substitution-refused', person(1)]]);
    const trace = await api.dataSource.query(
      `SELECT details::text AS details FROM audit_entries WHERE action LIKE 'substitution.%' AND dialogue_id = $1`,
      [id],
    );
    expect(trace).toHaveLength(2);
    expect(JSON.stringify(trace)).not.toMatch(/Hoda|hoda|minister/);
  });

  test('can be refused though the delegate is under review or the dialogue over, and not approved then', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    await name(id, person(1));
    const [proposal] = await proposals(id);
    await api.dataSource.query(
      `UPDATE registrations SET state = 'under_review', approval_round = 1 WHERE dialogue_id = $1`,
      [id],
    );
    const approved = await api.request('POST', `/v1/substitutions/${proposal.id}/approval`);
    expect([approved.statusCode, approved.json().code]).toEqual([409, 'no_seat_to_give']);
    const refused = await api.request('POST', `/v1/substitutions/${proposal.id}/refusal`, { reason: 'No.' });
    expect([refused.statusCode, refused.json().state]).toEqual([200, 'refused']);
    expect(await states(id)).toEqual({ 'person.1': 'under_review' });
  });

  test('is told to every organiser who may decide, by the dialogue or its process, and to nobody else', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    const [{ id: processId }] = await api.dataSource.query(
      `INSERT INTO processes (title) VALUES ('Regional review') RETURNING id`,
    );
    await api.dataSource.query('UPDATE dialogues SET process_id = $2 WHERE id = $1', [id, processId]);
    const addresses: Record<string, string> = { owner: await ownerOf(id) };
    for (const [table, of, role] of [
      ['dialogue', id, 'organiser'],
      ['dialogue', id, 'viewer'],
      ['dialogue', id, 'rapporteur'],
      ['process', processId, 'approver'],
      ['process', processId, 'viewer'],
    ]) {
      const organiser = await api.newOrganiser();
      await api.dataSource.query(
        `INSERT INTO ${table}_roles (${table}_id, organiser_id, roles) VALUES ($1, $2, ARRAY[$3])`,
        [of, organiser.id, role],
      );
      const [{ email }] = await api.dataSource.query('SELECT email FROM organisers WHERE id = $1', [
        organiser.id,
      ]);
      addresses[`${table} ${role}`] = email;
    }
    const before = (await ledger(api, id)).length;
    await name(id, person(1));
    const told = await mailsSince(id, before);
    expect(told.map(([kind]) => kind)).toEqual(Array(3).fill('substitution-proposed'));
    expect(told.map(([, recipient]) => recipient).toSorted()).toEqual(
      [addresses.owner, addresses['dialogue organiser'], addresses['process approver']].toSorted(),
    );
    const [{ parameters }] = await api.dataSource.query(
      `SELECT jsonb_agg(parameters) AS parameters FROM mails WHERE dialogue_id = $1 AND kind = 'substitution-proposed'`,
      [id],
    );
    expect(JSON.stringify(parameters)).not.toMatch(/Hoda|hoda|Person/);
  });

  test('is told to the focal point of the delegation alone, and to organisers once that link is taken away', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    const delegation = await delegationOf(id);
    const before = (await ledger(api, id)).length;
    await name(id, person(1));
    expect(await mailsSince(id, before)).toEqual([['substitution-proposed', `${id}@rabat.example`]]);
    expect((await api.request('DELETE', `/v1/delegations/${delegation}/link`)).statusCode).toBe(204);
    await name(id, person(1), levon);
    expect((await mailsSince(id, before)).slice(1)).toEqual([['substitution-proposed', await ownerOf(id)]]);
  });

  test('is dropped when approvers refuse the delegate meanwhile', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    await name(id, person(1));
    await api.dataSource.query('UPDATE dialogues SET approvals_needed = 1 WHERE id = $1', [id]);
    await api.dataSource.query(`UPDATE registrations SET state = 'under_review' WHERE dialogue_id = $1`, [
      id,
    ]);
    const { 'person.1': delegate } = await registrations(id);
    const refused = await api.request('POST', `/v1/dialogues/${id}/approvals`, {
      registration_ids: [delegate!.id],
      decision: 'refused',
      reason: 'The name is another.',
    });
    expect(refused.statusCode).toBe(200);
    const [proposal] = await proposals(id);
    expect([proposal.state, proposal.decided_at]).toEqual(['dropped', expect.any(String)]);
  });

  test('is dropped when the delegate withdraws meanwhile', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    await name(id, person(1));
    await api.submit(`${await link(id, person(1))}/withdrawal`, {});
    const [proposal] = await proposals(id);
    expect(proposal.state).toBe('dropped');
    const late = await api.request('POST', `/v1/substitutions/${proposal.id}/approval`);
    expect([late.statusCode, late.json().code]).toEqual([409, 'substitution_decided']);
    expect(await states(id)).toEqual({ 'person.1': 'withdrawn' });
  });

  test('is a new person to whoever approves registrations: the seat is held, and the approval is theirs', async () => {
    const { id } = await prepare(1);
    await api.dataSource.query('UPDATE dialogues SET approvals_needed = 1 WHERE id = $1', [id]);
    await name(id, person(1));
    const before = (await ledger(api, id)).length;
    await accept(id, hoda.email);
    expect(await states(id)).toEqual({ 'person.1': 'withdrawn', hoda: 'under_review' });
    expect(await places(id)).toMatchObject({ taken: 1 });
    expect(await mailsSince(id, before)).toEqual([['under-review', hoda.email]]);
    expect((await registrations(id)).hoda).toMatchObject({ approval_round: 1 });
  });

  test('is not named where the dialogue takes none, nor by whoever has no seat', async () => {
    const closed = await prepare(1, { substitution: 'closed' });
    expect((await api.app.inject(await link(closed.id, person(1)))).body).not.toContain('Name a substitute');
    await name(closed.id, person(1));
    expect(await states(closed.id)).toEqual({ 'person.1': 'confirmed' });
    const full = await prepare(2, { places: 1 });
    expect((await api.app.inject(await link(full.id, person(2)))).body).not.toContain('Name a substitute');
    await name(full.id, person(2));
    expect(await states(full.id)).toEqual({ 'person.1': 'confirmed', 'person.2': 'waitlisted' });
    const over = await prepare(1);
    await api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' WHERE id = $1`,
      [over.id],
    );
    await name(over.id, person(1));
    expect(await states(over.id)).toEqual({ 'person.1': 'confirmed' });
  });

  test('who is registered already is refused in words that tell nothing of their answer, with what was typed kept', async () => {
    const { id } = await prepare(3, { places: 2 });
    const bodies = [];
    for (const number of [2, 3]) {
      const answer = await name(id, person(1), {
        name: `person ${number}`,
        email: person(number).toUpperCase(),
        functional_title: 'Typed before',
        language: 'en',
      });
      expect(answer.statusCode).toBe(422);
      expect(answer.body).toContain('has answered for themselves already');
      expect(answer.body).toContain('value="Typed before"');
      bodies.push(answer.body.replaceAll(/person.[23]|PERSON.[23]/g, 'someone'));
    }
    // One is confirmed, the other waits.
    expect(bodies[0]).toBe(bodies[1]);
    const wrong = await name(id, person(1), { name: '', email: 'nobody', language: 'en' });
    expect(wrong.statusCode).toBe(422);
    for (const field of ['name', 'email']) expect(wrong.body).toContain(`href="#substitute-${field}"`);
    expect(await states(id)).toEqual({
      'person.1': 'confirmed',
      'person.2': 'confirmed',
      'person.3': 'waitlisted',
    });
  });

  test('is named once, however often it is pressed at once', async () => {
    const { id } = await prepare(3, { places: 1 });
    const pressed = await Promise.all(Array.from({ length: 8 }, () => name(id, person(1))));
    expect(new Set(pressed.map(({ statusCode }) => statusCode))).toEqual(new Set([303]));
    expect(await states(id)).toEqual({
      'person.1': 'withdrawn',
      'person.2': 'waitlisted',
      'person.3': 'waitlisted',
      hoda: 'offered',
    });
    expect(await places(id)).toEqual({ places: 1, taken: 1 });
    expect((await ledger(api, id)).filter(({ kind }) => kind === 'substitute')).toHaveLength(1);
  });

  test('is decided on by managers and approvers of the dialogue, and by nobody else', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    await name(id, person(1));
    const [proposal] = await proposals(id);
    const withRole = async (role: string | null) => {
      const organiser = await api.newOrganiser();
      if (role) {
        await api.dataSource.query(
          'INSERT INTO dialogue_roles (dialogue_id, organiser_id, roles) VALUES ($1, $2, ARRAY[$3])',
          [id, organiser.id, role],
        );
      }
      return organiser.token;
    };
    for (const [role, status] of [
      [null, 404],
      ['viewer', 403],
      ['rapporteur', 403],
    ] as const) {
      const token = await withRole(role);
      for (const [method, url, body] of [
        ['GET', `/v1/dialogues/${id}/substitutions`, undefined],
        ['POST', `/v1/substitutions/${proposal.id}/approval`, undefined],
        ['POST', `/v1/substitutions/${proposal.id}/refusal`, { reason: 'No.' }],
      ] as const) {
        const answer = await api.request(method, url, body, { token });
        expect([role, url, answer.statusCode]).toEqual([role, url, status]);
        expect(answer.body).not.toContain('Hoda');
      }
    }
    expect(await states(id)).toEqual({ 'person.1': 'confirmed' });
    const approver = await withRole('approver');
    const approved = await api.request('POST', `/v1/substitutions/${proposal.id}/approval`, undefined, {
      token: approver,
    });
    expect(approved.statusCode).toBe(200);
  });

  describe('of somebody who is invited and has not answered', () => {
    const invite = async (changes: object = {}) => {
      const { substitution = 'free', ...rest } = changes as { substitution?: string };
      const dialogue = await publishDialogue(api, rest);
      await api.dataSource.query('UPDATE dialogues SET substitution = $2 WHERE id = $1', [
        dialogue.id,
        substitution,
      ]);
      await inviteList(api, dialogue.id, listOf(2));
      const [delegation] = await api.dataSource.query(
        `INSERT INTO delegations (dialogue_id, organisation) VALUES ($1, 'Ministry of Interior') RETURNING id`,
        [dialogue.id],
      );
      await api.dataSource.query(
        `UPDATE invitations SET delegation_id = $2, role = 'adviser' WHERE dialogue_id = $1`,
        [dialogue.id, delegation.id],
      );
      return { ...dialogue, delegationId: delegation.id as string };
    };
    const invitations = (dialogueId: string) =>
      api.dataSource.query(
        `SELECT p.name, i.state, i.delegation_id, i.role FROM invitations i JOIN people p ON p.id = i.person_id
         WHERE i.dialogue_id = $1 ORDER BY i.id`,
        [dialogueId],
      );
    const invitationOf = (dialogueId: string, email = person(1)) =>
      linkOf(api, 'invitation', { dialogueId, email });

    test('is invited in their place, for the same delegation and role', async () => {
      const { id, delegationId } = await invite();
      const before = (await ledger(api, id)).length;
      const own = await invitationOf(id);
      expect((await api.app.inject(own)).body).toContain('say who could take part in your place');
      expect((await api.app.inject(`${own}/substitution`)).body).toContain('Decline and name this person');
      expect((await api.submit(`${own}/substitution`, hoda)).statusCode).toBe(303);
      const seat = { delegation_id: delegationId, role: 'adviser' };
      expect(await invitations(id)).toEqual(
        expect.arrayContaining([
          { name: 'Person 1', state: 'declined', ...seat },
          { name: 'Person 2', state: 'sent', ...seat },
          { name: 'Hoda Mansy', state: 'sent', ...seat },
        ]),
      );
      expect(await mailsSince(id, before)).toEqual([['invitation', hoda.email]]);
      // Again, or with the answer given: nothing more.
      await api.submit(`${own}/substitution`, levon);
      expect(await invitations(id)).toHaveLength(3);
      const accepted = await api.submit(`${await invitationOf(id, hoda.email)}/acceptance`, answers);
      expect(accepted.statusCode).toBe(303);
      expect(await states(id)).toEqual({ hoda: 'confirmed' });
    });

    test('is refused when invited already, and nothing is declined', async () => {
      const { id } = await invite();
      const answer = await api.submit(`${await invitationOf(id)}/substitution`, {
        name: 'Person 2',
        email: person(2),
        language: 'en',
      });
      expect([answer.statusCode, answer.body]).toEqual([
        422,
        expect.stringContaining('is invited or has answered'),
      ]);
      expect((await invitations(id)).map(({ state }: { state: string }) => state)).toEqual(['sent', 'sent']);
    });

    test('is not invited for whoever registered by the open link meanwhile: it is the registration that they give up', async () => {
      const { id } = await invite();
      await api.dataSource.query(
        `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
           participation_count, confirmed_at)
         SELECT $1, name, name_key, email, email_key, 'en', 'UTC', 'confirmed', 1, now()
         FROM invitations i JOIN people p ON p.id = i.person_id WHERE i.dialogue_id = $1 AND p.email = $2`,
        [id, person(1)],
      );
      await api.submit(`${await invitationOf(id)}/substitution`, hoda);
      expect((await invitations(id)).map(({ state }: { state: string }) => state)).toEqual(['sent', 'sent']);
      expect(await states(id)).toEqual({ 'person.1': 'confirmed' });
    });

    test('is not invited where somebody has to approve it: the reason says who could come', async () => {
      const { id } = await invite({ substitution: 'approved' });
      const own = await invitationOf(id);
      expect((await api.app.inject(own)).body).toContain('please say so in the reason');
      expect((await api.submit(`${own}/substitution`, hoda)).statusCode).toBe(303);
      expect((await invitations(id)).map(({ state }: { state: string }) => state)).toEqual(['sent', 'sent']);
    });
  });

  test('gets the delegation, the role and the way of attending with the seat, and a focal point may decide', async () => {
    const { id } = await prepare(1, { substitution: 'approved' });
    const [delegation] = await api.dataSource.query(
      `INSERT INTO delegations (dialogue_id, organisation) VALUES ($1, 'Ministry of Interior') RETURNING id`,
      [id],
    );
    await api.dataSource.query(
      `UPDATE registrations SET delegation_id = $2, role = 'head_of_delegation', attends = 'in_person' WHERE dialogue_id = $1`,
      [id, delegation.id],
    );
    await name(id, person(1));
    const { SubstitutionsService } = require('@app/participants') as typeof import('@app/participants');
    const service = api.app.get(SubstitutionsService);
    const [proposal] = await service.proposedIn(delegation.id);
    expect(proposal).toMatchObject({ leaver_name: 'Person 1', name: 'Hoda Mansy' });
    await expect(
      service.decideByFocalPoint('00000000-0000-4000-8000-000000000000', proposal!.id, { approve: true }),
    ).rejects.toMatchObject({ status: 404 });
    await service.decideByFocalPoint(delegation.id, proposal!.id, { approve: true });
    expect((await registrations(id)).hoda).toMatchObject({
      delegation_id: delegation.id,
      role: 'head_of_delegation',
      attends: 'in_person',
      state: 'offered',
    });
  });
});
