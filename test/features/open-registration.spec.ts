import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';

describe('registering by the open link', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ environment: { UNCONFIRMED_ORIGIN_PER_HOUR: '1000' } });
  });
  afterAll(() => api.close());

  const person = (name: string, email = `${name.toLowerCase().replaceAll(' ', '.')}@un.example`) => ({
    name,
    email,
    affiliation: 'UN Network',
    language: 'fr',
    time_zone: 'Europe/Zurich',
  });
  const ask = (slug: string, body: object) =>
    api.request('POST', `/v1/public/dialogues/${slug}/registrations`, body, { token: null });
  const form = (slug: string, fields: Record<string, string>) =>
    api.submit(`/d/${slug}/registrations?lang=en`, fields);
  const kinds = async (id: string) => (await ledger(api, id)).map(({ kind }) => kind);
  const later = (minutes: number) =>
    api.dataSource.query(`UPDATE mails SET created_at = created_at - make_interval(mins => $1)`, [minutes]);
  const confirm = async (id: string, email: string) =>
    api.submit(`${await linkOf(api, 'registration', { dialogueId: id, email })}/confirmation`, {});

  test('takes the place when the address is confirmed, and not by opening the link', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open', places: 1 });
    const asked = await ask(slug, person('Berfin Yıldız', 'berfin@un.example'));
    expect(asked.statusCode).toBe(201);
    expect(asked.json()).toEqual({ status: 'received', detail: expect.any(String) });
    const link = await linkOf(api, 'registration', { dialogueId: id, email: 'berfin@un.example' });
    const page = await api.request('GET', link, undefined, { token: null });
    expect(page.body).toContain('lang="fr"');
    expect(page.body).toContain('/confirmation"');
    const counts = async () => (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json().counts;
    expect(await counts()).toMatchObject({ unconfirmed: 1, confirmed: 0 });

    await ask(slug, person('Karl Rosenfeldt', 'karl@un.example'));
    expect((await confirm(id, 'karl@un.example')).statusCode).toBe(303);
    await confirm(id, 'berfin@un.example');
    await confirm(id, 'berfin@un.example');
    expect(await counts()).toMatchObject({ unconfirmed: 0, confirmed: 1, waitlisted: 1 });
    expect(await kinds(id)).toEqual([
      'address-confirmation',
      'address-confirmation',
      'confirmation',
      'waitlisted',
    ]);
  });

  test('answers alike whether the address is known or not, on the page as in the API', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    const known = person('Dima Saliba');
    await ask(slug, known);
    await confirm(id, known.email);
    const alike = [
      await ask(slug, known),
      await ask(slug, { ...known, name: 'DIMA  saliba', email: 'Dima.Saliba@UN.example' }),
      await ask(slug, person('Unknown Person')),
    ];
    expect(alike.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201]);
    expect(new Set(alike.map(({ body }) => body)).size).toBe(1);
    const pages = [await form(slug, known), await form(slug, person('Someone Else'))];
    expect(pages.map(({ statusCode, headers }) => [statusCode, headers.location])).toEqual([
      [303, `/d/${slug}/registrations?lang=en`],
      [303, `/d/${slug}/registrations?lang=en`],
    ]);
    expect(await kinds(id)).toEqual([
      'address-confirmation',
      'confirmation',
      'registration-link',
      'address-confirmation',
      'address-confirmation',
    ]);
    // What a stranger typed changed nothing of what is known.
    const { items } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(items[0]).toMatchObject({ name: 'Dima Saliba', email: known.email, version: 2 });
  });

  test('of a draft that was cancelled is not there, as it never was', async () => {
    const published = await publishDialogue(api, { registration: 'open' });
    const { id, slug } = (
      await api.request('POST', '/v1/dialogues', {
        title: 'Never published',
        starts_at_local: '2090-01-28T11:00',
        ends_at_local: '2090-01-28T13:00',
        time_zone: 'UTC',
        venue: { kind: 'in_person', room: 'Hall 1' },
        hosts: ['Agency'],
        working_languages: ['en'],
        registration: 'open',
      })
    ).json();
    const cancelled = await api.request('POST', `/v1/dialogues/${id}/cancellation`, {
      reason: 'No longer needed',
    });
    expect(cancelled.statusCode).toBe(200);
    const statuses = async (of: string) => [
      (await api.request('GET', `/d/${of}`, undefined, { token: null })).statusCode,
      (await ask(of, person('Anybody'))).statusCode,
    ];
    expect(await statuses(slug)).toEqual([404, 404]);
    // What was published stays in sight when it is cancelled.
    await api.request('POST', `/v1/dialogues/${published.id}/cancellation`, { reason: 'An election' });
    expect(await statuses(published.slug)).toEqual([200, 409]);
  });

  test('in a storm mails once a minute and five times an hour, and still answers alike', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    const rafiq = person('Rafiq Anabtawi');
    for (let time = 0; time < 3; time++) await ask(slug, rafiq);
    expect(await kinds(id)).toEqual(['address-confirmation']);
    await later(2);
    await ask(slug, { ...rafiq, capacity: 'observer' });
    expect(await kinds(id)).toEqual(['address-confirmation', 'address-confirmation']);
    for (let time = 0; time < 3; time++) {
      await later(2);
      expect((await ask(slug, rafiq)).statusCode).toBe(201);
    }
    expect(await kinds(id)).toHaveLength(3);
  });

  test('lets the delegates who share an address register, keeps no organiser out, and has a wide cap', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    const { email } = api.organiser;
    const asked = [];
    for (let number = 0; number < 52; number++)
      asked.push(await ask(slug, person(`Delegate ${number}`, email)));
    expect(new Set(asked.map(({ statusCode, body }) => statusCode + body)).size).toBe(1);
    expect(await kinds(id)).toHaveLength(50);
    await api.submit('/sign-in', { email });
    const links = await api.dataSource.query(`SELECT FROM mails WHERE kind = 'sign-in' AND recipient = $1`, [
      email,
    ]);
    expect(links).toHaveLength(1);
  });

  test('of somebody who was invited answers the invitation', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    await inviteList(api, id, listOf(2));
    const invited = { ...person('Person 1', 'person.1@ministry.example') };
    await ask(slug, invited);
    await confirm(id, invited.email);
    const { items } = (await api.request('GET', `/v1/dialogues/${id}/invitations`)).json();
    expect(items.map((item: { state: string }) => item.state)).toEqual(['accepted', 'sent']);

    // The other way round: asked without confirming, then the personal link.
    await ask(slug, {
      ...person('PERSON 2', 'person.2@ministry.example'),
      affiliation: 'Typed by a stranger',
    });
    const link = await linkOf(api, 'invitation', { dialogueId: id, email: 'person.2@ministry.example' });
    await api.submit(`${link}/acceptance`, answers);
    const registered = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(registered.counts).toMatchObject({ confirmed: 2, unconfirmed: 0 });
    expect(registered.items[1]).toMatchObject({
      name: 'Person 2',
      affiliation: 'Ministry of Foreign Affairs',
      invitation_id: expect.any(String),
    });
  });

  test('answers the invitation, too, when somebody registered already accepts it', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    const early = { ...person('Person 1', 'person.1@ministry.example'), time_zone: 'Asia/Jakarta' };
    await ask(slug, early);
    await confirm(id, early.email);
    await inviteList(api, id, listOf(1));
    const link = await linkOf(api, 'invitation', { dialogueId: id, email: early.email });
    // Nothing that they tell about themselves is new, and pressing twice is answering once.
    await api.submit(`${link}/acceptance`, {});
    await api.submit(`${link}/acceptance`, {});
    const [invitation] = (await api.request('GET', `/v1/dialogues/${id}/invitations`)).json().items;
    expect(invitation).toMatchObject({ state: 'accepted', registration: { state: 'confirmed' } });
    const [registration] = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json().items;
    expect(registration.invitation_id).toBe(invitation.id);
    const lines = await api.dataSource.query(
      `SELECT subject_id FROM audit_entries WHERE dialogue_id = $1 AND action = 'invitation.accepted'`,
      [id],
    );
    expect(lines).toEqual([{ subject_id: invitation.id }]);
  });

  test('after having withdrawn brings the link by which to come back', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    const lama = person('Lama Haddadin');
    await ask(slug, lama);
    await confirm(id, lama.email);
    const link = await linkOf(api, 'registration', { dialogueId: id, email: lama.email });
    await api.submit(`${link}/withdrawal`, {});
    await ask(slug, { ...lama, affiliation: 'Typed by a stranger' });
    expect((await kinds(id)).at(-1)).toBe('registration-link');
    await api.submit(`${link}/registration`, answers);
    const { items } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(items[0]).toMatchObject({ state: 'confirmed', affiliation: 'Ministry of Foreign Affairs' });
  });

  test('tells what is wrong by field, in the API and on the page', async () => {
    const { slug } = await publishDialogue(api, { registration: 'open' });
    const wrong = await ask(slug, {
      ...person('A'),
      email: 'a@b.example\r\nBcc: c@d.example',
      country: 'XX',
    });
    expect(wrong.statusCode).toBe(422);
    expect(
      wrong.json().errors.map((error: { field: string; code: string }) => [error.field, error.code]),
    ).toEqual([
      ['email', 'email_invalid'],
      ['country', 'country_unknown'],
    ]);
    const unknown = await ask(slug, { ...person('A'), is_minister: true });
    expect(unknown.json().errors).toEqual([
      { field: 'is_minister', code: 'unknown_field', detail: expect.any(String) },
    ]);
    const page = await form(slug, { name: '<script>', email: 'nobody', affiliation: '' });
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain('value="&lt;script>"');
    expect(page.body).toContain('<title>Error: ');
    expect((await form(slug, {})).statusCode).toBe(422);
  });

  test('is refused where it is not open, with the reason', async () => {
    const closed = await publishDialogue(api);
    expect((await ask(closed.slug, person('A'))).json().code).toBe('registration_by_invitation');
    const cancelled = await publishDialogue(api, { registration: 'open' });
    await api.request('POST', `/v1/dialogues/${cancelled.id}/cancellation`, {});
    expect((await ask(cancelled.slug, person('A'))).json().code).toBe('dialogue_cancelled');
    expect((await form(cancelled.slug, person('A'))).body).toContain('This dialogue is cancelled');
    expect((await ask('no-such-dialogue', person('A'))).statusCode).toBe(404);
  });

  test('of five delegates at one address makes five registrations', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    for (let number = 1; number <= 5; number++) {
      await ask(slug, person(`Delegate ${number}`, 'protocol@state.example'));
    }
    const { counts } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(counts.unconfirmed).toBe(5);
  });
});

