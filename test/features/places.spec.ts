import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';

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
      await api.dataSource.query('SELECT places, taken FROM places WHERE dialogue_id = $1', [dialogueId])
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

  test('are taken in five statements between begin and commit, ledger row and audit line included', async () => {
    const { id } = await publishDialogue(api, { places: 1 });
    await inviteList(api, id, listOf(1));
    const [{ id: invitationId }] = await api.dataSource.query(
      'SELECT id FROM invitations WHERE dialogue_id = $1',
      [id],
    );
    const { RegistrationsService } = require('@app/participants') as typeof import('@app/participants');
    const statements: string[] = [];
    const logger = api.dataSource.logger;
    api.dataSource.logger = new Proxy(logger, {
      get: (_, method) =>
        method === 'logQuery' ? (query: string) => statements.push(query) : () => undefined,
    });
    await api.app.get(RegistrationsService).accept(invitationId as string, {
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
    });
    api.dataSource.logger = logger;
    expect(statements.map((statement) => /^\s*(\w+)/.exec(statement)![1])).toEqual([
      'START',
      'SELECT',
      'SELECT',
      'WITH',
      'INSERT',
      'WITH',
      'COMMIT',
    ]);
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
