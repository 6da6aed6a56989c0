import { startApi, type TestApi } from '../support/api';
import { isBlocked, until } from '../support/until';
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

  describe('passed on to a substitute', () => {
    /** The seat of a nominee who accepted is given to somebody who was nominated for it before. */
    const passedOn = async (comeBack: { declined: boolean }, changes: object = {}) => {
      const dialogue = await publishDialogue(api, { places: 3, ...changes });
      await api.dataSource.query(`UPDATE dialogues SET substitution = 'free' WHERE id = $1`, [dialogue.id]);
      const delegation = await delegate(dialogue.id);
      const [back, leaver] = [nominee({ role: 'observer' }), nominee({ role: 'adviser' })];
      const id = (await nominate(delegation, back))[0]!.id;
      if (comeBack.declined) {
        await api.submit(`${await link('invitation', dialogue.id, back.email)}/declination`, {});
        await nominate(delegation, leaver);
      } else await nominate(delegation, { ...leaver, replaces: id });
      await accept(dialogue.id, leaver.email);
      const named = await api.submit(
        `${await link('registration', dialogue.id, leaver.email)}/substitution`,
        { name: back.name, email: back.email, language: 'en' },
      );
      expect(named.statusCode).toBe(303);
      return { dialogue, delegation, back, leaver };
    };
    const acceptOffer = async (dialogueId: string, email: string) =>
      api.submit(`${await link('registration', dialogueId, email)}/offer-acceptance`, answers);

    test.each([
      ['had declined it', true],
      ['had been taken off', false],
    ])('who %s is theirs, seen by the focal point, and can be taken off again', async (_, declined) => {
      const { dialogue, delegation, back } = await passedOn({ declined });
      const seen = async () => {
        const { nominated, nominees } = await get(delegation);
        return [nominated, nominees.filter(({ name }: { name: string }) => name === back.name)];
      };
      expect(await seen()).toEqual([1, [expect.objectContaining({ state: 'offered', role: 'adviser' })]]);
      const tooMany = await api.request('POST', `/v1/delegations/${delegation}/nominations`, {
        nominees: [nominee()],
      });
      expect(tooMany.statusCode).toBe(422);
      expect((await acceptOffer(dialogue.id, back.email)).statusCode).toBe(303);
      expect(await registration(dialogue.id, back.email)).toEqual({
        state: 'confirmed',
        delegation_id: delegation,
        role: 'adviser',
        invitation: 'accepted',
      });
      const [nominated, [shown]] = (await seen()) as [number, [{ id: string }]];
      expect([nominated, shown]).toEqual([
        1,
        expect.objectContaining({ state: 'confirmed', role: 'adviser' }),
      ]);
      const removed = await api.request('POST', `/v1/delegations/${delegation}/removals`, {
        nominee_ids: [shown.id],
      });
      expect(removed.json()).toEqual({ removed: 1 });
      expect(await registration(dialogue.id, back.email)).toMatchObject({ state: 'withdrawn' });
      expect(await places(dialogue.id)).toEqual({ taken: 0, reserved: 1, seats: 0 });
    });

    test('who declines it does not come back to it', async () => {
      const { dialogue, back } = await passedOn({ declined: false }, { registration: 'open' });
      await api.submit(`${await link('registration', dialogue.id, back.email)}/withdrawal`, {});
      expect(await registration(dialogue.id, back.email)).toMatchObject({
        state: 'withdrawn',
        delegation_id: null,
      });
      await registerAgain(dialogue.id, back.email);
      expect(await registration(dialogue.id, back.email)).toMatchObject({
        state: 'confirmed',
        delegation_id: null,
      });
      expect(await places(dialogue.id)).toEqual({ taken: 1, reserved: 1, seats: 0 });
    });

    test('who passes it on without having taken it does not come back to it', async () => {
      const { dialogue, back } = await passedOn({ declined: false }, { registration: 'open' });
      const next = nominee();
      await api.submit(`${await link('registration', dialogue.id, back.email)}/substitution`, {
        name: next.name,
        email: next.email,
        language: 'en',
      });
      expect(await registration(dialogue.id, back.email)).toMatchObject({
        state: 'withdrawn',
        delegation_id: null,
      });
      expect(await registration(dialogue.id, next.email)).toMatchObject({
        state: 'offered',
        role: 'adviser',
      });
    });

    test('does not wait for who sends invitations, who does not wait for it', async () => {
      const { dialogue, back, leaver } = await passedOn({ declined: false });
      await api.replace(`/v1/dialogues/${dialogue.id}/agenda`, {
        sessions: [{ title: 'Opening', minutes: 60, moderator: leaver.name, items: [] }],
      });
      const sender = api.dataSource.createQueryRunner();
      await sender.startTransaction();
      try {
        // As whoever sends invitations: shares the dialogue, then writes to an invitation.
        await sender.query('SELECT 1 FROM dialogues WHERE id = $1 FOR SHARE', [dialogue.id]);
        // Who accepts shares the dialogue, too, and writes nothing to it: they need not wait.
        expect((await acceptOffer(dialogue.id, back.email)).statusCode).toBe(303);
        await sender.query(
          `UPDATE invitations SET sent_at = now() FROM people p WHERE p.id = person_id AND dialogue_id = $1 AND p.email = $2`,
          [dialogue.id, back.email],
        );
        await sender.commitTransaction();
      } finally {
        if (sender.isTransactionActive) await sender.rollbackTransaction();
        await sender.release();
      }
      expect(await registration(dialogue.id, back.email)).toMatchObject({ state: 'confirmed' });
      const agenda = (await api.request('GET', `/v1/dialogues/${dialogue.id}/agenda`)).json();
      expect(agenda.sessions[0].moderator).toBe(back.name);
    });
  });

  /** Until another transaction waits for a lock. */
  const blocked = () => until(() => isBlocked(api.dataSource), 'a session that waits for a lock');

  test('has one role, also when an organiser corrects it', async () => {
    const dialogue = await publishDialogue(api, { places: 3 });
    const delegation = await delegate(dialogue.id, { seats: 2, seats_by_role: { head_of_delegation: 1 } });
    const head = nominee();
    await nominate(delegation, head);
    await accept(dialogue.id, head.email);
    const [{ id }] = await api.dataSource.query('SELECT id FROM registrations WHERE dialogue_id = $1', [
      dialogue.id,
    ]);
    const corrected = await api.request('PATCH', `/v1/registrations/${id}`, { role: 'head_of_delegation' });
    expect(corrected.statusCode).toBe(200);
    expect(await get(delegation)).toMatchObject({ nominees: [{ role: 'head_of_delegation' }] });
    const second = await api.request('POST', `/v1/delegations/${delegation}/nominations`, {
      nominees: [nominee({ role: 'head_of_delegation' })],
    });
    expect([second.statusCode, second.json().code]).toEqual([422, 'seats_exceeded']);
    // Whoever withdraws is back in that role.
    await api.submit(`${await link('registration', dialogue.id, head.email)}/withdrawal`, {});
    await accept(dialogue.id, head.email);
    expect(await registration(dialogue.id, head.email)).toMatchObject({ role: 'head_of_delegation' });
  });

  test('is given back by an erasure also when it is taken while the erasure waits', async () => {
    const dialogue = await publishDialogue(api, { places: 3 });
    const delegation = await delegate(dialogue.id);
    const gone = nominee();
    await nominate(delegation, gone);
    await accept(dialogue.id, gone.email);
    await api.submit(`${await link('registration', dialogue.id, gone.email)}/withdrawal`, {});
    const [{ id }] = await api.dataSource.query('SELECT id FROM registrations WHERE dialogue_id = $1', [
      dialogue.id,
    ]);
    const taker = api.dataSource.createQueryRunner();
    await taker.startTransaction();
    try {
      // As whoever registers again at this moment, under the lock of the places.
      await taker.query('SELECT 1 FROM places WHERE dialogue_id = $1 FOR UPDATE', [dialogue.id]);
      await taker.query(`UPDATE registrations SET state = 'confirmed', confirmed_at = now() WHERE id = $1`, [
        id,
      ]);
      await taker.query(`UPDATE places SET taken = 1, reserved = 0 WHERE dialogue_id = $1`, [dialogue.id]);
      const erasing = api.request('POST', `/v1/registrations/${id}/erasure`);
      await blocked();
      await taker.commitTransaction();
      expect((await erasing).statusCode).toBe(204);
    } finally {
      if (taker.isTransactionActive) await taker.rollbackTransaction();
      await taker.release();
    }
    expect(await places(dialogue.id)).toEqual({ taken: 0, reserved: 1, seats: 0 });
  });
});
