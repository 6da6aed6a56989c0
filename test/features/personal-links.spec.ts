import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';

describe('a personal link', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const email = 'person.1@ministry.example';
  const invited = async (changes: object = {}, people = 1) => {
    const dialogue = await publishDialogue(api, changes);
    await inviteList(api, dialogue.id, listOf(people));
    return { ...dialogue, link: await linkOf(api, 'invitation', { dialogueId: dialogue.id, email }) };
  };
  const get = (url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    api.app.inject({ method, url, headers });
  const cookieOf = (answer: { headers: Record<string, unknown> }) => String(answer.headers['set-cookie']);

  test('changes nothing by being opened, however often and by whomever', async () => {
    const { id, link } = await invited();
    const everything = async () => {
      const tables: { name: string }[] = await api.dataSource.query(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
      );
      const contents = await Promise.all(
        tables.map(({ name }) =>
          api.dataSource.query(
            `SELECT coalesce(jsonb_agg(row ORDER BY row::text), '[]') AS rows FROM ${name} AS row`,
          ),
        ),
      );
      return JSON.stringify(contents);
    };
    const before = await everything();
    for (let time = 0; time < 5; time++) {
      expect((await get(link)).statusCode).toBe(200);
      expect((await get(link, {}, 'HEAD')).statusCode).toBe(200);
    }
    expect(await everything()).toBe(before);

    await api.submit(`${link}/acceptance`, answers);
    const registration = await linkOf(api, 'registration', { dialogueId: id, email });
    const accepted = await everything();
    for (let time = 0; time < 5; time++) {
      expect((await get(registration)).statusCode).toBe(200);
      expect((await get(link)).statusCode).toBe(200);
      expect((await get(registration, {}, 'HEAD')).statusCode).toBe(200);
    }
    expect(await everything()).toBe(accepted);
  });

  test('shows the dialogue in the time of the hosts and of the reader, and no link to join', async () => {
    const { link } = await invited();
    const { body, headers } = await get(link);
    expect(body).toContain('11:00');
    const read = body.replace(/<\/?bdi[^>]*>/g, '').replaceAll('\u00a0', ' ');
    expect(read).toContain('11:00–13:00 (Africa/Cairo, UTC+2)');
    expect(read).toContain('16:00–18:00 (Asia/Jakarta, UTC+7)');
    expect(body).not.toContain('secret-room');
    expect(body).toContain('Person 1');
    expect(body).not.toContain(email);
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  });

  test('is exchanged for a cookie of this invitation alone, with which the clean address works', async () => {
    const { link } = await invited();
    const cookie = cookieOf(await get(link));
    const [, token, address] = /^link=([\w-]{65}); Path=(\/i\/[0-9a-f-]{36}); HttpOnly; SameSite=Lax$/.exec(
      cookie,
    )!;
    expect(link).toBe(`/i/${token}`);
    expect((await get(address!, { cookie: `link=${token}` })).statusCode).toBe(200);
    expect((await get(address!)).statusCode).toBe(404);
    // The cookie of another invitation opens nothing here.
    const other = await invited();
    expect((await get(address!, { cookie: `link=${other.link.slice(3)}` })).statusCode).toBe(404);
  });

  test('accepts with the hidden field alone, where there are no cookies, and leads to the registration', async () => {
    const { id, link } = await invited();
    const { body } = await get(link);
    const action = /action="(\/i\/[^"?]+\/acceptance)/.exec(body)![1]!;
    const token = /name="token" value="([^"]+)"/.exec(body)![1]!;
    const accepted = await api.submit(action, { ...answers, token, capacity: 'chair' });
    expect(accepted.statusCode).toBe(303);
    expect(accepted.headers.location).toBe(await linkOf(api, 'registration', { dialogueId: id, email }));
    const page = await get(accepted.headers.location!);
    expect(page.body).toContain('Your participation is confirmed');
    // The link to join is their own; it leads to the room that is told to the confirmed only.
    expect(page.body).toMatch(/href="[^"]*\/j\//);
    const { items } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(items).toEqual([
      {
        id: expect.any(String),
        invitation_id: expect.any(String),
        attends: null,
        delegation_id: null,
        delegation: null,
        role: null,
        offer_expires_at: null,
        state: 'confirmed',
        honorific: 'Ms.',
        name: 'Person 1',
        functional_title: 'Director',
        email,
        erased_at: null,
        affiliation: 'Ministry of Foreign Affairs',
        country: 'MA',
        mechanism: null,
        capacity: 'chair',
        language: 'en',
        time_zone: 'Asia/Jakarta',
        consent_to_be_listed: 'after',
        confirmed_at: expect.any(String),
        waitlist_number: null,
        version: 1,
        created_at: expect.any(String),
      },
    ]);
    // The directory keeps what it had: the registration is a copy.
    const [person] = await api.dataSource.query('SELECT capacity FROM people WHERE email = $1', [email]);
    expect(person.capacity).toBe('member');
  });

  test('accepts once, though the button is pressed twice at once', async () => {
    const { id, link } = await invited();
    await Promise.all([1, 2, 3].map(() => api.submit(`${link}/acceptance`, answers)));
    const kinds = (await ledger(api, id)).map(({ kind }) => kind);
    expect(kinds).toEqual(['invitation', 'confirmation']);
    const lines: { action: string }[] = await api.dataSource.query(
      `SELECT action FROM audit_entries WHERE dialogue_id = $1 AND action LIKE 'registration.%'`,
      [id],
    );
    expect(lines).toEqual([{ action: 'registration.confirmed' }]);
  });

  test('gives back what was typed when something is wrong, and changes nothing', async () => {
    const { id, link } = await invited();
    const answer = await api.submit(`${link}/acceptance`, {
      ...answers,
      affiliation: '  ',
      capacity: '<b>"chair"</b>',
      time_zone: 'Mars/Olympus',
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('value="&lt;b>&quot;chair&quot;&lt;/b>"');
    expect(answer.body).toMatch(/<a href="#affiliation">Affiliation: please fill this in\.<\/a>/);
    expect(answer.body).toContain('aria-describedby="affiliation-hint affiliation-error"');
    expect(answer.body).not.toContain('<b>"chair');
    expect((await ledger(api, id)).map(({ kind }) => kind)).toEqual(['invitation']);
  });

  test('declines with a reason, which the organiser sees, and can still accept after that', async () => {
    const { id, link } = await invited();
    const declined = await api.submit(`${link}/declination`, { reason: 'Other duties\r\nBcc: x@y.example' });
    expect(declined.statusCode).toBe(303);
    expect((await get(link)).body).toContain('You have declined');
    const list = (await api.request('GET', `/v1/dialogues/${id}/invitations`)).json();
    expect(list.counts).toEqual({ prepared: 0, sent: 0, accepted: 0, declined: 1, removed: 0 });
    expect(list.items[0]).toMatchObject({
      state: 'declined',
      decline_reason: 'Other duties Bcc: x@y.example',
      person: { name: 'Person 1' },
    });
    await api.submit(`${link}/acceptance`, answers);
    const accepted = (await api.request('GET', `/v1/dialogues/${id}/invitations`)).json();
    expect(accepted.items[0]).toMatchObject({
      state: 'accepted',
      decline_reason: null,
      registration: { state: 'confirmed' },
    });
  });

  test('changes data without a mail, withdraws and comes back with one each', async () => {
    const { id, link } = await invited();
    await api.submit(`${link}/acceptance`, answers);
    const registration = await linkOf(api, 'registration', { dialogueId: id, email });
    const changed = await api.submit(registration, {
      ...answers,
      language: 'ar',
      functional_title: 'Minister',
    });
    expect(changed.headers.location).toBe(`${registration}?saved`);
    const page = await get(registration);
    expect(page.body).toContain('<html lang="ar" dir="rtl">');
    expect(page.body).toContain('value="Minister"');
    expect((await get(`${registration}?lang=fr`)).body).toContain('<html lang="fr" dir="ltr">');

    await api.submit(`${registration}/withdrawal`, {});
    await api.submit(`${registration}/withdrawal`, {});
    expect((await get(`${registration}?lang=en`)).body).toContain('You have withdrawn');
    expect((await get(`${registration}?lang=en`)).body).not.toContain('secret-room');
    expect((await get(`${link}?lang=en`)).body).toContain('You have withdrawn');
    await api.submit(`${registration}/registration`, answers);
    expect((await ledger(api, id)).map(({ kind }) => kind)).toEqual([
      'invitation',
      'confirmation',
      'withdrawal',
      'confirmation',
    ]);
  });

  test('lets whoever took part withdraw the consent to be listed when the dialogue is over, and change nothing else', async () => {
    const { id, link } = await invited();
    await api.submit(`${link}/acceptance`, answers);
    const registration = await linkOf(api, 'registration', { dialogueId: id, email });
    await api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' WHERE id = $1`,
      [id],
    );
    const { body } = await get(registration);
    expect(body).toContain('Your name in the record');
    expect(body.match(/<form /g)).toHaveLength(1);
    expect(body).toMatch(/value="after" selected/);
    expect(body).not.toContain('name="capacity"');
    const kept = async () => {
      const [item] = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json().items;
      return [item.consent_to_be_listed, item.capacity];
    };
    // A form that was opened before the end, with something else in it.
    await api.submit(registration, { capacity: 'chair' });
    expect(await kept()).toEqual(['after', 'member']);
    const saved = await api.submit(registration, { consent_to_be_listed: 'never' });
    expect(saved.headers.location).toBe(`${registration}?saved`);
    expect(await kept()).toEqual(['never', 'member']);

    await api.dataSource.query(`UPDATE dialogues SET state = 'cancelled' WHERE id = $1`, [id]);
    expect((await get(registration)).body).not.toContain('<form ');
    await api.submit(registration, { consent_to_be_listed: 'after' });
    expect(await kept()).toEqual(['never', 'member']);
  });

  test('that is wrong, revoked or of another purpose gets one answer', async () => {
    const { id, link } = await invited({}, 2);
    const other = { dialogueId: id, email: 'person.2@ministry.example' };
    await api.submit(`${await linkOf(api, 'invitation', other)}/acceptance`, answers);
    const registration = await linkOf(api, 'registration', other);
    const invitation = (await api.request('GET', `/v1/dialogues/${id}/invitations`))
      .json()
      .items.find((item: { person: { name: string } }) => item.person.name === 'Person 1');
    const revoked = await api.request('DELETE', `/v1/invitations/${invitation.id}/link`);
    expect(revoked.statusCode).toBe(204);
    const wrong = [
      link,
      `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`,
      `/i/${'A'.repeat(65)}`,
      `/i/${registration.slice(3)}`,
      `/r/${link.slice(3)}`,
      '/i/nothing',
      `/i/${invitation.id}`,
    ];
    const pages = await Promise.all(wrong.map((url) => get(url)));
    expect(pages.map(({ statusCode }) => statusCode)).toEqual(wrong.map(() => 404));
    expect(new Set(pages.map(({ body }) => body)).size).toBe(1);
    expect((await api.submit(`${link}/declination`, {})).statusCode).toBe(404);

    const renewed = await api.request('POST', `/v1/invitations/${invitation.id}/link`);
    expect(renewed.statusCode).toBe(202);
    expect((await get(await linkOf(api, 'invitation', { dialogueId: id, email }))).statusCode).toBe(200);
    expect((await ledger(api, id)).filter(({ kind }) => kind === 'invitation')).toHaveLength(3);
  });

  test('is not renewed where no mail would follow, and stays as it was', async () => {
    const { id, slug, link } = await invited({ registration: 'open' });
    const only = async (list: 'invitations' | 'registrations') =>
      (await api.request('GET', `/v1/dialogues/${id}/${list}`)).json().items[0].id as string;
    const invitation = await only('invitations');
    const renew = async (url: string) => {
      const answer = await api.request('POST', `${url}/link`);
      return [answer.statusCode, answer.json().code];
    };
    await api.submit(`${link}/declination`, {});
    expect(await renew(`/v1/invitations/${invitation}`)).toEqual([409, 'invitation_answered']);
    await api.submit(`${link}/acceptance`, answers);
    expect(await renew(`/v1/invitations/${invitation}`)).toEqual([409, 'invitation_answered']);
    expect((await get(link)).statusCode).toBe(200);

    const newcomer = {
      ...answers,
      name: 'Dima Saliba',
      email: 'dima@un.example',
      consent_to_be_listed: 'after',
    };
    await api.request('POST', `/v1/public/dialogues/${slug}/registrations`, newcomer, { token: null });
    const unconfirmed = await linkOf(api, 'registration', { dialogueId: id, email: newcomer.email });
    const [{ id: asked }] = await api.dataSource.query('SELECT id FROM registrations WHERE email = $1', [
      newcomer.email,
    ]);
    expect(await renew(`/v1/registrations/${asked}`)).toEqual([409, 'registration_unconfirmed']);
    expect((await get(unconfirmed)).statusCode).toBe(200);

    const registration = await linkOf(api, 'registration', { dialogueId: id, email });
    await api.request('POST', `/v1/dialogues/${id}/cancellation`, { reason: 'An election' });
    expect(await renew(`/v1/registrations/${await only('registrations')}`)).toEqual([
      409,
      'dialogue_cancelled',
    ]);
    expect((await get(registration)).statusCode).toBe(200);
  });

  test('of somebody else’s dialogue can’t be renewed or revoked', async () => {
    const { id } = await invited();
    const [invitation] = (await api.request('GET', `/v1/dialogues/${id}/invitations`)).json().items;
    const { token } = await api.newOrganiser();
    for (const [method, url] of [
      ['DELETE', `/v1/invitations/${invitation.id}/link`],
      ['POST', `/v1/invitations/${invitation.id}/link`],
      ['GET', `/v1/dialogues/${id}/invitations`],
      ['POST', `/v1/dialogues/${id}/invitations`],
      ['GET', `/v1/dialogues/${id}/registrations`],
      ['GET', `/v1/dialogues/${id}/participants.csv`],
    ] as const) {
      expect((await api.request(method, url, undefined, { token })).statusCode).toBe(404);
    }
  });

  test('to a dialogue that is postponed past its old end still brings every mail about the registration', async () => {
    const { id, link } = await invited();
    await api.submit(`${link}/acceptance`, answers);
    await api.request('POST', `/v1/dialogues/${id}/postponement`, { reason: 'An election' });
    await api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' WHERE id = $1`,
      [id],
    );
    const [registration] = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json().items;
    expect((await api.request('POST', `/v1/registrations/${registration.id}/link`)).statusCode).toBe(202);
    await api.submit(`${await linkOf(api, 'registration', { dialogueId: id, email })}/withdrawal`, {});
    const mails = await api.dataSource.query(
      `SELECT kind, useful_until FROM mails WHERE dialogue_id = $1 AND kind IN ('registration-link', 'withdrawal') ORDER BY id`,
      [id],
    );
    expect(mails).toEqual([
      { kind: 'registration-link', useful_until: null },
      { kind: 'withdrawal', useful_until: null },
    ]);
  });

  test('to a dialogue that is cancelled, postponed or over says so and changes nothing', async () => {
    for (const [noun, words] of [
      ['cancellation', 'This dialogue is cancelled'],
      ['postponement', 'This dialogue is postponed'],
    ] as const) {
      const { id, link } = await invited();
      await api.request('POST', `/v1/dialogues/${id}/${noun}`, { reason: 'An election' });
      const page = await get(link);
      expect(page.body).toContain(words);
      expect(page.body).toContain('An election');
      expect(page.body).not.toContain('/acceptance');
      expect((await api.submit(`${link}/acceptance`, answers)).statusCode).toBe(303);
      expect((await api.request('GET', `/v1/dialogues/${id}/registrations`)).json().items).toEqual([]);
    }
    const { id, link } = await invited();
    await api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' WHERE id = $1`,
      [id],
    );
    expect((await get(link)).body).toContain('This dialogue has taken place');
    await api.submit(`${link}/acceptance`, answers);
    await api.submit(`${link}/declination`, {});
    expect((await api.request('GET', `/v1/dialogues/${id}/invitations`)).json().items[0].state).toBe('sent');
  });
});