describe('the public page of a dialogue', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  test('shows the agenda with its times, in the language asked for, and no link to join', async () => {
    const { id, slug } = await publishDialogue(api);
    await api.replace(`/v1/dialogues/${id}/agenda`, {
      sessions: [
        {
          title: 'Welcoming remarks',
          minutes: 20,
          items: [{ title: 'Opening', minutes: 7, speakers: ['Patrizia Godenzi'] }],
        },
        {
          title: 'Open discussion',
          minutes: 40,
          moderator: 'Daniela Giordanelli',
          guiding_questions: ['Where are the gaps?'],
          items: [],
        },
      ],
    });
    const page = await api.request('GET', `/d/${slug}?lang=ar`, undefined, { token: null });
    expect(page.body).toContain('<html lang="ar" dir="rtl">');
    expect(page.body).toContain('Patrizia Godenzi');
    expect(page.body).toMatch(/11:20.{1,3}12:00/);
    expect(page.body).toContain('Where are the gaps?');
    expect(page.body).not.toContain('secret-room');
  });

  test('is not there while the dialogue is a draft', async () => {
    const { slug } = (
      await api.request('POST', '/v1/dialogues', {
        title: 'Draft',
        starts_at_local: '2090-01-28T11:00',
        ends_at_local: '2090-01-28T13:00',
        time_zone: 'UTC',
        venue: { kind: 'in_person', room: 'Hall 1' },
        hosts: ['Agency'],
        working_languages: ['en'],
        registration: 'open',
      })
    ).json();
    expect((await api.request('GET', `/d/${slug}`, undefined, { token: null })).statusCode).toBe(404);
    expect(
      (await api.request('GET', `/d/${slug}/registrations`, undefined, { token: null })).statusCode,
    ).toBe(404);
  });
});
