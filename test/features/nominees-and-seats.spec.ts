import { startApi, type TestApi } from '../support/api';
import { answers, linkOf, publishDialogue } from '../support/participants';

/** One nominee, one seat: whatever way they come, and however often the focal point changes their mind. */
describe('a seat of a delegation', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ environment: { DATABASE_CONNECTIONS: '20' } });
  });
  afterAll(() => api.close());

  let count = 0;
  const nominee = (changes: object = {}) => {
    count += 1;
    return {
      name: `Nominee ${count}`,
      email: `nominee.${count}@ministry.example`,
      role: 'member',
      ...changes,
    };
  };
  const delegate = async (dialogueId: string, body: object = {}): Promise<string> => {
    const added = await api.request('POST', `/v1/dialogues/${dialogueId}/delegations`, {
      organisation: `Organisation ${(count += 1)}`,
      seats: 1,
      ...body,
    });
    if (added.statusCode !== 201) throw new Error(added.body);
    return added.json().id as string;
  };
  const nominate = async (delegation: string, ...nominees: object[]) => {
    const done = await api.request('POST', `/v1/delegations/${delegation}/nominations`, { nominees });
    if (done.statusCode !== 201) throw new Error(done.body);
    return done.json().delegation.nominees as { id: string; name: string }[];
  };
  const get = async (delegation: string) =>
    (await api.request('GET', `/v1/delegations/${delegation}`)).json();
  const link = (purpose: 'invitation' | 'registration', dialogueId: string, email: string) =>
    linkOf(api, purpose, { dialogueId, email });
  const accept = async (dialogueId: string, email: string) =>
    api.submit(`${await link('invitation', dialogueId, email)}/acceptance`, answers);
  const registerAgain = async (dialogueId: string, email: string) =>
    api.submit(`${await link('registration', dialogueId, email)}/registration`, answers);
  const openForm = async (
    { id, slug }: { id: string; slug: string },
    who: { name: string; email: string },
  ) => {
    await api.submit(`/d/${slug}/registrations?lang=en`, { ...answers, name: who.name, email: who.email });
    return api.submit(`${await link('registration', id, who.email)}/confirmation`, {});
  };
  const registration = async (dialogueId: string, email: string) =>
    (
      await api.dataSource.query(
        `SELECT r.state, r.delegation_id, r.role, i.state AS invitation FROM registrations r
         LEFT JOIN invitations i ON i.id = r.invitation_id WHERE r.dialogue_id = $1 AND r.email = $2`,
        [dialogueId, email],
      )
    )[0];
  const places = async (dialogueId: string) =>
    (
      await api.dataSource.query(
        `SELECT taken, reserved, (SELECT sum(taken)::int FROM places WHERE dialogue_id = $1 AND scope = 'delegation') AS seats
         FROM places WHERE dialogue_id = $1 AND scope = 'dialogue'`,
        [dialogueId],
      )
    )[0];

  /** A delegation of one seat, whose focal point took off the nominee who had accepted, and named another. */
  const replaced = async (registrationBy: 'open' | 'invitation') => {
    const dialogue = await publishDialogue(api, { places: 3, registration: registrationBy });
    const delegation = await delegate(dialogue.id);
    const [before, after] = [nominee(), nominee()];
    const id = (await nominate(delegation, before))[0]!.id;
    await accept(dialogue.id, before.email);
    await nominate(delegation, { ...after, replaces: id });
    return { dialogue, delegation, before, after };
  };

  test('is not taken again by whom the focal point replaced, where only who is invited can register', async () => {
    const { dialogue, delegation, before, after } = await replaced('invitation');
    const again = await registerAgain(dialogue.id, before.email);
    expect(again.statusCode).toBe(303);
    expect(await registration(dialogue.id, before.email)).toEqual({
      state: 'withdrawn',
      delegation_id: null,
      role: null,
      invitation: 'removed',
    });
    const page = await api.app.inject({ url: await link('registration', dialogue.id, before.email) });
    expect(page.body.includes('/registration?lang')).toBe(false);
    expect(page.body.includes('You are no longer nominated')).toBe(true);
    expect(await places(dialogue.id)).toEqual({ taken: 0, reserved: 1, seats: 0 });
    expect((await accept(dialogue.id, after.email)).statusCode).toBe(303);
    expect(await registration(dialogue.id, after.email)).toMatchObject({ state: 'confirmed' });
    expect(await get(delegation)).toMatchObject({ nominated: 1, confirmed: 1 });
  });

  test('is not taken again by whom the focal point replaced, who has an ordinary place where everybody can register', async () => {
    const { dialogue, delegation, before } = await replaced('open');
    expect((await registerAgain(dialogue.id, before.email)).statusCode).toBe(303);
    expect(await registration(dialogue.id, before.email)).toEqual({
      state: 'confirmed',
      delegation_id: null,
      role: null,
      invitation: 'removed',
    });
    expect(await places(dialogue.id)).toEqual({ taken: 1, reserved: 1, seats: 0 });
    expect(await get(delegation)).toMatchObject({ nominated: 1, confirmed: 0 });
  });

  test('is not taken by who was taken off and registers by the open link for the first time', async () => {
    const dialogue = await publishDialogue(api, { places: 3, registration: 'open' });
    const delegation = await delegate(dialogue.id);
    const gone = nominee();
    const id = (await nominate(delegation, gone))[0]!.id;
    await api.request('POST', `/v1/delegations/${delegation}/removals`, { nominee_ids: [id] });
    await openForm(dialogue, gone);
    expect(await registration(dialogue.id, gone.email)).toMatchObject({
      state: 'confirmed',
      delegation_id: null,
      invitation: null,
    });
    expect(await places(dialogue.id)).toEqual({ taken: 1, reserved: 1, seats: 0 });
  });

  test('is one of a person, also of who accepts a second invitation under the name and address they corrected', async () => {
    const dialogue = await publishDialogue(api, { places: 3 });
    const delegation = await delegate(dialogue.id);
    const [first, second] = [nominee({ role: null }), nominee()];
    const other = await delegate(dialogue.id);
    await nominate(other, first);
    await accept(dialogue.id, first.email);
    await nominate(delegation, second);
    await api.dataSource.query(
      `UPDATE registrations SET name = $2, name_key = lower($2), email = $3, email_key = $3
       WHERE dialogue_id = $1 AND email = $4`,
      [dialogue.id, second.name, second.email, first.email],
    );
    const before = await places(dialogue.id);
    expect((await accept(dialogue.id, second.email)).statusCode).toBe(303);
    expect(await places(dialogue.id)).toEqual(before);
    expect(await registration(dialogue.id, second.email)).toMatchObject({ state: 'confirmed' });
    await api.dataSource.query(
      `UPDATE registrations SET state = 'refused', confirmed_at = NULL WHERE dialogue_id = $1`,
      [dialogue.id],
    );
    await accept(dialogue.id, second.email);
    expect(await registration(dialogue.id, second.email)).toMatchObject({ state: 'refused' });
  });

  test('is taken by its nominee who registers by the open link instead of the personal one', async () => {
    const dialogue = await publishDialogue(api, { places: 1, registration: 'open' });
    const delegation = await delegate(dialogue.id, { seats_by_role: { head_of_delegation: 1 } });
    const head = nominee({ role: 'head_of_delegation' });
    await nominate(delegation, head);
    expect((await openForm(dialogue, head)).statusCode).toBe(303);
    expect(await registration(dialogue.id, head.email)).toEqual({
      state: 'confirmed',
      delegation_id: delegation,
      role: 'head_of_delegation',
      invitation: 'accepted',
    });
    expect(await places(dialogue.id)).toEqual({ taken: 1, reserved: 0, seats: 1 });
    expect(await get(delegation)).toMatchObject({ nominated: 1, confirmed: 1 });
  });

  test('is taken by who asked by the open link first and was nominated before confirming the address', async () => {
    const dialogue = await publishDialogue(api, { places: 1, registration: 'open' });
    const delegation = await delegate(dialogue.id);
    const late = nominee();
    await api.submit(`/d/${dialogue.slug}/registrations?lang=en`, {
      ...answers,
      name: late.name,
      email: late.email,
    });
    await nominate(delegation, late);
    await api.submit(`${await link('registration', dialogue.id, late.email)}/confirmation`, {});
    expect(await registration(dialogue.id, late.email)).toMatchObject({
      state: 'confirmed',
      delegation_id: delegation,
      invitation: 'accepted',
    });
  });
});
