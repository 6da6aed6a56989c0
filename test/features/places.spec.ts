import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';
import { isBlocked, until } from '../support/until';
import { countStatements } from '../support/statements';

describe('places', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ environment: { DATABASE_CONNECTIONS: '20' } });
  });
  afterAll(() => api.close());

  const person = (number: number) => `person.${number}@ministry.example`;
  const accept = async (dialogueId: string, number: number) =>
    api.submit(
      `${await linkOf(api, 'invitation', { dialogueId, email: person(number) })}/acceptance`,
      answers,
    );
  const withdraw = async (dialogueId: string, number: number) =>
    api.submit(`${await linkOf(api, 'registration', { dialogueId, email: person(number) })}/withdrawal`, {});
  const states = async (dialogueId: string): Promise<Record<string, string>> => {
    const rows: { email: string; state: string }[] = await api.dataSource.query(
      'SELECT email, state FROM registrations WHERE dialogue_id = $1 ORDER BY created_at, id',
      [dialogueId],
    );
    return Object.fromEntries(rows.map(({ email, state }) => [email.split('@')[0]!.slice(7), state]));
  };
  const places = async (dialogueId: string) =>
    (
      await api.dataSource.query(
        `SELECT places, taken FROM places WHERE dialogue_id = $1 AND scope = 'dialogue'`,
        [dialogueId],
      )
    )[0] as { places: number; taken: number };

  test('are never taken twice: of 60 who press at once, 10 get one and 50 wait in strict order', async () => {
    const { id } = await publishDialogue(api, { places: 10 });
    await inviteList(api, id, listOf(60));
    const links = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        linkOf(api, 'invitation', { dialogueId: id, email: person(index + 1) }),
      ),
    );
    const answered = await Promise.all(links.map((link) => api.submit(`${link}/acceptance`, answers)));
    expect(new Set(answered.map(({ statusCode }) => statusCode))).toEqual(new Set([303]));
    const { counts } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(counts).toMatchObject({ unconfirmed: 0, confirmed: 10, waitlisted: 50, withdrawn: 0, places: 10 });
    const numbers: { number: number }[] = await api.dataSource.query(
      `SELECT waitlist_number::int AS number FROM registrations
       WHERE dialogue_id = $1 AND state = 'waitlisted' ORDER BY waitlist_number`,
      [id],
    );
    expect(numbers.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    const mails = await ledger(api, id);
    expect(mails.filter(({ kind }) => kind === 'confirmation')).toHaveLength(10);
    expect(mails.filter(({ kind }) => kind === 'waitlisted')).toHaveLength(50);
    expect(await places(id)).toEqual({ places: 10, taken: 10 });
  });

  test('(control) would be taken twice without the lock', async () => {
    const { id } = await publishDialogue(api, { places: 1 });
    const take = () =>
      api.dataSource.transaction(async (manager) => {
        const [{ taken }] = await manager.query('SELECT taken FROM places WHERE dialogue_id = $1', [id]);
        await sleep(50);
        return taken < 1;
      });
    expect(await Promise.all([take(), take()])).toEqual([true, true]);
  });

  test('that become free go to those who wait, in order, and each is told once', async () => {
    const { id } = await publishDialogue(api, { places: 2 });
    await inviteList(api, id, listOf(5));
    for (const number of [1, 2, 3, 4, 5]) await accept(id, number);
    expect(await states(id)).toEqual({
      1: 'confirmed',
      2: 'confirmed',
      3: 'waitlisted',
      4: 'waitlisted',
      5: 'waitlisted',
    });
    expect((await withdraw(id, 1)).statusCode).toBe(303);
    // From the waitlist: nobody moves up by it, and 5 is now first.
    await withdraw(id, 4);
    // By declining after having accepted.
    await api.submit(`${await linkOf(api, 'invitation', { dialogueId: id, email: person(2) })}/declination`, {
      reason: 'Other duties',
    });
    expect(await states(id)).toEqual({
      1: 'withdrawn',
      2: 'withdrawn',
      3: 'confirmed',
      4: 'withdrawn',
      5: 'confirmed',
    });
    expect(await places(id)).toEqual({ places: 2, taken: 2 });
    const mails: { recipient: string; kind: string; parameters: object }[] = await api.dataSource.query(
      `SELECT recipient, kind, parameters FROM mails
       WHERE dialogue_id = $1 AND kind IN ('confirmation', 'withdrawal') ORDER BY id`,
      [id],
    );
    expect(mails.map((mail) => [mail.recipient.slice(7, 8), mail.kind, mail.parameters])).toEqual([
      ['1', 'confirmation', { promoted: false }],
      ['2', 'confirmation', { promoted: false }],
      ['1', 'withdrawal', { was_confirmed: true }],
      ['3', 'confirmation', { promoted: true }],
      ['4', 'withdrawal', { was_confirmed: false }],
      ['2', 'withdrawal', { was_confirmed: true }],
      ['5', 'confirmation', { promoted: true }],
    ]);
  });

  test('once given up go to the end of the list when they are asked for again', async () => {
    const { id } = await publishDialogue(api, { places: 1 });
    await inviteList(api, id, listOf(3));
    for (const number of [1, 2, 3]) await accept(id, number);
    await withdraw(id, 1);
    const again = await api.submit(
      `${await linkOf(api, 'registration', { dialogueId: id, email: person(1) })}/registration`,
      answers,
    );
    expect(again.statusCode).toBe(303);
    expect(await states(id)).toEqual({ 1: 'waitlisted', 2: 'confirmed', 3: 'waitlisted' });
    await withdraw(id, 2);
    expect(await states(id)).toEqual({ 1: 'waitlisted', 2: 'withdrawn', 3: 'confirmed' });
    await withdraw(id, 3);
    expect((await states(id))[1]).toBe('confirmed');
    const [{ participation_count }] = await api.dataSource.query(
      'SELECT participation_count FROM registrations WHERE dialogue_id = $1 AND email = $2',
      [id, person(1)],
    );
    expect(participation_count).toBe(2);
  });

  test('changed by two at once: the second is told, and changes nothing', async () => {
    const { id } = await publishDialogue(api, { places: 10 });
    const { headers } = await api.request('GET', `/v1/dialogues/${id}`);
    const edit = (number: number, etag: unknown) =>
      api.request(
        'PATCH',
        `/v1/dialogues/${id}`,
        { places: number },
        { headers: { 'if-match': String(etag) } },
      );
    const edits = await Promise.all([20, 30].map((number) => edit(number, headers.etag)));
    expect(edits.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 412]);
    const done = edits.find(({ statusCode }) => statusCode === 200)!;
    const now = await api.request('GET', `/v1/dialogues/${id}`);
    expect([now.headers.etag, now.json().places]).toEqual([done.headers.etag, done.json().places]);
  });

  test('can be raised, which moves up who waits, and not lowered below who is confirmed', async () => {
    const { id } = await publishDialogue(api, { places: 1 });
    await inviteList(api, id, listOf(4));
    for (const number of [1, 2, 3, 4]) await accept(id, number);
    const raised = await api.request('PATCH', `/v1/dialogues/${id}`, { places: 3 });
    expect(raised.statusCode).toBe(200);
    expect(await states(id)).toEqual({ 1: 'confirmed', 2: 'confirmed', 3: 'confirmed', 4: 'waitlisted' });

    const lowered = await api.request('PATCH', `/v1/dialogues/${id}`, { places: 1, title: 'Smaller' });
    expect(lowered.statusCode).toBe(409);
    expect(lowered.json()).toMatchObject({
      code: 'places_below_confirmed',
      detail: expect.stringMatching(/^3 are confirmed, 2 more than that\..*Person [23], Person [23]\.$/),
    });
    const now = (await api.request('GET', `/v1/dialogues/${id}`)).json();
    expect([now.places, now.title]).toEqual([3, 'Dialogue with inter-state consultation mechanisms']);

    const unlimited = await api.request('PATCH', `/v1/dialogues/${id}`, { places: null });
    expect(unlimited.statusCode).toBe(200);
    expect((await states(id))[4]).toBe('confirmed');
  });

  test('go to those who wait also while a new date is looked for, and to nobody when it is cancelled', async () => {
    const { id } = await publishDialogue(api, { places: 1 });
    await inviteList(api, id, listOf(3));
    for (const number of [1, 2, 3]) await accept(id, number);
    await api.request('POST', `/v1/dialogues/${id}/postponement`, {});
    await withdraw(id, 1);
    expect(await states(id)).toEqual({ 1: 'withdrawn', 2: 'confirmed', 3: 'waitlisted' });
    await api.request('POST', `/v1/dialogues/${id}/cancellation`, {});
    await withdraw(id, 2);
    expect(await states(id)).toEqual({ 1: 'withdrawn', 2: 'confirmed', 3: 'waitlisted' });
  });

  test('are taken in three statements between begin and commit, ledger row and audit line included', async () => {
    const { id } = await publishDialogue(api, { places: 1 });
    await inviteList(api, id, listOf(1));
    const [{ id: invitationId }] = await api.dataSource.query(
      'SELECT id FROM invitations WHERE dialogue_id = $1',
      [id],
    );
    const { RegistrationsService } = require('@app/participants') as typeof import('@app/participants');
    const statements = await countStatements(api.dataSource, () =>
      api.app.get(RegistrationsService).accept(
        { id: invitationId as string, dialogueId: id },
        {
          honorific: null,
          functionalTitle: null,
          affiliation: 'Ministry',
          country: null,
          mechanismId: null,
          capacity: null,
          attends: null,
          language: 'en',
          timeZone: 'UTC',
          consentToBeListed: 'never',
        },
      ),
    );
    expect(statements).toEqual([
      'START TRANSACTION',
      // What is judged is read in a statement of its own, after the lock is held.
      expect.stringMatching(/^SELECT id FROM places .* FOR UPDATE$/),
      expect.stringMatching(/^SELECT json_build_object.* FOR SHARE OF d$/),
      expect.stringMatching(
        /^WITH .*INSERT INTO registrations.*UPDATE places.*INSERT INTO audit_entries.*INSERT INTO mails/,
      ),
      'COMMIT',
    ]);
  });

  describe('of many who accept at once', () => {
    const NOTHING_MORE = {
      honorific: null,
      functionalTitle: null,
      affiliation: 'Ministry',
      country: null,
      mechanismId: null,
      capacity: null,
      attends: null,
      language: 'en',
      timeZone: 'UTC',
      consentToBeListed: 'never',
    } as const;
    const invitationsOf = async (dialogueId: string): Promise<Record<number, string>> => {
      const rows: { id: string; email: string }[] = await api.dataSource.query(
        'SELECT i.id, p.email FROM invitations i JOIN people p ON p.id = i.person_id WHERE i.dialogue_id = $1',
        [dialogueId],
      );
      return Object.fromEntries(rows.map(({ id, email }) => [email.split('@')[0]!.slice(7), id]));
    };
    const acceptAll = async (dialogueId: string, invitationIds: string[]) => {
      const { RegistrationsService } = require('@app/participants') as typeof import('@app/participants');
      const { context } = require('@app/platform') as typeof import('@app/platform');
      const service = api.app.get(RegistrationsService);
      return Promise.allSettled(
        invitationIds.map((id) =>
          context.run({ actor: `link:${id}`, origin: '192.0.2.7' }, () =>
            service.accept({ id, dialogueId }, NOTHING_MORE),
          ),
        ),
      );
    };

    test('are taken in two transactions: by the first, then by all who came meanwhile, in their order', async () => {
      const { id } = await publishDialogue(api, { places: 12 });
      await inviteList(api, id, listOf(20));
      const invitations = await invitationsOf(id);
      const order = [7, 3, 20, 1, 12, 5, 6, 4, 2, 8, 19, 9, 10, 11, 18, 13, 17, 14, 16, 15];
      const statements = await countStatements(api.dataSource, () =>
        acceptAll(
          id,
          order.map((number) => invitations[number]!),
        ),
      );
      expect(statements.filter((text) => /^(START|COMMIT|ROLLBACK)/.test(text))).toEqual([
        'START TRANSACTION',
        'COMMIT',
        'START TRANSACTION',
        'COMMIT',
      ]);
      // The lock, what is judged, those with a place, those without.
      expect(statements).toHaveLength(5 + 6);
      const came = await states(id);
      expect(order.slice(0, 12).map((number) => came[number])).toEqual(Array(12).fill('confirmed'));
      const waiting: { email: string }[] = await api.dataSource.query(
        `SELECT email FROM registrations WHERE dialogue_id = $1 AND state = 'waitlisted' ORDER BY waitlist_number`,
        [id],
      );
      expect(waiting.map(({ email }) => email)).toEqual(order.slice(12).map(person));
      expect(await places(id)).toEqual({ places: 12, taken: 12 });
    });

    test('leave with each their own answered invitation, audit line and mail', async () => {
      const { id } = await publishDialogue(api, { places: 3 });
      await inviteList(api, id, listOf(6));
      const invitations = await invitationsOf(id);
      await acceptAll(id, Object.values(invitations));
      const rows: Record<string, string>[] = await api.dataSource.query(
        `SELECT i.id AS invitation, i.state AS answered, a.actor, a.origin, a.action, r.state, m.kind, m.recipient = p.email AS own
         FROM invitations i JOIN people p ON p.id = i.person_id JOIN registrations r ON r.invitation_id = i.id
         JOIN audit_entries a ON a.subject_id = r.id JOIN mails m ON m.subject_id = r.id
         WHERE i.dialogue_id = $1`,
        [id],
      );
      expect(rows).toHaveLength(6);
      for (const { invitation, answered, actor, origin, action, state, kind, own } of rows) {
        expect({ actor, origin, answered, own }).toEqual({
          actor: `link:${invitation}`,
          origin: '192.0.2.7',
          answered: 'accepted',
          own: true,
        });
        expect(action).toBe(`registration.${state}`);
        expect(kind).toBe(state === 'confirmed' ? 'confirmation' : 'waitlisted');
      }
    });

    test('go to who comes back after having withdrawn, or asked by the open link before, no later than to others', async () => {
      const { id } = await publishDialogue(api, { places: 4, registration: 'open' });
      await inviteList(api, id, listOf(6));
      const invitations = await invitationsOf(id);
      const { RegistrationsService } = require('@app/participants') as typeof import('@app/participants');
      const [first] = await acceptAll(id, [invitations[1]!]);
      if (first!.status === 'rejected') throw first!.reason;
      await api.app.get(RegistrationsService).withdraw(first!.value.registrationId);
      await api.dataSource.query(
        `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, affiliation, language, time_zone, state)
         SELECT $1, name, name_key, email, email_key, 'Ministry', 'en', 'UTC', 'unconfirmed' FROM people WHERE id = (
           SELECT person_id FROM invitations WHERE id = $2)`,
        [id, invitations[2]],
      );
      await acceptAll(
        id,
        [3, 1, 2, 4, 5, 6].map((number) => invitations[number]!),
      );
      expect(await states(id)).toEqual({
        1: 'confirmed',
        2: 'confirmed',
        3: 'confirmed',
        4: 'confirmed',
        5: 'waitlisted',
        6: 'waitlisted',
      });
      expect(await places(id)).toEqual({ places: 4, taken: 4 });
    });

    test('are taken once by two clicks, and one who is refused takes nobody with them', async () => {
      const { id } = await publishDialogue(api, { places: 10 });
      await inviteList(api, id, listOf(5));
      const invitations = await invitationsOf(id);
      await api.dataSource.query(`UPDATE invitations SET state = 'removed' WHERE id = $1`, [invitations[3]]);
      const asked = [1, 2, 2, 3, 4, 4, 5].map((number) => invitations[number]!);
      const told = await acceptAll(id, [...asked, '00000000-0000-4000-8000-000000000000']);
      expect(told.map((one) => (one.status === 'fulfilled' ? one.value.state : one.reason.code))).toEqual([
        'confirmed',
        'confirmed',
        'confirmed',
        'invitation_removed',
        'confirmed',
        'confirmed',
        'confirmed',
        'not_found',
      ]);
      expect(await places(id)).toEqual({ places: 10, taken: 4 });
      expect(await ledger(api, id)).toHaveLength(4 + 5);
    });
  });

  describe('at several levels', () => {
    const HYBRID = {
      venue: { kind: 'hybrid', platform: 'Kudo', join_url: 'https://meet.example/room', room: 'Hall A' },
    };
    const attend = async (dialogueId: string, number: number, attends: 'in_person' | 'virtual') =>
      api.submit(`${await linkOf(api, 'invitation', { dialogueId, email: person(number) })}/acceptance`, {
        ...answers,
        attends,
      });
    const setPlaces = (dialogueId: string, body: object) =>
      api.replace(`/v1/dialogues/${dialogueId}/places`, body);
    const limits = async (dialogueId: string) =>
      (
        (await api.request('GET', `/v1/dialogues/${dialogueId}/places`)).json().limits as {
          scope: string;
          attends: string | null;
          role: string | null;
          places: number | null;
          taken: number;
          reserved: number;
        }[]
      )
        .map(
          ({ scope, attends, role, places: all, taken, reserved }) =>
            `${attends ?? role ?? scope}: ${taken}+${reserved} of ${all}`,
        )
        .toSorted();
    /** A delegation with nominees, as a focal point names them. */
    const delegation = async (
      dialogueId: string,
      seats: number,
      members: number[],
      more: { attends?: string; roles?: Record<string, number> } = {},
    ) => {
      const [{ id }]: [{ id: string }] = await api.dataSource.query(
        `INSERT INTO delegations (dialogue_id, organisation, attends) VALUES ($1, 'Bali Process', $2) RETURNING id`,
        [dialogueId, more.attends ?? null],
      );
      await api.dataSource.query(
        `INSERT INTO places (dialogue_id, scope, delegation_id, places) VALUES ($1, 'delegation', $2, $3)`,
        [dialogueId, id, seats],
      );
      for (const [role, count] of Object.entries(more.roles ?? {})) {
        await api.dataSource.query(
          `INSERT INTO places (dialogue_id, scope, delegation_id, role, places) VALUES ($1, 'role', $2, $3, $4)`,
          [dialogueId, id, role, count],
        );
      }
      await api.dataSource.query(
        `UPDATE places SET reserved = reserved + $2
         WHERE dialogue_id = $1 AND (scope = 'dialogue' OR (scope = 'attendance' AND attends = $3))`,
        [dialogueId, seats, more.attends ?? null],
      );
      for (const [index, number] of members.entries()) {
        await api.dataSource.query(
          `UPDATE invitations i SET delegation_id = $2, role = $3 FROM people p
           WHERE p.id = i.person_id AND i.dialogue_id = $1 AND p.email = $4`,
          [dialogueId, id, index === 0 ? 'head_of_delegation' : 'observer', person(number)],
        );
      }
      return id;
    };

    test('are counted apart in the room and online, and who waits moves up where there is room', async () => {
      const { id } = await publishDialogue(api, { ...HYBRID, places: 3 });
      expect((await setPlaces(id, { places: 3, in_person: 1, virtual: 2 })).statusCode).toBe(200);
      await inviteList(api, id, listOf(6));
      const unsaid = await accept(id, 1);
      expect(unsaid.statusCode).toBe(422);
      await attend(id, 1, 'in_person');
      await attend(id, 2, 'in_person');
      await attend(id, 3, 'virtual');
      await attend(id, 4, 'virtual');
      await attend(id, 5, 'virtual');
      await attend(id, 6, 'in_person');
      expect(await states(id)).toEqual({
        1: 'confirmed',
        2: 'waitlisted',
        3: 'confirmed',
        4: 'confirmed',
        5: 'waitlisted',
        6: 'waitlisted',
      });
      // 2 and 6 come before and after 5, but the place that becomes free is online.
      await withdraw(id, 3);
      expect(await states(id)).toMatchObject({ 2: 'waitlisted', 5: 'confirmed', 6: 'waitlisted' });
      await withdraw(id, 1);
      expect(await states(id)).toMatchObject({ 2: 'confirmed', 6: 'waitlisted' });
      expect(await limits(id)).toEqual(['dialogue: 3+0 of 3', 'in_person: 1+0 of 1', 'virtual: 2+0 of 2']);
    });

    test('are moved between when someone joins online instead, which frees the room for the next', async () => {
      const { id } = await publishDialogue(api, { ...HYBRID, places: null });
      await setPlaces(id, { in_person: 1, virtual: 1 });
      await inviteList(api, id, listOf(3));
      await attend(id, 1, 'in_person');
      await attend(id, 2, 'in_person');
      const link = await linkOf(api, 'registration', { dialogueId: id, email: person(1) });
      await api.submit(link, { ...answers, attends: 'virtual' });
      expect(await states(id)).toEqual({ 1: 'confirmed', 2: 'confirmed' });
      const back = await api.submit(link, { ...answers, attends: 'in_person' });
      expect(back.statusCode).toBe(422);
      expect(back.body).toContain('there is no place left');
      expect(await limits(id)).toEqual(['dialogue: 2+0 of null', 'in_person: 1+0 of 1', 'virtual: 1+0 of 1']);
    });

    test('that are kept for a delegation are taken by its members only, and kept again when they leave', async () => {
      const { id } = await publishDialogue(api, { places: 3 });
      await inviteList(api, id, listOf(5));
      await delegation(id, 2, [1, 2], { roles: { observer: 1 } });
      for (const number of [3, 4]) await accept(id, number);
      expect(await states(id)).toEqual({ 3: 'confirmed', 4: 'waitlisted' });
      for (const number of [1, 2]) await accept(id, number);
      expect(await states(id)).toMatchObject({ 1: 'confirmed', 2: 'confirmed', 4: 'waitlisted' });
      expect(await limits(id)).toEqual(['delegation: 2+0 of 2', 'dialogue: 3+0 of 3', 'observer: 1+0 of 1']);
      await withdraw(id, 2);
      expect((await states(id))[4]).toBe('waitlisted');
      expect(await limits(id)).toEqual(['delegation: 1+0 of 2', 'dialogue: 2+1 of 3', 'observer: 0+0 of 1']);
    });

    test('of a delegation are not more than its seats, though the dialogue has room', async () => {
      const { id } = await publishDialogue(api, { places: 10 });
      await inviteList(api, id, listOf(3));
      await delegation(id, 1, [1, 2]);
      await accept(id, 1);
      await accept(id, 2);
      await accept(id, 3);
      expect(await states(id)).toEqual({ 1: 'confirmed', 2: 'waitlisted', 3: 'confirmed' });
      await withdraw(id, 1);
      expect((await states(id))[2]).toBe('confirmed');
    });

    test('in the last seat of a delegation are taken once by many at once', async () => {
      const { id } = await publishDialogue(api, { places: 20 });
      await inviteList(api, id, listOf(10));
      await delegation(
        id,
        1,
        Array.from({ length: 10 }, (_, index) => index + 1),
      );
      await Promise.all(Array.from({ length: 10 }, (_, index) => accept(id, index + 1)));
      const counted = Object.values(await states(id));
      expect(counted.filter((state) => state === 'confirmed')).toHaveLength(1);
      expect(counted.filter((state) => state === 'waitlisted')).toHaveLength(9);
      expect(await limits(id)).toEqual(['delegation: 1+0 of 1', 'dialogue: 1+0 of 20']);
    });

    test('of a room are taken by those who were to come there before others could join online', async () => {
      const room = { kind: 'in_person', room: 'Hall A' };
      const { id } = await publishDialogue(api, { venue: room, places: 3 });
      await inviteList(api, id, listOf(6));
      for (const number of [1, 2, 3, 4]) await accept(id, number);
      await withdraw(id, 4);
      await accept(id, 5);
      const hybrid = await api.request('PATCH', `/v1/dialogues/${id}`, { ...HYBRID, places: null });
      expect(hybrid.statusCode).toBe(200);
      const fewer = await setPlaces(id, { in_person: 3 });
      expect([fewer.statusCode, fewer.json().code]).toEqual([409, 'places_below_confirmed']);
      expect((await setPlaces(id, { in_person: 5, virtual: 1 })).statusCode).toBe(200);
      const whole = await limits(id);
      expect(whole).toEqual(['dialogue: 4+0 of null', 'in_person: 4+0 of 5', 'virtual: 0+0 of 1']);
      await attend(id, 6, 'in_person');
      await attend(id, 4, 'in_person');
      expect(await states(id)).toMatchObject({ 5: 'confirmed', 6: 'confirmed', 4: 'waitlisted' });
      await withdraw(id, 1);
      expect((await states(id))[4]).toBe('confirmed');
      expect(await limits(id)).toEqual(['dialogue: 5+0 of null', 'in_person: 5+0 of 5', 'virtual: 0+0 of 1']);
    });

    test('are one count again, for which all who wait are asked, when a dialogue is no longer hybrid', async () => {
      const { id } = await publishDialogue(api, { ...HYBRID, places: 5 });
      await inviteList(api, id, listOf(4));
      await setPlaces(id, { places: 5, in_person: 1, virtual: 3 });
      const group = await delegation(id, 1, [4], { attends: 'virtual' });
      await attend(id, 1, 'in_person');
      await attend(id, 2, 'in_person');
      await attend(id, 3, 'virtual');
      await api.submit(
        `${await linkOf(api, 'invitation', { dialogueId: id, email: person(4) })}/acceptance`,
        answers,
      );
      expect(await states(id)).toEqual({ 1: 'confirmed', 2: 'waitlisted', 3: 'confirmed', 4: 'confirmed' });
      const venue = { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/room' };
      const patched = await api.request('PATCH', `/v1/dialogues/${id}`, { venue });
      expect(patched.statusCode).toBe(200);
      expect((await states(id))[2]).toBe('confirmed');
      expect(await limits(id)).toEqual(['delegation: 1+0 of 1', 'dialogue: 4+0 of 5']);
      // Back again, those who were told that it is online attend online, and so does the delegation.
      await api.dataSource.query(`UPDATE delegations SET attends = 'in_person' WHERE id = $1`, [group]);
      expect((await api.request('PATCH', `/v1/dialogues/${id}`, HYBRID)).statusCode).toBe(200);
      await setPlaces(id, { places: 5, in_person: 1, virtual: 4 });
      await withdraw(id, 4);
      expect(await limits(id)).toEqual([
        'delegation: 0+0 of 1',
        'dialogue: 3+1 of 5',
        'in_person: 0+0 of 1',
        'virtual: 3+1 of 4',
      ]);
    });

    test('of a role hold over all delegations', async () => {
      const { id } = await publishDialogue(api, { places: null });
      await inviteList(api, id, listOf(3));
      await delegation(id, 3, [1, 2, 3]);
      await setPlaces(id, { roles: { observer: 1 } });
      for (const number of [1, 2, 3]) await accept(id, number);
      expect(await states(id)).toEqual({ 1: 'confirmed', 2: 'confirmed', 3: 'waitlisted' });
    });

    test('can not be lowered at any level below who holds one, which says who is over and changes nothing', async () => {
      const { id } = await publishDialogue(api, { ...HYBRID, places: 6 });
      await inviteList(api, id, listOf(4));
      await delegation(id, 2, [4], { attends: 'in_person' });
      await attend(id, 1, 'in_person');
      await attend(id, 2, 'virtual');
      await attend(id, 3, 'virtual');
      await attend(id, 4, 'in_person');
      const before = await limits(id);
      const lowered = await setPlaces(id, { places: 4, in_person: 2, virtual: 1 });
      expect(lowered.statusCode).toBe(409);
      const { code, errors } = lowered.json() as {
        code: string;
        errors: { field: string; detail: string }[];
      };
      expect(code).toBe('places_below_confirmed');
      expect(errors.map(({ field, detail }) => `${field}: ${detail}`)).toEqual([
        'places: Person 4 would be over.',
        'places: 1 seat is kept for Bali Process.',
        'in_person: Person 4 would be over.',
        'in_person: 1 seat is kept for Bali Process.',
        'virtual: Person 3 would be over.',
      ]);
      expect((await api.request('GET', `/v1/dialogues/${id}/places`)).json()).toMatchObject({
        places: 6,
        in_person: null,
        virtual: null,
      });
      expect(await limits(id)).toEqual(before);
      expect((await setPlaces(id, { places: 5, in_person: 3, virtual: 2 })).statusCode).toBe(200);
      expect(await limits(id)).toEqual([
        'delegation: 1+0 of 2',
        'dialogue: 4+1 of 5',
        'in_person: 2+1 of 3',
        'virtual: 2+0 of 2',
      ]);
    });
  });

  describe('that are offered', () => {
    let offers: import('@app/participants').Offers;
    beforeAll(() => {
      const { Offers } = require('@app/participants') as typeof import('@app/participants');
      offers = api.app.get(Offers);
    });
    const offering = async (count: number, changes: object = {}) => {
      const dialogue = await publishDialogue(api, { places: 1 });
      await api.request('PATCH', `/v1/dialogues/${dialogue.id}`, {
        promotion: 'offer',
        offer_for: 'P2D',
        ...changes,
      });
      await inviteList(api, dialogue.id, listOf(count));
      for (let number = 1; number <= count; number++) await accept(dialogue.id, number);
      return dialogue;
    };
    const pageOf = (dialogueId: string, number: number) =>
      linkOf(api, 'registration', { dialogueId, email: person(number) });
    const overdue = (dialogueId: string) =>
      api.dataSource.query(
        `UPDATE registrations SET offer_expires_at = now() - interval '1 minute'
         WHERE dialogue_id = $1 AND offer_expires_at IS NOT NULL`,
        [dialogueId],
      );
    const kinds = async (dialogueId: string) =>
      (await ledger(api, dialogueId))
        .map(({ kind, recipient }) => `${kind} ${recipient.slice(7, 8)}`)
        .filter((mail) => /offer|withdrawal/.test(mail));

    test('are held until they are taken', async () => {
      const { id } = await offering(3);
      await withdraw(id, 1);
      expect(await states(id)).toEqual({ 1: 'withdrawn', 2: 'offered', 3: 'waitlisted' });
      expect(await places(id)).toEqual({ places: 1, taken: 1 });
      const link = await pageOf(id, 2);
      const page = await api.app.inject({ url: link });
      expect(page.body).toContain('Take the place');
      expect(page.body).toContain('It is held until');
      expect((await api.submit(`${link}/offer-acceptance`, {})).statusCode).toBe(303);
      await api.submit(`${link}/offer-acceptance`, {});
      expect(await states(id)).toEqual({ 1: 'withdrawn', 2: 'confirmed', 3: 'waitlisted' });
      expect(await places(id)).toEqual({ places: 1, taken: 1 });
      const [{ participation_count }] = await api.dataSource.query(
        'SELECT participation_count FROM registrations WHERE dialogue_id = $1 AND email = $2',
        [id, person(2)],
      );
      expect(participation_count).toBe(1);
    });

    test('go to the next when they are declined or not taken in time, which is told once', async () => {
      const { id } = await offering(4);
      await withdraw(id, 1);
      await withdraw(id, 2);
      expect(await states(id)).toMatchObject({ 2: 'withdrawn', 3: 'offered', 4: 'waitlisted' });
      expect(await offers.expire()).toBe(0);
      await overdue(id);
      const late = await api.submit(`${await pageOf(id, 3)}/offer-acceptance`, {});
      expect(late.statusCode).toBe(303);
      expect((await states(id))[3]).toBe('offered');
      const lapsed = await Promise.all([offers.expire(), offers.expire(), offers.expire()]);
      expect(lapsed.reduce((sum, count) => sum + count)).toBe(1);
      expect(await states(id)).toMatchObject({ 3: 'withdrawn', 4: 'offered' });
      expect(await places(id)).toEqual({ places: 1, taken: 1 });
      expect(await kinds(id)).toEqual([
        'withdrawal 1',
        'offer 2',
        'withdrawal 2',
        'offer 3',
        'offer-lapsed 3',
        'offer 4',
      ]);
    });

    test('lapse in one dialogue though another fails', async () => {
      const [{ id: broken }, { id }] = [await offering(2), await offering(2)];
      for (const dialogueId of [broken, id]) {
        await withdraw(dialogueId, 1);
        await overdue(dialogueId);
      }
      await api.dataSource.query(
        `CREATE FUNCTION refuse_lapse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$`,
      );
      await api.dataSource.query(
        `CREATE TRIGGER refuse_lapse BEFORE UPDATE ON registrations FOR EACH ROW
         WHEN (new.dialogue_id = '${broken}') EXECUTE FUNCTION refuse_lapse()`,
      );
      // Which of them comes first is not said: each way round, the one that works is done.
      try {
        expect(await offers.expire()).toBe(1);
      } finally {
        await api.dataSource.query('DROP FUNCTION refuse_lapse CASCADE');
      }
      expect([(await states(broken))[2], (await states(id))[2]]).toEqual(['offered', 'withdrawn']);
      expect(await offers.expire()).toBe(1);
    });

    test('do not lapse in a dialogue that is cancelled meanwhile', async () => {
      const { id } = await offering(2);
      await withdraw(id, 1);
      await overdue(id);
      const expired = await api.dataSource.transaction(async (manager) => {
        await manager.query('SELECT id FROM places WHERE dialogue_id = $1 FOR UPDATE', [id]);
        const waiting = offers.expire();
        await until(() => isBlocked(api.dataSource), 'a session that waits for the lock');
        expect((await api.request('POST', `/v1/dialogues/${id}/cancellation`)).statusCode).toBe(200);
        return { waiting };
      });
      expect(await expired.waiting).toBe(0);
      expect((await states(id))[2]).toBe('offered');
      expect(await kinds(id)).toEqual(['withdrawal 1', 'offer 2']);
    });

    test('are held for so long by the host’s calendar, and never beyond the beginning', async () => {
      const { id } = await offering(2, { offer_for: 'P366D' });
      expect((await api.request('PATCH', `/v1/dialogues/${id}`, { offer_for: 'soon' })).json().code).toBe(
        'duration_malformed',
      );
      await withdraw(id, 1);
      const [{ inTime }] = await api.dataSource.query(
        `SELECT r.offer_expires_at <= d.starts_at AS "inTime" FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
         WHERE r.dialogue_id = $1 AND r.state = 'offered'`,
        [id],
      );
      expect(inTime).toBe(true);
    });
  });

  test('stay consistent when people come and go at once', async () => {
    const { id } = await publishDialogue(api, { places: 5 });
    await inviteList(api, id, listOf(12));
    await Promise.all(Array.from({ length: 12 }, (_, index) => accept(id, index + 1)));
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => index + 1).map((number) =>
        number % 2 ? withdraw(id, number) : accept(id, number),
      ),
    );
    const counted = Object.values(await states(id));
    expect(counted.filter((state) => state === 'confirmed')).toHaveLength(5);
    expect(counted.filter((state) => state === 'withdrawn')).toHaveLength(6);
    expect(await places(id)).toEqual({ places: 5, taken: 5 });
  });
});
