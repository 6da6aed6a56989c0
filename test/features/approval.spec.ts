import { startApi, type TestApi, type TestOrganiser } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';

describe('approval', () => {
  let api: TestApi;
  let approver: TestOrganiser;
  beforeAll(async () => {
    api = await startApi({ environment: { DATABASE_CONNECTIONS: '20' } });
    approver = await api.newOrganiser('Second approver');
  });
  afterAll(() => api.close());

  const person = (number: number) => `person.${number}@ministry.example`;
  const accept = async (dialogueId: string, number: number, more: Record<string, string> = {}) =>
    api.submit(`${await linkOf(api, 'invitation', { dialogueId, email: person(number) })}/acceptance`, {
      ...answers,
      ...more,
    });
  const pageOf = async (dialogueId: string, number: number) =>
    linkOf(api, 'registration', { dialogueId, email: person(number) });
  const row = async (dialogueId: string, number: number) => {
    const [found] = await api.dataSource.query(
      'SELECT * FROM registrations WHERE dialogue_id = $1 AND email = $2',
      [dialogueId, person(number)],
    );
    return found as { id: string; state: string; waitlist_number: string | null; approval_round: number };
  };
  const places = async (dialogueId: string) =>
    (
      await api.dataSource.query(
        `SELECT places, taken FROM places WHERE dialogue_id = $1 AND scope = 'dialogue'`,
        [dialogueId],
      )
    )[0] as { places: number; taken: number };
  const decide = async (
    dialogueId: string,
    numbers: number[],
    decision: 'approved' | 'refused' = 'approved',
    by: { token?: string; reason?: string } = {},
  ) => {
    const ids = await Promise.all(numbers.map(async (number) => (await row(dialogueId, number)).id));
    return api.request(
      'POST',
      `/v1/dialogues/${dialogueId}/approvals`,
      { registration_ids: ids, decision, ...(by.reason && { reason: by.reason }) },
      by.token ? { token: by.token } : {},
    );
  };
  const outcomes = async (decided: Awaited<ReturnType<typeof decide>>) => {
    expect([decided.statusCode, decided.body]).toEqual([200, decided.body]);
    return (decided.json().items as { outcome: string }[]).map(({ outcome }) => outcome);
  };
  const withApproval = async (
    settings: { places?: number; approvals?: number; people?: number } = {},
    changes: object = {},
  ) => {
    const dialogue = await publishDialogue(api, { places: settings.places ?? null });
    const patched = await api.request('PATCH', `/v1/dialogues/${dialogue.id}`, {
      approvals_needed: settings.approvals ?? 1,
      ...changes,
    });
    expect(patched.statusCode).toBe(200);
    await api.dataSource.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles) VALUES ($1, $2, 'Second', '{approver}')`,
      [dialogue.id, approver.id],
    );
    await inviteList(api, dialogue.id, listOf(settings.people ?? 3));
    return dialogue;
  };

  test('holds a registration back, tells the person that it is considered, and takes no place', async () => {
    const { id } = await withApproval({ places: 1 });
    expect((await accept(id, 1)).statusCode).toBe(303);
    expect((await row(id, 1)).state).toBe('awaiting_approval');
    expect(await places(id)).toEqual({ places: 1, taken: 0 });
    expect((await ledger(api, id)).map(({ kind }) => kind)).toContain('awaiting-approval');
    const { items, counts } = (
      await api.request('GET', `/v1/dialogues/${id}/registrations?state=awaiting_approval`)
    ).json();
    expect(items).toHaveLength(1);
    expect(counts).toMatchObject({ awaiting_approval: 1, confirmed: 0 });
    const page = await api.app.inject({ url: await pageOf(id, 1) });
    expect(page.body).toContain('Your registration is being considered');
  });

  test('by enough approvers takes a place or a number, in the order in which people came; each counts once', async () => {
    const { id } = await withApproval({ places: 1, approvals: 2 });
    for (const number of [1, 2, 3]) await accept(id, number);
    expect(await outcomes(await decide(id, [3, 1, 2]))).toEqual(['approved', 'approved', 'approved']);
    expect(await outcomes(await decide(id, [1]))).toEqual(['already_decided']);
    expect((await row(id, 1)).state).toBe('awaiting_approval');
    expect(await outcomes(await decide(id, [3, 1, 2], 'approved', { token: approver.token }))).toEqual([
      'waitlisted',
      'confirmed',
      'waitlisted',
    ]);
    expect(await places(id)).toEqual({ places: 1, taken: 1 });
    expect((await row(id, 2)).waitlist_number).toBe('1');
    expect((await row(id, 3)).waitlist_number).toBe('2');
    const kinds = (await ledger(api, id)).map(({ kind, recipient }) => `${kind} ${recipient.split('@')[0]}`);
    expect(kinds).toEqual(
      expect.arrayContaining(['confirmation person.1', 'waitlisted person.2', 'waitlisted person.3']),
    );
    const { items, needed } = (
      await api.request('GET', `/v1/registrations/${(await row(id, 1)).id}/approvals`)
    ).json();
    expect(needed).toBe(2);
    expect(
      items.map((one: { organiser_id: string; decision: string }) => [one.organiser_id, one.decision]),
    ).toEqual([
      [api.organiser.id, 'approved'],
      [approver.id, 'approved'],
    ]);
  });

  test('is refused by one, with a reason that the person is told', async () => {
    const { id } = await withApproval({ approvals: 2 });
    await accept(id, 1);
    const without = await decide(id, [1], 'refused');
    expect([without.statusCode, without.json().code]).toEqual([422, 'reason_required']);
    expect(
      await outcomes(await decide(id, [1], 'refused', { reason: 'Only one of each ministry.' })),
    ).toEqual(['refused']);
    const [mail] = await api.dataSource.query(
      `SELECT parameters FROM mails WHERE dialogue_id = $1 AND kind = 'refusal'`,
      [id],
    );
    expect(mail.parameters).toEqual({ reason: 'Only one of each ministry.', was_confirmed: false });
    const page = await api.app.inject({ url: await pageOf(id, 1) });
    expect(page.body).toContain('Your registration was not accepted');
    expect(page.body).not.toContain('Register again');
    const invitation = await api.app.inject({
      url: await linkOf(api, 'invitation', { dialogueId: id, email: person(1) }),
    });
    expect(invitation.body).toContain('Your registration was not accepted');
    expect(invitation.body).not.toContain('Accept and register');
    // Nor by the invitation, nor by a form that was still open.
    await accept(id, 1);
    await api.submit(`${await pageOf(id, 1)}/registration`, answers);
    expect((await row(id, 1)).state).toBe('refused');
  });

  test('is asked for again by a change that matters, and not by a typo in a title', async () => {
    const { id } = await withApproval({ places: 2 });
    for (const number of [1, 2]) await accept(id, number, { capacity: 'Member' });
    await decide(id, [1, 2]);
    const link = await pageOf(id, 1);
    await api.submit(link, { ...answers, functional_title: 'Directeur', capacity: ' member' });
    expect(await row(id, 1)).toMatchObject({ state: 'confirmed', approval_round: 1 });
    await api.submit(link, { ...answers, capacity: 'Chair' });
    expect(await row(id, 1)).toMatchObject({ state: 'under_review', approval_round: 2 });
    expect(await places(id)).toEqual({ places: 2, taken: 2 });
    expect((await api.app.inject({ url: link })).body).toContain('Your change is being considered');
    const told = async (kind: string) =>
      (await ledger(api, id)).filter((mail) => mail.kind === kind).map(({ recipient }) => recipient);
    expect(await told('under-review')).toEqual([person(1)]);
    // Once more before it is decided: they know that it is considered.
    await api.submit(link, { ...answers, capacity: 'Co-chair' });
    expect(await told('under-review')).toEqual([person(1)]);

    expect(await outcomes(await decide(id, [1]))).toEqual(['confirmed']);
    expect(await row(id, 1)).toMatchObject({ state: 'confirmed', participation_count: 1 });
    const confirmations = (await ledger(api, id)).filter(
      ({ kind, recipient }) => kind === 'confirmation' && recipient === person(1),
    );
    expect(confirmations).toHaveLength(2);

    // An organiser's correction goes by the same rule.
    const { id: registrationId } = await row(id, 2);
    const { headers } = await api.request('GET', `/v1/registrations/${registrationId}`);
    const corrected = await api.request(
      'PATCH',
      `/v1/registrations/${registrationId}`,
      { name: 'Somebody Else' },
      { headers: { 'if-match': String(headers.etag) } },
    );
    expect([corrected.statusCode, corrected.json().state]).toEqual([200, 'under_review']);
    expect(await told('under-review')).toEqual([person(1), person(2)]);
    const late = await api.request(
      'PATCH',
      `/v1/registrations/${registrationId}`,
      { name: 'A Third' },
      { headers: { 'if-match': String(headers.etag) } },
    );
    expect(late.statusCode).toBe(412);
  });

  test('refused after a change gives the place to the next', async () => {
    const { id } = await withApproval({ places: 1 });
    for (const number of [1, 2]) await accept(id, number);
    await decide(id, [1, 2]);
    await api.submit(await pageOf(id, 1), { ...answers, capacity: 'Chair' });
    expect(await outcomes(await decide(id, [1], 'refused', { reason: 'No.' }))).toEqual(['refused']);
    expect([(await row(id, 1)).state, (await row(id, 2)).state]).toEqual(['refused', 'confirmed']);
    expect(await places(id)).toEqual({ places: 1, taken: 1 });
    const [mail] = await api.dataSource.query(
      `SELECT parameters FROM mails WHERE dialogue_id = $1 AND kind = 'refusal'`,
      [id],
    );
    expect(mail.parameters).toMatchObject({ was_confirmed: true });
  });

  test('asked again of somebody who waits keeps their number', async () => {
    const { id } = await withApproval({ places: 1 });
    for (const number of [1, 2, 3]) await accept(id, number);
    await decide(id, [1, 2, 3]);
    await api.submit(await pageOf(id, 2), { ...answers, capacity: 'Chair' });
    const waiting = (await ledger(api, id)).filter(
      ({ kind, recipient }) => kind === 'awaiting-approval' && recipient === person(2),
    );
    expect(waiting).toHaveLength(2);
    expect(await row(id, 2)).toMatchObject({ state: 'awaiting_approval', waitlist_number: '1' });
    expect(await outcomes(await decide(id, [2]))).toEqual(['waitlisted']);
    expect(await row(id, 2)).toMatchObject({ state: 'waitlisted', waitlist_number: '1' });
  });

  test('is decided by approvers only, and of this dialogue only', async () => {
    const { id } = await withApproval();
    const other = await withApproval();
    await accept(id, 1);
    await accept(other.id, 1);
    const stranger = await api.newOrganiser();
    expect((await decide(id, [1], 'approved', { token: stranger.token })).statusCode).toBe(404);
    await api.dataSource.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles) VALUES ($1, $2, 'An organiser', '{organiser}')`,
      [id, stranger.id],
    );
    expect((await decide(id, [1], 'approved', { token: stranger.token })).statusCode).toBe(403);
    const elsewhere = await api.request('POST', `/v1/dialogues/${id}/approvals`, {
      registration_ids: [(await row(other.id, 1)).id],
      decision: 'approved',
    });
    expect(await outcomes(elsewhere)).toEqual(['not_found']);
    expect((await row(other.id, 1)).state).toBe('awaiting_approval');
  });

  test('can be asked of fewer approvers only when nobody waits', async () => {
    const { id } = await withApproval({ approvals: 2 });
    await accept(id, 1);
    const lowered = await api.request('PATCH', `/v1/dialogues/${id}`, { approvals_needed: 0 });
    expect([lowered.statusCode, lowered.json().code]).toEqual([409, 'approvals_open']);
    await decide(id, [1], 'refused', { reason: 'No.' });
    expect((await api.request('PATCH', `/v1/dialogues/${id}`, { approvals_needed: 0 })).statusCode).toBe(200);
  });

  test('asked for from now on is asked for those who wait, too: nobody moves up undecided', async () => {
    const { id } = await withApproval({ places: 1, approvals: 0, people: 4 });
    for (const number of [1, 2, 3]) await accept(id, number);
    const raised = await api.request('PATCH', `/v1/dialogues/${id}`, { approvals_needed: 1, places: 2 });
    expect(raised.statusCode).toBe(200);
    expect((await row(id, 1)).state).toBe('confirmed');
    expect(await row(id, 2)).toMatchObject({
      state: 'awaiting_approval',
      waitlist_number: '1',
      approval_round: 1,
    });
    expect(await row(id, 3)).toMatchObject({ state: 'awaiting_approval', waitlist_number: '2' });
    expect(await places(id)).toEqual({ places: 2, taken: 1 });
    const told = (await ledger(api, id)).filter(({ kind }) => kind === 'awaiting-approval');
    expect(told.map(({ recipient }) => recipient).toSorted()).toEqual([person(2), person(3)]);
    expect(await outcomes(await decide(id, [2, 3]))).toEqual(['confirmed', 'waitlisted']);
    // Who was approved by one stays approved when two are asked for.
    await api.request('PATCH', `/v1/dialogues/${id}`, { approvals_needed: 2 });
    expect(await row(id, 3)).toMatchObject({ state: 'waitlisted', waitlist_number: '2' });
  });

  test('of a change is decided also when the dialogue is over, and of nothing else', async () => {
    const { id } = await withApproval({ places: 5 });
    for (const number of [1, 2, 3]) await accept(id, number);
    await decide(id, [1, 2]);
    for (const number of [1, 2])
      await api.submit(await pageOf(id, number), { ...answers, capacity: 'Chair' });
    await api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' WHERE id = $1`,
      [id],
    );
    const newcomer = await decide(id, [1, 3]);
    expect([newcomer.statusCode, newcomer.json().code]).toEqual([409, 'dialogue_over']);
    expect((await row(id, 1)).state).toBe('under_review');
    expect(await outcomes(await decide(id, [1]))).toEqual(['confirmed']);
    expect(await outcomes(await decide(id, [2], 'refused', { reason: 'No.' }))).toEqual(['refused']);
    expect(await places(id)).toEqual({ places: 5, taken: 1 });
  });

  test('crossed with withdrawals leaves the places right', async () => {
    const { id } = await withApproval({ places: 3, people: 8 });
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const number of numbers) await accept(id, number);
    await Promise.all([
      ...numbers.map((number) => decide(id, [number])),
      ...[1, 3, 5].map(async (number) => api.submit(`${await pageOf(id, number)}/withdrawal`, {})),
    ]);
    const [{ confirmed }] = await api.dataSource.query(
      `SELECT count(*)::int AS confirmed FROM registrations WHERE dialogue_id = $1 AND state = 'confirmed'`,
      [id],
    );
    expect(confirmed).toBe(3);
    expect(await places(id)).toEqual({ places: 3, taken: 3 });
  });

  test('that waits is told to each approver once a day, and to nobody when nothing waits', async () => {
    const { ApproverMails } = require('@app/participants') as typeof import('@app/participants');
    const approverMails = api.app.get(ApproverMails);
    await api.dataSource.query(
      `UPDATE registrations SET state = 'withdrawn', waitlist_number = NULL, confirmed_at = NULL
       WHERE state IN ('awaiting_approval', 'under_review')`,
    );
    // Wherever it is noon now.
    const offset = new Date().getUTCHours() - 12;
    await api.dataSource.query('UPDATE organisers SET time_zone = $1', [
      `Etc/GMT${offset < 0 ? offset : `+${offset}`}`,
    ]);
    const { id } = await withApproval({ approvals: 2 });
    expect(await approverMails.tell()).toBe(0);
    await accept(id, 1);
    const told = await Promise.all([approverMails.tell(), approverMails.tell()]);
    expect(told[0]! + told[1]!).toBe(2);
    expect(await approverMails.tell()).toBe(0);
    const mails = (await ledger(api, id)).filter(({ kind }) => kind === 'approvals-waiting');
    expect(mails.map(({ recipient }) => recipient).toSorted()).toEqual(
      [api.organiser.email, approver.email].toSorted(),
    );
    // The next day: only to whoever has not decided yet.
    await api.dataSource.query(
      `UPDATE mails SET dedupe_key = dedupe_key || ':yesterday' WHERE kind = 'approvals-waiting'`,
    );
    await decide(id, [1]);
    expect(await approverMails.tell()).toBe(1);
  });

  test('that waits was told with links to JSON, and of nobody by name: the mail says who waits and why, and leads to a page', async () => {
    const { Mail, MailRenderers } = require('@app/mail') as typeof import('@app/mail');
    const { AccountsService } = require('@app/accounts') as typeof import('@app/accounts');
    const { id } = await withApproval();
    await accept(id, 1);
    await accept(id, 2);
    await decide(id, [2]);
    await api.dataSource.query(
      `UPDATE registrations SET state = 'under_review', approval_round = approval_round + 1 WHERE id = $1`,
      [(await row(id, 2)).id],
    );
    const mail = async () => {
      const [queued] = await api.dataSource.query(
        `INSERT INTO mails (kind, dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key)
         VALUES ('approvals-waiting', $1, $2, 'x', 'x@agency.example', 'en', gen_random_uuid()::text) RETURNING id::text`,
        [id, approver.id],
      );
      const found = await api.dataSource.manager.findOneByOrFail(Mail, { id: queued.id });
      const written = (await api.app.get(MailRenderers).of('approvals-waiting').render([found])).get(
        found.id,
      )!;
      return 'text' in written ? written : Promise.reject(new Error(written.stale));
    };
    const { text, html } = await mail();
    const lines = text.replaceAll(/[\u2066-\u2069]/g, '').replaceAll(/\n +/g, ' ');
    expect(lines).toMatch(
      /New registrations[^]*Person 1, Ministry of Foreign Affairs[^]*Changed after approval[^]*Person 2, Ministry of Foreign Affairs/,
    );
    expect(html + text).not.toContain('/v1/');
    expect(text).toContain('http://plenary.example/organiser\n');
    const [, href] = /href="([^"]+\/organiser)"/.exec(html)!;
    const path = new URL(href!).pathname;
    expect((await api.app.inject(path)).headers.location).toBe('/sign-in');
    const link = new URL(await api.app.get(AccountsService).newSignInLink(approver.id)).pathname;
    const signedIn = await api.submit(link, {}, { origin: 'http://plenary.example' });
    expect(signedIn.headers.location).toBe('/organiser');
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0]!;
    const page = await api.app.inject({ method: 'GET', url: path, headers: { cookie } });
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);

    // Of a long list the first are named, and the rest counted; anyone who is erased is neither.
    await api.dataSource.query(
      `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state, waitlist_number, erased_at)
       SELECT $1, 'Late ' || n, 'late ' || n, n || '@late.example', n || '@late.example', 'en', 'UTC', 'awaiting_approval', 100 + n,
         CASE WHEN n > 40 THEN now() END FROM generate_series(1, 45) AS n`,
      [id],
    );
    const long = (await mail()).text;
    expect(long.match(/Person \d|Late \d+/g)).toHaveLength(30);
    expect(long).toContain('And 12 more.');
  });
});