describe('invitations', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  test('are sent only when the dialogue is published, each once, however often that is asked', async () => {
    const { id } = await publishDialogue(api);
    const draft = await api.request('POST', '/v1/dialogues', {
      title: 'Draft',
      starts_at_local: '2090-01-28T11:00',
      ends_at_local: '2090-01-28T13:00',
      time_zone: 'UTC',
      venue: { kind: 'in_person', room: 'Hall 1' },
      hosts: ['Agency'],
      working_languages: ['en'],
    });
    const early = await api.request('POST', `/v1/dialogues/${draft.json().id}/invitations`, {
      to: 'prepared',
    });
    expect([early.statusCode, early.json().code]).toEqual([409, 'dialogue_draft']);

    await inviteList(api, id, listOf(3));
    const again = await api.request('POST', `/v1/dialogues/${id}/invitations`, { to: 'prepared' });
    expect(again.json()).toEqual({ queued: 0, already_registered: 0 });
    const mails = await ledger(api, id);
    expect(mails.map(({ recipient }) => recipient).toSorted()).toEqual([
      'person.1@ministry.example',
      'person.2@ministry.example',
      'person.3@ministry.example',
    ]);
  });

  test('go to people of the directory directly, and to those already on the list not again', async () => {
    const { id } = await publishDialogue(api);
    const people = await Promise.all(
      ['Nadia Benkirane', 'محمد رفعت الحلبي'].map(async (name) => {
        const person = {
          name,
          email: 'protocol@morocco.example',
          language: 'ar',
          time_zone: 'Africa/Casablanca',
        };
        return (await api.request('POST', '/v1/people', person)).json().id as string;
      }),
    );
    const send = (body: object) => api.request('POST', `/v1/dialogues/${id}/invitations`, body);
    expect((await send({ person_ids: [people[0]] })).json()).toEqual({ queued: 1, already_registered: 0 });
    expect((await send({ person_ids: people })).json()).toEqual({ queued: 1, already_registered: 0 });
    const unknown = await send({ person_ids: ['00000000-0000-4000-8000-000000000000'] });
    expect([unknown.statusCode, unknown.json().code]).toEqual([422, 'unknown_id']);
    expect((await send({ everybody: true })).statusCode).toBe(422);
    for (const body of [undefined, {}, { to: 'prepared', person_ids: [people[0]] }]) {
      const refused = await api.request('POST', `/v1/dialogues/${id}/invitations`, body);
      expect([refused.statusCode, refused.json().code]).toEqual([422, 'addressees_missing']);
    }
  });

  test('do not go to whoever is registered already, and are answered by a withdrawal that came without them', async () => {
    const { id } = await publishDialogue(api, { registration: 'open' });
    await api.dataSource.query(
      `WITH place AS (UPDATE places SET taken = 1 WHERE dialogue_id = $1)
       INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
         participation_count, confirmed_at)
       VALUES ($1, 'Person 1', 'person 1', $2, $2, 'en', 'UTC', 'confirmed', 1, now())`,
      [id, 'person.1@ministry.example'],
    );
    await inviteList(api, id, listOf(2));
    const sent = await api.request('POST', `/v1/dialogues/${id}/invitations`, { to: 'prepared' });
    expect(sent.json()).toEqual({ queued: 0, already_registered: 1 });
    expect((await ledger(api, id)).map(({ recipient }) => recipient)).toEqual(['person.2@ministry.example']);
    // Written to all the same, as by their focal point, and then they withdraw what they had registered.
    await api.dataSource.query(
      `UPDATE invitations SET state = 'sent', sent_at = now() WHERE dialogue_id = $1`,
      [id],
    );
    const own = await linkOf(api, 'registration', { dialogueId: id, email: 'person.1@ministry.example' });
    expect((await api.submit(`${own}/withdrawal`, {})).statusCode).toBe(303);
    const { counts } = (await api.request('GET', `/v1/dialogues/${id}/invitations`)).json();
    expect(counts).toMatchObject({ declined: 1, sent: 1 });
  });

  test('are listed page by page, each once', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(25));
    const names: string[] = [];
    let cursor = '';
    do {
      const page = (
        await api.request('GET', `/v1/dialogues/${id}/invitations?limit=10${cursor && `&cursor=${cursor}`}`)
      ).json();
      names.push(...page.items.map((item: { person: { name: string } }) => item.person.name));
      cursor = page.next_cursor ?? '';
    } while (cursor);
    expect(names).toHaveLength(25);
    expect(new Set(names).size).toBe(25);
  });
});

describe('guessing links', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  test('is stopped by address of origin, and locks nobody out who has a right one', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(1));
    const link = await linkOf(api, 'invitation', { dialogueId: id, email: 'person.1@ministry.example' });
    const answered: number[] = [];
    for (let guess = 0; guess < 102; guess++) {
      answered.push((await api.app.inject(`/i/${'A'.repeat(65)}`)).statusCode);
    }
    expect(answered.filter((status) => status === 404)).toHaveLength(100);
    expect(answered.slice(100)).toEqual([429, 429]);
    expect((await api.app.inject(link)).statusCode).toBe(200);
  });
});
