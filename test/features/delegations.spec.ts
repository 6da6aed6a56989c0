import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';

const YEAR = new Date().getUTCFullYear() + 1;

describe('delegations', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ environment: { DATABASE_CONNECTIONS: '20' } });
    await api.request('POST', '/v1/mechanisms', {
      code: 'RABAT',
      name: 'Rabat Process',
      other_names: ['Euro-African Dialogue'],
      chairs: [],
    });
  });
  afterAll(() => api.close());

  let people = 0;
  /** Someone of the directory who may be a focal point. */
  const focalPoint = async (changes: object = {}): Promise<string> => {
    people += 1;
    const added = await api.request('POST', '/v1/people', {
      honorific: 'Dr.',
      name: `Focal Point ${people}`,
      email: `focal.${people}@mechanism.example`,
      language: 'fr',
      time_zone: 'Asia/Jakarta',
      ...changes,
    });
    if (added.statusCode !== 201) throw new Error(added.body);
    return added.json().id as string;
  };
  const add = (dialogueId: string, body: object) =>
    api.request('POST', `/v1/dialogues/${dialogueId}/delegations`, body);
  const delegate = async (dialogueId: string, body: object = {}) => {
    const added = await add(dialogueId, {
      organisation: `Organisation ${(people += 1)}`,
      focal_point: await focalPoint(),
      seats: 3,
      ...body,
    });
    if (added.statusCode !== 201) throw new Error(added.body);
    return added.json() as { id: string; version: number };
  };
  const placesOf = async (dialogueId: string) => {
    const [row] = await api.dataSource.query(
      `SELECT places, taken, reserved FROM places WHERE dialogue_id = $1 AND scope = 'dialogue'`,
      [dialogueId],
    );
    return row as { places: number | null; taken: number; reserved: number };
  };
  const nominate = (id: string, nominees: object[], token?: string) =>
    api.request(
      'POST',
      `/v1/delegations/${id}/nominations`,
      { nominees },
      token === undefined ? {} : { token },
    );
  let nominees = 0;
  const nominee = (changes: object = {}) => {
    nominees += 1;
    return {
      honorific: 'Ms.',
      name: `Nominee ${nominees}`,
      email: `nominee.${nominees}@ministry.example`,
      role: 'member',
      ...changes,
    };
  };
  const get = async (id: string) => (await api.request('GET', `/v1/delegations/${id}`)).json();
  const accept = async (dialogueId: string, email: string) =>
    api.submit(`${await linkOf(api, 'invitation', { dialogueId, email })}/acceptance`, answers);
  const person = (number: number) => `person.${number}@ministry.example`;

  describe('seats', () => {
    test('are kept among the places of the dialogue, and never more than there are', async () => {
      const { id } = await publishDialogue(api, { places: 10 });
      const added = await add(id, {
        mechanism: 'euro-african dialogue',
        focal_point: await focalPoint(),
        seats: 6,
        seats_by_role: { head_of_delegation: 1, observer: 0 },
        nominations_close_at_local: `${YEAR}-01-20T18:00`,
        release_at_local: `${YEAR}-01-21T09:00`,
      });
      expect(added.statusCode).toBe(201);
      expect(added.headers.etag).toBe('"1"');
      expect(added.json()).toMatchObject({
        mechanism: { code: 'RABAT', name: 'Rabat Process' },
        name: 'Rabat Process',
        seats: 6,
        seats_by_role: { head_of_delegation: 1, observer: 0 },
        nominations_close_at: `${YEAR}-01-20T16:00:00.000Z`,
        release_at: `${YEAR}-01-21T07:00:00.000Z`,
        nominated: 0,
        confirmed: 0,
        nominees: [],
      });
      expect(await placesOf(id)).toEqual({ places: 10, taken: 0, reserved: 6 });

      const tooMany = await add(id, { organisation: 'Agency', seats: 5 });
      expect([tooMany.statusCode, tooMany.json().code]).toEqual([409, 'seats_do_not_fit']);
      expect(tooMany.json().detail).toContain('4 of the 10 places are free: 0 taken, 6 kept for delegations');
      expect((await add(id, { organisation: 'Agency', seats: 4 })).statusCode).toBe(201);
      const raised = await api.request('PATCH', `/v1/delegations/${added.json().id}`, { seats: 7 });
      expect([raised.statusCode, raised.json().code]).toEqual([409, 'seats_do_not_fit']);
      expect(await placesOf(id)).toEqual({ places: 10, taken: 0, reserved: 10 });

      const { items } = (await api.request('GET', `/v1/dialogues/${id}/delegations`)).json();
      expect(items.map(({ name, seats }: { name: string; seats: number }) => [name, seats])).toEqual([
        ['Agency', 4],
        ['Rabat Process', 6],
      ]);
    });

    test('given back go to those who wait, whether the delegation has fewer or is gone', async () => {
      const { id } = await publishDialogue(api, { places: 4 });
      const { id: delegation } = await delegate(id, { seats: 3 });
      await inviteList(api, id, listOf(4));
      for (const number of [1, 2, 3, 4]) await accept(id, person(number));
      const states = async () => {
        const rows: { state: string }[] = await api.dataSource.query(
          'SELECT state FROM registrations WHERE dialogue_id = $1 ORDER BY created_at, id',
          [id],
        );
        return rows.map(({ state }) => state);
      };
      expect(await states()).toEqual(['confirmed', 'waitlisted', 'waitlisted', 'waitlisted']);
      expect((await api.request('PATCH', `/v1/delegations/${delegation}`, { seats: 2 })).statusCode).toBe(
        200,
      );
      expect(await states()).toEqual(['confirmed', 'confirmed', 'waitlisted', 'waitlisted']);
      expect((await api.request('DELETE', `/v1/delegations/${delegation}`)).statusCode).toBe(204);
      expect(await states()).toEqual(['confirmed', 'confirmed', 'confirmed', 'confirmed']);
      expect(await placesOf(id)).toEqual({ places: 4, taken: 4, reserved: 0 });
      expect((await api.request('GET', `/v1/delegations/${delegation}`)).statusCode).toBe(404);
    });

    test('in the room are kept among the places of the room as well, and online among those online', async () => {
      const { id } = await publishDialogue(api, {
        places: 20,
        venue: { kind: 'hybrid', room: 'Hall A', platform: 'Kudo' },
      });
      const set = await api.replace(`/v1/dialogues/${id}/places`, { places: 20, in_person: 4 });
      expect(set.statusCode).toBe(200);
      const { id: delegation } = await delegate(id, { seats: 3, attends: 'in_person' });
      await delegate(id, { seats: 5 });
      const kept = async () =>
        api.dataSource.query(
          `SELECT coalesce(attends, scope) AS of, taken, reserved FROM places
           WHERE dialogue_id = $1 AND scope IN ('dialogue', 'attendance') ORDER BY scope`,
          [id],
        );
      expect(await kept()).toEqual([
        { of: 'in_person', taken: 0, reserved: 3 },
        { of: 'dialogue', taken: 0, reserved: 8 },
      ]);
      const tooMany = await add(id, { organisation: 'Agency', seats: 2, attends: 'in_person' });
      expect(tooMany.json().detail).toContain('1 of the 4 places in the room is free');
      expect((await add(id, { organisation: 'Agency', seats: 2, attends: 'virtual' })).statusCode).toBe(201);

      const comes = nominee();
      await nominate(delegation, [comes]);
      await accept(id, comes.email);
      expect(await kept()).toEqual([
        { of: 'in_person', taken: 1, reserved: 2 },
        { of: 'dialogue', taken: 1, reserved: 9 },
      ]);
      const online = await api.request('PATCH', `/v1/delegations/${delegation}`, { attends: 'virtual' });
      expect([online.statusCode, online.json().code]).toEqual([409, 'seats_taken']);
      await api.request('POST', `/v1/delegations/${delegation}/release`);
      expect(await kept()).toEqual([
        { of: 'in_person', taken: 1, reserved: 0 },
        { of: 'dialogue', taken: 1, reserved: 7 },
      ]);
    });

    test('are never fewer than are held, and it says who would be over', async () => {
      const { id } = await publishDialogue(api);
      const { id: delegation } = await delegate(id, { seats: 3 });
      const names = [nominee(), nominee({ role: 'head_of_delegation' })];
      expect((await nominate(delegation, names)).statusCode).toBe(201);
      for (const { email } of names) expect((await accept(id, email)).statusCode).toBe(303);
      expect(await get(delegation)).toMatchObject({ nominated: 2, confirmed: 2 });
      const lowered = await api.request('PATCH', `/v1/delegations/${delegation}`, { seats: 1 });
      expect([lowered.statusCode, lowered.json().code]).toEqual([409, 'seats_below_taken']);
      expect(lowered.json().detail).toContain(`2 seats are taken, 1 more than that: ${names[1]!.name}.`);
      const byRole = await api.request('PATCH', `/v1/delegations/${delegation}`, {
        seats_by_role: { head_of_delegation: 0 },
      });
      expect(byRole.json().errors).toMatchObject([{ field: 'seats_by_role.head_of_delegation' }]);
      const removed = await api.request('DELETE', `/v1/delegations/${delegation}`);
      expect([removed.statusCode, removed.json().code]).toEqual([409, 'delegation_has_nominees']);
      expect(await get(delegation)).toMatchObject({ seats: 3, seats_by_role: {} });
    });

    test('can be given to many at once, all or nothing', async () => {
      const { id } = await publishDialogue(api, { places: 9 });
      await delegate(id, { organisation: 'Staying', seats: 2 });
      await delegate(id, { organisation: 'Going', seats: 2 });
      const put = (delegations: object[]) => api.replace(`/v1/dialogues/${id}/delegations`, { delegations });
      const wrong = await put([
        { organisation: 'Staying', seats: 3 },
        { mechanism: 'Unheard of', seats: 1 },
        { organisation: 'staying ', seats: 3 },
      ]);
      expect([wrong.statusCode, wrong.json().errors[0]]).toMatchObject([
        422,
        { field: 'delegations.1.mechanism', code: 'mechanism_unknown' },
      ]);
      const twice = await put([
        { organisation: 'Staying', seats: 3 },
        { organisation: 'STAYING', seats: 3 },
      ]);
      expect([twice.statusCode, twice.json().code]).toEqual([409, 'delegation_exists']);
      expect(await placesOf(id)).toEqual({ places: 9, taken: 0, reserved: 4 });
      const put10 = await put([{ organisation: 'Staying', seats: 10 }]);
      expect([put10.statusCode, put10.json().code]).toEqual([409, 'seats_do_not_fit']);
      const done = await put([
        { organisation: 'Staying', seats: 3, seats_by_role: { adviser: 1 } },
        { mechanism: 'RABAT', seats: 5 },
      ]);
      expect(done.statusCode).toBe(200);
      expect(done.json().items).toMatchObject([
        { name: 'Rabat Process', seats: 5, version: 1 },
        { name: 'Staying', seats: 3, seats_by_role: { adviser: 1 }, version: 2 },
      ]);
      expect(await placesOf(id)).toEqual({ places: 9, taken: 0, reserved: 8 });
    });

    test('edited by two at once: the second is told', async () => {
      const { id } = await publishDialogue(api);
      const { id: delegation } = await delegate(id);
      const asRead = await api.reading(`/v1/delegations/${delegation}`);
      const edit = (seats: number) =>
        api.request('PATCH', `/v1/delegations/${delegation}`, { seats }, asRead);
      const edits = await Promise.all([edit(4), edit(5)]);
      expect(edits.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 412]);
    });

    test.each([
      [{ seats: 1 }, 'mechanism', 'one_of'],
      [{ organisation: 'A', mechanism: 'RABAT', seats: 1 }, 'mechanism', 'one_of'],
      [
        { organisation: 'A', seats: 2, seats_by_role: { member: 3 } },
        'seats_by_role.member',
        'more_than_seats',
      ],
      [
        { organisation: 'A', seats: 1, focal_point: '00000000-0000-4000-8000-000000000000' },
        'focal_point',
        'person_unknown',
      ],
      [
        { organisation: 'A', seats: 1, release_at_local: `${YEAR}-01-28T11:01` },
        'release_at_local',
        'after_the_start',
      ],
      [
        { organisation: 'A', seats: 1, nominations_close_at_local: 'soon' },
        'nominations_close_at_local',
        'wall_time_malformed',
      ],
    ])('that are not right are refused by field: %j', async (body, field, code) => {
      const { id } = await publishDialogue(api);
      const refused = await add(id, body);
      expect([refused.statusCode, refused.json().errors]).toMatchObject([422, [{ field, code }]]);
    });

    test('are released to those who wait, by hand or when it is time, once', async () => {
      const { id } = await publishDialogue(api, { places: 5 });
      const { id: byHand } = await delegate(id, { seats: 2 });
      const { id: byTime } = await delegate(id, { seats: 2, release_at_local: `${YEAR}-01-20T09:00` });
      await inviteList(api, id, listOf(5));
      for (const number of [1, 2, 3, 4, 5]) await accept(id, person(number));
      expect(await placesOf(id)).toEqual({ places: 5, taken: 1, reserved: 4 });
      const released = await api.request('POST', `/v1/delegations/${byHand}/release`);
      expect([released.statusCode, typeof released.json().released_at]).toEqual([200, 'string']);
      await api.request('POST', `/v1/delegations/${byHand}/release`);
      expect(await placesOf(id)).toEqual({ places: 5, taken: 3, reserved: 2 });

      const { DelegationsService } = require('@app/participants') as typeof import('@app/participants');
      const service = api.app.get(DelegationsService);
      expect(await service.releaseDue()).toBe(0);
      await api.dataSource.query(
        `UPDATE delegations SET release_at = now() - interval '1 second' WHERE id = $1`,
        [byTime],
      );
      const counts = await Promise.all([service.releaseDue(), service.releaseDue(), service.releaseDue()]);
      expect(counts.toSorted()).toEqual([0, 0, 1]);
      expect(await placesOf(id)).toEqual({ places: 5, taken: 5, reserved: 0 });
      const mails = await ledger(api, id);
      expect(mails.filter(({ kind }) => kind === 'confirmation')).toHaveLength(5);
    });

    test('follow the zone of the dialogue in their times', async () => {
      const { id } = await publishDialogue(api);
      const { id: delegation } = await delegate(id, {
        nominations_close_at_local: `${YEAR}-01-20T18:00`,
        release_at_local: `${YEAR}-01-21T09:00`,
      });
      expect(
        (await api.request('PATCH', `/v1/dialogues/${id}`, { time_zone: 'Asia/Tokyo' })).statusCode,
      ).toBe(200);
      expect(await get(delegation)).toMatchObject({
        nominations_close_at_local: `${YEAR}-01-20T18:00`,
        nominations_close_at: `${YEAR}-01-20T09:00:00.000Z`,
        release_at: `${YEAR}-01-21T00:00:00.000Z`,
      });
    });
  });

  describe('nominees', () => {
    test('get a personal link each, answer for themselves, and hold the seats of their delegation', async () => {
      const { id } = await publishDialogue(api, { places: 3 });
      const { id: delegation } = await delegate(id, { seats: 2 });
      await inviteList(api, id, listOf(2));
      const [first, second] = [nominee({ role: 'head_of_delegation' }), nominee({ language: 'ar' })];
      const done = await nominate(delegation, [first, second]);
      expect(done.statusCode).toBe(201);
      expect(done.json().delegation).toMatchObject({
        nominated: 2,
        confirmed: 0,
        nominees: [
          { name: first.name, role: 'head_of_delegation', state: 'sent' },
          { name: second.name, role: 'member', state: 'sent' },
        ],
      });
      expect(
        (await ledger(api, id))
          .filter(({ kind }) => kind === 'invitation')
          .map(({ recipient }) => recipient)
          .toSorted(),
      ).toEqual([person(1), person(2), first.email, second.email].toSorted());
      const invitation = await api.app.inject({
        url: await linkOf(api, 'invitation', { dialogueId: id, email: first.email }),
      });
      expect(invitation.body.replace(/[\u2066-\u2069]/g, '')).toMatch(
        /You have been nominated for the delegation of Organisation \d+, as head of delegation\.|Vous avez été désigné\(e\)/,
      );
      // One place of the three is not kept: of two who come by invitation one waits, the nominees do not.
      await accept(id, person(1));
      await accept(id, person(2));
      await accept(id, first.email);
      await accept(id, second.email);
      expect(await get(delegation)).toMatchObject({ nominated: 2, confirmed: 2 });
      const rows = await api.dataSource.query(
        `SELECT email, state, role, delegation_id FROM registrations WHERE dialogue_id = $1 ORDER BY email`,
        [id],
      );
      expect(rows).toEqual([
        { email: first.email, state: 'confirmed', role: 'head_of_delegation', delegation_id: delegation },
        { email: second.email, state: 'confirmed', role: 'member', delegation_id: delegation },
        { email: person(1), state: 'confirmed', role: null, delegation_id: null },
        { email: person(2), state: 'waitlisted', role: null, delegation_id: null },
      ]);
      expect(await placesOf(id)).toEqual({ places: 3, taken: 3, reserved: 0 });
    });

    test('are not more than the seats, in all and by role, and then nobody is nominated', async () => {
      const { id } = await publishDialogue(api);
      const { id: delegation } = await delegate(id, { seats: 2, seats_by_role: { head_of_delegation: 1 } });
      const refused = await nominate(delegation, [
        nominee({ role: 'head_of_delegation' }),
        nominee({ role: 'head_of_delegation' }),
        nominee(),
      ]);
      expect([refused.statusCode, refused.json().code]).toEqual([422, 'seats_exceeded']);
      expect(refused.json().detail).toBe(
        'They are 1 more than the 2 seats. They are 1 more than the 1 seats of the role head_of_delegation. Nobody was nominated.',
      );
      expect(await get(delegation)).toMatchObject({ nominated: 0, nominees: [] });
      expect(await ledger(api, id)).toEqual([]);
    });

    test('of two submissions at once for the last seat are one', async () => {
      const { id } = await publishDialogue(api);
      const { id: delegation } = await delegate(id, { seats: 1 });
      const both = await Promise.all(Array.from({ length: 6 }, () => nominate(delegation, [nominee()])));
      expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 422, 422, 422, 422, 422]);
      expect(await get(delegation)).toMatchObject({ nominated: 1 });
    });

    test('who are known already are told of, and never moved or rewritten', async () => {
      const { id } = await publishDialogue(api, { registration: 'open' });
      const { id: delegation } = await delegate(id, { seats: 5 });
      const { id: other } = await delegate(id, { seats: 5 });
      await inviteList(api, id, listOf(1));
      const known = nominee();
      await nominate(delegation, [known]);
      const refused = await nominate(other, [
        { name: 'PERSON 1', email: person(1).toUpperCase(), role: 'member' },
        { name: known.name, email: known.email },
        nominee({ name: '' }),
        nominee({ email: 'nobody', role: 'adviser' }),
      ]);
      expect(refused.statusCode).toBe(422);
      expect(
        refused.json().errors.map(({ field, code }: { field: string; code: string }) => [field, code]),
      ).toEqual(
        expect.arrayContaining([
          ['nominees.2.name', 'required'],
          ['nominees.3.email', 'email_invalid'],
          ['nominees.0.name', 'already_invited'],
          ['nominees.1.name', 'already_invited'],
        ]),
      );
      const again = await nominate(delegation, [{ name: known.name, email: known.email }]);
      expect(again.json().code).toBe('already_nominated');
      const twice = nominee();
      expect((await nominate(delegation, [twice, twice])).json().code).toBe('named_twice');

      // Somebody of the directory: used as they are.
      const inDirectory = await focalPoint({ name: 'Salma Idrissi', affiliation: 'Ministry of Labour' });
      expect(
        (
          await nominate(other, [
            { name: 'salma  idrissi', email: `focal.${people}@mechanism.example`, affiliation: 'Elsewhere' },
          ])
        ).statusCode,
      ).toBe(201);
      expect((await api.request('GET', `/v1/people/${inDirectory}`)).json()).toMatchObject({
        name: 'Salma Idrissi',
        affiliation: 'Ministry of Labour',
        version: 1,
      });
      expect(await get(other)).toMatchObject({ nominees: [{ name: 'Salma Idrissi' }] });
    });

    test('who decline free their nomination, and say why to the organiser', async () => {
      const { id } = await publishDialogue(api);
      const { id: delegation } = await delegate(id, { seats: 1 });
      const gone = nominee();
      await nominate(delegation, [gone]);
      expect((await nominate(delegation, [nominee()])).statusCode).toBe(422);
      const link = await linkOf(api, 'invitation', { dialogueId: id, email: gone.email });
      await api.submit(`${link}/declination`, { reason: 'On leave' });
      expect(await get(delegation)).toMatchObject({ nominated: 0, nominees: [{ state: 'declined' }] });
      expect((await nominate(delegation, [nominee()])).statusCode).toBe(201);
      expect(await get(delegation)).toMatchObject({ nominated: 1 });
    });

    test('who are replaced lose their link and their place, and are told; the other one has a link of their own', async () => {
      const { id } = await publishDialogue(api, { places: 2 });
      const { id: delegation } = await delegate(id, { seats: 1 });
      const before = nominee();
      await nominate(delegation, [before]);
      const link = await linkOf(api, 'invitation', { dialogueId: id, email: before.email });
      await accept(id, before.email);
      const registration = await linkOf(api, 'registration', { dialogueId: id, email: before.email });
      expect(await placesOf(id)).toEqual({ places: 2, taken: 1, reserved: 0 });
      const { nominees: present } = await get(delegation);
      const after = nominee();
      const done = await nominate(delegation, [{ ...after, replaces: present[0].id }]);
      expect(done.statusCode).toBe(201);
      expect(done.json().delegation).toMatchObject({
        nominated: 1,
        confirmed: 0,
        nominees: [{ name: after.name, state: 'sent' }],
      });
      expect(await placesOf(id)).toEqual({ places: 2, taken: 0, reserved: 1 });
      expect((await api.app.inject({ url: link })).statusCode).toBe(404);
      expect((await api.app.inject({ url: registration })).statusCode).toBe(404);
      const mails = await ledger(api, id);
      expect(mails.map(({ kind, recipient }) => [kind, recipient])).toEqual([
        ['invitation', before.email],
        ['confirmation', before.email],
        ['withdrawal', before.email],
        ['invitation', after.email],
      ]);
      expect((await accept(id, after.email)).statusCode).toBe(303);
      expect(await get(delegation)).toMatchObject({ confirmed: 1 });
    });

    test('who were taken off can be nominated again, with another link', async () => {
      const { id } = await publishDialogue(api);
      const { id: delegation } = await delegate(id, { seats: 1 });
      const back = nominee();
      await nominate(delegation, [back]);
      const first = await linkOf(api, 'invitation', { dialogueId: id, email: back.email });
      const [{ id: nomineeId }] = (await get(delegation)).nominees;
      const removed = await api.request('POST', `/v1/delegations/${delegation}/removals`, {
        nominee_ids: [nomineeId],
      });
      expect([removed.statusCode, removed.json()]).toEqual([200, { removed: 1 }]);
      expect(await get(delegation)).toMatchObject({ nominated: 0, nominees: [] });
      expect((await nominate(delegation, [back])).statusCode).toBe(201);
      const second = await linkOf(api, 'invitation', { dialogueId: id, email: back.email });
      expect(second).not.toBe(first);
      expect((await api.app.inject({ url: first })).statusCode).toBe(404);
      expect((await ledger(api, id)).map(({ kind }) => kind)).toEqual(['invitation', 'invitation']);
      expect((await accept(id, back.email)).statusCode).toBe(303);
    });

    test('are for the organiser of the dialogue alone', async () => {
      const { id } = await publishDialogue(api);
      const { id: delegation } = await delegate(id);
      const { token } = await api.newOrganiser();
      for (const [method, url, body] of [
        ['GET', `/v1/dialogues/${id}/delegations`, undefined],
        ['POST', `/v1/dialogues/${id}/delegations`, { organisation: 'A', seats: 1 }],
        ['PUT', `/v1/dialogues/${id}/delegations`, { delegations: [] }],
        ['POST', `/v1/dialogues/${id}/delegations/invitations`, { to: 'prepared' }],
        ['GET', `/v1/delegations/${delegation}`, undefined],
        ['PATCH', `/v1/delegations/${delegation}`, { seats: 1 }],
        ['DELETE', `/v1/delegations/${delegation}`, undefined],
        ['POST', `/v1/delegations/${delegation}/link`, undefined],
        ['DELETE', `/v1/delegations/${delegation}/link`, undefined],
        ['POST', `/v1/delegations/${delegation}/release`, undefined],
        ['POST', `/v1/delegations/${delegation}/nominations`, { nominees: [nominee()] }],
        ['POST', `/v1/delegations/${delegation}/removals`, { nominee_ids: [delegation] }],
      ] as const) {
        const asRead = method === 'PUT' ? await api.reading(url) : {};
        const answer = await api.request(method, url, body, { ...asRead, token });
        expect([method, url, answer.statusCode]).toEqual([method, url, 404]);
      }
      expect(await get(delegation)).toMatchObject({ seats: 3, version: 1 });
    });
  });

  describe('the link of a focal point', () => {
    const linkTo = async (id: string): Promise<string> => {
      const { Links } = require('@app/platform') as typeof import('@app/platform');
      const [{ generation }] = await api.dataSource.query(
        'SELECT link_generation AS generation FROM delegations WHERE id = $1',
        [id],
      );
      return `/n/${api.app.get(Links).compose('delegation', id, generation as number)}`;
    };
    const rows = (...filled: object[]): Record<string, string> =>
      Object.fromEntries(
        filled.flatMap((fields, row) =>
          Object.entries(fields).map(([field, value]) => [`${field}_${row}`, String(value)]),
        ),
      );
    const open = async (url: string) => {
      const { statusCode, body } = await api.app.inject({ url });
      return {
        statusCode,
        text: body.replaceAll(/[\u2066-\u2069]|<\/?bdi[^>]*>/g, '').replaceAll('\u00a0', ' '),
      };
    };
    const asked = async (changes: object = {}, dialogue: object = {}) => {
      const { id } = await publishDialogue(api, dialogue);
      const { id: delegation } = await delegate(id, changes);
      const { queued } = (
        await api.request('POST', `/v1/dialogues/${id}/delegations/invitations`, { to: 'prepared' })
      ).json();
      expect(queued).toBe(1);
      return { id, delegation, link: await linkTo(delegation) };
    };

    test('is mailed to whoever was not asked yet, once, and anew when it is renewed', async () => {
      const draft = await api.request('POST', '/v1/dialogues', {
        title: 'Draft',
        starts_at_local: `${YEAR}-01-28T11:00`,
        ends_at_local: `${YEAR}-01-28T13:00`,
        time_zone: 'UTC',
        venue: { kind: 'virtual', platform: 'Kudo' },
        hosts: ['Agency'],
        working_languages: ['en'],
      });
      await delegate(draft.json().id);
      const early = await api.request('POST', `/v1/dialogues/${draft.json().id}/delegations/invitations`, {
        to: 'prepared',
      });
      expect([early.statusCode, early.json().code]).toEqual([409, 'dialogue_draft']);

      const { id, delegation, link } = await asked();
      const { id: silent } = await delegate(id, { focal_point: null });
      for (const body of [undefined, {}, { to: 'prepared', delegation_ids: [delegation] }]) {
        const refused = await api.request('POST', `/v1/dialogues/${id}/delegations/invitations`, body);
        expect([refused.statusCode, refused.json().code]).toEqual([422, 'addressees_missing']);
      }
      const ask = (body: object = { to: 'prepared' }) =>
        api.request('POST', `/v1/dialogues/${id}/delegations/invitations`, body);
      expect((await ask()).json()).toEqual({ queued: 0 });
      const nobody = await ask({ delegation_ids: [delegation, silent] });
      expect([nobody.statusCode, nobody.json().errors]).toMatchObject([
        422,
        [{ field: 'delegation_ids.1', code: 'focal_point_missing' }],
      ]);
      expect((await open(link)).statusCode).toBe(200);
      expect((await api.request('POST', `/v1/delegations/${delegation}/link`)).statusCode).toBe(202);
      expect((await open(link)).statusCode).toBe(404);
      expect((await open(await linkTo(delegation))).statusCode).toBe(200);
      expect((await api.request('DELETE', `/v1/delegations/${delegation}/link`)).statusCode).toBe(204);
      expect((await ledger(api, id)).map(({ kind }) => kind)).toEqual([
        'nomination-request',
        'nomination-request',
      ]);
      // Somebody else becomes focal point: the link of the first ends, and the other is asked.
      const before = await linkTo(delegation);
      await api.dataSource.query('INSERT INTO unsubscriptions (subject_id) VALUES ($1)', [delegation]);
      await api.request('PATCH', `/v1/delegations/${delegation}`, { focal_point: await focalPoint() });
      const theirs = 'SELECT FROM unsubscriptions WHERE subject_id = $1';
      expect(await api.dataSource.query(theirs, [delegation])).toEqual([]);
      expect((await open(before)).statusCode).toBe(404);
      expect((await ask()).json()).toEqual({ queued: 1 });
    });

    test('opens nothing else, nor does another link open it', async () => {
      const { id, delegation, link } = await asked();
      const { link: other } = await asked();
      await nominate(delegation, [nominee({ email: 'one@ministry.example' })]);
      const invitation = await linkOf(api, 'invitation', { dialogueId: id, email: 'one@ministry.example' });
      for (const url of [
        link.replace('/n/', '/i/'),
        link.replace('/n/', '/r/'),
        invitation.replace('/i/', '/n/'),
        `/n/${delegation}`,
        '/n/nothing',
      ]) {
        expect([url, (await open(url)).statusCode]).toEqual([url, 404]);
      }
      const cookie = { cookie: `link=${other.slice(3)}` };
      expect((await api.app.inject({ url: `/n/${delegation}`, headers: cookie })).statusCode).toBe(404);
      expect((await api.submit(`/n/${delegation}/nominations`, rows(nominee()), cookie)).statusCode).toBe(
        404,
      );
      expect(
        (await api.app.inject({ url: `/n/${delegation}`, headers: { cookie: `link=${link.slice(3)}` } }))
          .statusCode,
      ).toBe(200);
    });

    test('shows the seats, the deadline in both zones and who has confirmed, in their language, and no data of theirs', async () => {
      const { id, delegation, link } = await asked({
        mechanism: 'RABAT',
        organisation: null,
        seats: 3,
        seats_by_role: { head_of_delegation: 1 },
        nominations_close_at_local: `${YEAR}-01-20T18:00`,
      });
      const own = nominee({ email: 'secret.address@ministry.example', affiliation: 'Secret Ministry' });
      await nominate(delegation, [own, nominee({ role: 'head_of_delegation' })]);
      await accept(id, own.email);
      const { text } = await open(`${link}`);
      expect(text).toContain('Délégation : Rabat Process'.replace(' :', '\u202f:'));
      expect(text).toContain('23:00 (Asia/Jakarta, UTC+7)');
      expect(text).toContain('18:00 (Africa/Cairo, UTC+2)');
      expect(text).toContain('1 reste à pourvoir.');
      expect(text).toContain('Participation confirmée');
      expect(text).toContain('Pas encore de réponse');
      expect(text).not.toContain('secret.address');
      expect(text).not.toContain('Secret Ministry');
      expect(text).not.toMatch(/\/[ir]\//);
      expect((await open(`${link}?lang=ar`)).text).toContain('تأكدت المشاركة');
    });

    test('nominates everyone in one submission', async () => {
      const { id, delegation, link } = await asked({ seats: 3 });
      const [first, second] = [nominee({ role: 'head_of_delegation' }), nominee({ language: 'ar' })];
      const sent = await api.submit(`${link}/nominations`, {
        ...rows(first, second),
        role_2: 'member',
        language_2: 'fr',
      });
      expect([sent.statusCode, sent.headers.location]).toEqual([303, `${link}?nominated=2`]);
      expect((await open(`${link}?nominated=2`)).text).toContain('2 personnes sont désignées');
      expect(await get(delegation)).toMatchObject({
        nominated: 2,
        nominees: [
          { name: first.name, state: 'sent' },
          { name: second.name, state: 'sent' },
        ],
      });
      expect(
        (await ledger(api, id)).filter(({ kind }) => kind === 'invitation').map(({ recipient }) => recipient),
      ).toEqual([first.email, second.email]);
      const [person1] = await api.dataSource.query(
        `SELECT language, time_zone FROM people WHERE email = $1`,
        [first.email],
      );
      expect(person1).toEqual({ language: 'fr', time_zone: 'Asia/Jakarta' });
      const [actor] = await api.dataSource.query(
        `SELECT DISTINCT actor FROM audit_entries WHERE action = 'nomination.made' AND dialogue_id = $1`,
        [id],
      );
      expect(actor).toEqual({ actor: `link:${delegation}` });
    });

    test('says by how many they are over the seats and in which role, keeps what was typed, and nominates nobody', async () => {
      const { delegation, link } = await asked({ seats: 2, seats_by_role: { head_of_delegation: 1 } });
      const three = [
        nominee({ role: 'head_of_delegation' }),
        nominee({ role: 'head_of_delegation' }),
        nominee({ affiliation: 'Ministère' }),
      ];
      const { statusCode, body } = await api.submit(`${link}/nominations?lang=en`, rows(...three));
      expect(statusCode).toBe(422);
      expect(body).toContain('That is one person more than the seats.');
      expect(body).toContain('Head of delegation: one person too many.');
      for (const { name, email } of three) {
        expect(body).toContain(`value="${name}"`);
        expect(body).toContain(`value="${email}"`);
      }
      expect(body).toContain('value="Ministère"');
      expect(await get(delegation)).toMatchObject({ nominated: 0 });
    });

    test('says in which row what is wrong, and who is known already', async () => {
      const { id, delegation, link } = await asked({ seats: 5 });
      await inviteList(api, id, listOf(1));
      const wrong = await api.submit(`${link}/nominations?lang=en`, {
        ...rows({ name: 'Person 1', email: person(1) }),
        name_2: '',
        email_2: 'nobody',
      });
      expect(wrong.statusCode).toBe(422);
      const text = wrong.body.replace(/[\u2066-\u2069]/g, '');
      expect(text).toContain('Person 1, Person 1 is invited to this dialogue already.');
      expect(text).toContain('href="#name_2"');
      expect(text).toContain('Person 3, Email address: please write it as');
      expect((await api.submit(`${link}/nominations`, {})).statusCode).toBe(422);
      expect(await get(delegation)).toMatchObject({ nominated: 0 });
    });

    test('replaces and removes, with the hidden field alone where there are no cookies', async () => {
      const { id, delegation, link } = await asked({ seats: 1 });
      const [first, second] = [nominee(), nominee()];
      await api.submit(`${link}/nominations`, rows(first));
      const { body } = await api.app.inject({ url: link });
      const token = /name="token" value="([^"]+)"/.exec(body)![1]!;
      const nomineeId = /<option value="([0-9a-f-]{36})"/.exec(body)![1]!;
      const full = await api.submit(`/n/${delegation}/nominations`, { ...rows(second), token });
      expect(full.statusCode).toBe(422);
      const replaced = await api.submit(`/n/${delegation}/nominations`, {
        ...rows({ ...second, replaces: nomineeId }),
        token,
      });
      expect(replaced.statusCode).toBe(303);
      expect(await get(delegation)).toMatchObject({ nominees: [{ name: second.name }] });
      expect(await linkOf(api, 'invitation', { dialogueId: id, email: first.email })).toBeDefined();
      const [present] = (await get(delegation)).nominees;
      // A nominee of another delegation is none of this one's.
      const elsewhere = await asked();
      await api.submit(`${elsewhere.link}/removals`, { nominee: present.id });
      expect(await get(delegation)).toMatchObject({ nominated: 1 });
      const removed = await api.submit(`${link}/removals`, { nominee: present.id });
      expect(removed.headers.location).toBe(`${link}?removed=1`);
      expect(await get(delegation)).toMatchObject({ nominated: 0, nominees: [] });
    });

    test('only shows once nominations are closed, while the organiser can still nominate', async () => {
      const { delegation, link } = await asked({ seats: 2 });
      const known = nominee();
      await api.submit(`${link}/nominations`, rows(known));
      await api.dataSource.query(
        `UPDATE delegations SET nominations_close_at = now() - interval '1 second',
           nominations_close_at_local = '2026-01-01T00:00' WHERE id = $1`,
        [delegation],
      );
      const { text } = await open(`${link}?lang=en`);
      expect(text).toContain('Nominations are closed');
      expect(text).toContain(known.name);
      expect(text).not.toContain('<form');
      const [{ id: present }] = (await get(delegation)).nominees;
      expect((await api.submit(`${link}/nominations`, rows(nominee()))).statusCode).toBe(303);
      expect((await api.submit(`${link}/removals`, { nominee: present })).statusCode).toBe(303);
      expect(await get(delegation)).toMatchObject({ nominated: 1 });
      expect((await nominate(delegation, [nominee()])).statusCode).toBe(201);
    });

    test('mails only so many in a day, though it nominates and takes off again without end', async () => {
      const { id, link } = await asked({ seats: 1 });
      const answered: number[] = [];
      while (!answered.includes(429) && answered.length < 30) {
        answered.push((await api.submit(`${link}/nominations`, rows(nominee()))).statusCode);
        const [present] = await api.dataSource.query(
          `SELECT id FROM invitations WHERE dialogue_id = $1 AND state = 'sent'`,
          [id],
        );
        if (present) await api.submit(`${link}/removals`, { nominee: present.id as string });
      }
      expect(answered).toEqual([...Array<number>(15).fill(303), 429]);
      expect((await ledger(api, id)).filter(({ kind }) => kind === 'invitation')).toHaveLength(15);
    });

    test('changes nothing by being opened', async () => {
      const { delegation, link } = await asked();
      const state = () =>
        api.dataSource.query(
          `SELECT l.*, (SELECT count(*) FROM audit_entries) AS lines, (SELECT count(*) FROM mails) AS mails
           FROM delegations l WHERE id = $1`,
          [delegation],
        );
      const before = await state();
      for (let time = 0; time < 3; time++) expect((await open(link)).statusCode).toBe(200);
      expect(await state()).toEqual(before);
    });
  });
});
