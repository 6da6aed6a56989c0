import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, publishDialogue } from '../support/participants';

const HEADER = 'name,email,affiliation,language,time_zone';
/** A line of a list. */
const row = (name: string, email: string) => `${name},${email},Ministry,en,UTC`;

describe('one name that is typed in two ways', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const list = (...rows: [name: string, email: string][]) =>
    [HEADER, ...rows.map(([name, email]) => row(name, email))].join('\n');
  const get = async (path: string) => (await api.request('GET', path)).json();
  /** Replaces a whole document as it is now. */
  const put = (path: string, body: object) => api.replace(path, body);
  /** An agenda with one item for each speaker, in one session that the first of them moderates. */
  const agendaOf = (...speakers: string[]) => ({
    sessions: [
      {
        title: 'Opening',
        minutes: 60,
        moderator: speakers[0],
        items: speakers.map((name) => ({ title: `Statement of ${name}`, minutes: 5, speakers: [name] })),
      },
    ],
  });
  const accept = async (dialogueId: string, email: string) =>
    api.submit(`${await linkOf(api, 'invitation', { dialogueId, email })}/acceptance`, {
      ...answers,
      consent_to_be_listed: 'before',
    });

  test('is a duplicate in a list, as sent from the field', async () => {
    const { id } = await publishDialogue(api);
    const pairs = [
      ['Aïssatou N’Diaye', "Aïssatou N'Diaye", 'aissatou@mae.example'],
      ['Jean-Pierre Roy', 'Jean‑Pierre Roy', 'jp@mae.example'],
      ['محمد رفعت', 'مُحَمَّد رِفــعت', 'mohamed@mae.example'],
      ['علی\u200cرضا کریمی', 'علیرضا كريمي', 'alireza@mae.example'],
      ['Zdenka Horváthová', 'Zdenka Horva\u0301thova\u0301', 'zdenka@mae.example'],
      ['Anna Strauß', 'ANNA STRAUSS', 'anna@mae.example'],
    ] as const;
    const preview = await api.request(
      'POST',
      `/v1/dialogues/${id}/imports`,
      [
        'Name,Email',
        ...pairs.flatMap(([one, other, email]) => [`${one},${email}`, `${other},${email}`]),
      ].join('\n'),
    );
    const { counts, rows } = preview.json();
    expect(counts).toEqual({ add: 6, change: 0, unchanged: 0, duplicate: 6, refuse: 0 });
    expect(rows.map(({ verdict }: { verdict: string }) => verdict)).toEqual(
      pairs.flatMap(() => ['add', 'duplicate']),
    );
    // The name that is shown is the one that was written, joiner included.
    expect(rows[6].person.name).toBe('علی\u200cرضا کریمی');
  });

  test('is one person of the directory, and likely one at another address', async () => {
    const { id } = await publishDialogue(api);
    const person = { language: 'fr', time_zone: 'UTC', email: 'ndeye@mae.example' };
    expect((await api.request('POST', '/v1/people', { ...person, name: 'Ndèye N’Dour' })).statusCode).toBe(
      201,
    );
    const again = await api.request('POST', '/v1/people', { ...person, name: "Nde\u0300ye N'Dour" });
    expect([again.statusCode, again.json().code]).toEqual([409, 'person_exists']);
    const preview = await api.request(
      'POST',
      `/v1/dialogues/${id}/imports`,
      list(['NDÈYE NʼDOUR', 'other@mae.example']),
    );
    expect(preview.json().rows[0].duplicate_of).toMatchObject({ name: 'Ndèye N’Dour', is_likely: true });
  });

  test('is one registration by the open link, which answers the invitation of the same name', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    await inviteList(api, id, list(['Fatou N’Gom', 'fatou@mae.example']));
    const ask = (name: string) =>
      api.request(
        'POST',
        `/v1/public/dialogues/${slug}/registrations`,
        { name, email: 'fatou@mae.example', affiliation: 'Ministry', language: 'fr', time_zone: 'UTC' },
        { token: null },
      );
    await ask("Fatou N'Gom");
    await api.submit(
      `${await linkOf(api, 'registration', { dialogueId: id, email: 'fatou@mae.example' })}/confirmation`,
      {},
    );
    expect((await ask('FATOU N`GOM')).statusCode).toBe(201);
    const [registrations, invitations] = await Promise.all(
      ['registrations', 'invitations'].map((what) => get(`/v1/dialogues/${id}/${what}`)),
    );
    expect(registrations.items).toHaveLength(1);
    expect(invitations.counts).toMatchObject({ sent: 0, accepted: 1 });
    expect((await ledger(api, id)).map(({ kind }) => kind)).toContain('registration-link');
  });

  test('keeps the approval that was given when only its apostrophe is corrected', async () => {
    const { id } = await publishDialogue(api);
    await api.request('PATCH', `/v1/dialogues/${id}`, { approvals_needed: 1 });
    await inviteList(api, id, list(["Sokol N'Doja", 'sokol@mae.example']));
    await accept(id, 'sokol@mae.example');
    const [{ id: registration }] = (await get(`/v1/dialogues/${id}/registrations`)).items;
    await api.request('POST', `/v1/dialogues/${id}/approvals`, {
      registration_ids: [registration],
      decision: 'approved',
    });
    expect((await get(`/v1/dialogues/${id}/registrations`)).items[0].state).toBe('confirmed');
    const corrected = await api.request('PATCH', `/v1/registrations/${registration}`, {
      name: 'Sokol N’Doja',
    });
    expect([corrected.statusCode, corrected.json().name, corrected.json().state]).toEqual([
      200,
      'Sokol N’Doja',
      'confirmed',
    ]);
  });

  test('moves the speaking slots to a replacement, and nobody who is registered can be named as one', async () => {
    const { id } = await publishDialogue(api);
    await api.dataSource.query(`UPDATE dialogues SET substitution = 'free' WHERE id = $1`, [id]);
    await inviteList(api, id, list(['Léa N’Zinga', 'lea@mae.example'], ['Ali El‑Amin', 'ali@mae.example']));
    for (const email of ['lea@mae.example', 'ali@mae.example']) await accept(id, email);
    await put(`/v1/dialogues/${id}/agenda`, agendaOf("LÉA N'ZINGA", 'Ali El-Amin'));
    const link = await linkOf(api, 'registration', { dialogueId: id, email: 'lea@mae.example' });
    const known = await api.submit(`${link}/substitution`, {
      name: 'Ali El–Amin',
      email: 'ali@mae.example',
      language: 'fr',
    });
    expect(known.statusCode).toBe(422);
    const named = await api.submit(`${link}/substitution`, {
      name: 'Hoda Mansy',
      email: 'hoda@mae.example',
      language: 'fr',
    });
    expect(named.statusCode).toBe(303);
    await api.submit(
      `${await linkOf(api, 'registration', { dialogueId: id, email: 'hoda@mae.example' })}/offer-acceptance`,
      answers,
    );
    const { sessions } = await get(`/v1/dialogues/${id}/agenda`);
    expect([
      sessions[0].moderator,
      sessions[0].items.map(({ speakers }: { speakers: string[] }) => speakers[0]),
    ]).toEqual(['Hoda Mansy', ['Hoda Mansy', 'Ali El-Amin']]);
  });

  test('gets the reminder for speakers', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, list(['Inès M’Bala', 'ines@mae.example'], ['Rosa Luz', 'rosa@mae.example']));
    for (const email of ['ines@mae.example', 'rosa@mae.example']) await accept(id, email);
    await put(`/v1/dialogues/${id}/agenda`, agendaOf("INE\u0300S M'BALA"));
    const speakers = await api.dataSource.query(
      `SELECT r.name FROM registrations r WHERE r.dialogue_id = $1 AND r.name_key IN (
         SELECT unnest(i.speaker_keys) FROM agenda_items i JOIN agenda_sessions s ON s.id = i.session_id WHERE s.dialogue_id = $1)`,
      [id],
    );
    expect(speakers).toEqual([{ name: 'Inès M’Bala' }]);
  });

  test('gets the title of the registered person in the note', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, list(['Olu O’Hara', 'olu@mae.example']));
    await accept(id, 'olu@mae.example');
    await api.request(
      'PATCH',
      `/v1/registrations/${(await get(`/v1/dialogues/${id}/registrations`)).items[0].id}`,
      {
        functional_title: 'Director of Mobility',
      },
    );
    await put(`/v1/dialogues/${id}/agenda`, agendaOf("Olu O'Hara"));
    await put(`/v1/dialogues/${id}/note`, {
      introduction: 'Opened.',
      summaries: [],
      interventions: [
        { session: 1, speaker: 'OLU O`HARA', capacity: 'national', on_behalf_of: null, text: 'Thank you.' },
      ],
      way_forward: '',
    });
    const preview = await api.request('GET', `/v1/dialogues/${id}/note/preview`);
    expect(preview.body).toContain('Director of Mobility');
  });

  test('of a capacity is the capacity, and one that is called like a part of the language stands as written', async () => {
    const { id } = await publishDialogue(api);
    await put(`/v1/dialogues/${id}/agenda`, agendaOf('Rosa Luz'));
    const said = (capacity: string) => ({
      session: 1,
      speaker: 'Rosa Luz',
      capacity,
      on_behalf_of: null,
      text: 'Thank you.',
    });
    await put(`/v1/dialogues/${id}/note`, {
      introduction: '',
      summaries: [],
      interventions: [said('NATIONAL\u200b'), said('constructor')],
      way_forward: '',
    });
    const preview = await api.request('GET', `/v1/dialogues/${id}/note/preview`);
    expect(preview.statusCode).toBe(200);
    expect(preview.body).toContain('constructor');
    expect(preview.body).not.toContain('[native code]');
    expect(preview.body).not.toMatch(/NATIONAL/);
  });

  test('is erased with every row of a list that names it', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, list(['Ana D’Souza', 'ana@mae.example'], ['Rosa Luz', 'rosa@mae.example']));
    const again = await api.request(
      'POST',
      `/v1/dialogues/${id}/imports`,
      list(["ANA  D'SOUZA", 'ana@mae.example'], ['Ana D', 'ana@mae.example']),
    );
    await accept(id, 'ana@mae.example');
    const registration = (await get(`/v1/dialogues/${id}/registrations`)).items[0].id;
    expect((await api.request('POST', `/v1/registrations/${registration}/erasure`)).statusCode).toBeLessThan(
      300,
    );
    const lists = await api.dataSource.query(
      `SELECT rows::text || coalesce(source::text, '') AS text FROM imports WHERE dialogue_id = $1`,
      [id],
    );
    const kept = lists.map(({ text }: { text: string }) => text).join('\n');
    expect(kept).not.toMatch(/souza/i);
    // Who shares the mailbox stays.
    expect(kept).toContain('Ana D');
    expect((await get(`/v1/imports/${again.json().id}`)).rows).toHaveLength(1);
  });

  test('is found at the door', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, list(['Nuala O’Connor', 'nuala@mae.example']));
    await accept(id, 'nuala@mae.example');
    const { Attendances } = require('@app/participants') as typeof import('@app/participants');
    for (const said of ["o'connor", 'O‛CONNOR nuala']) {
      const found = await api.app.get(Attendances).list(api.organiser.id, id, { limit: 5, said });
      expect(found.map(({ name }) => name)).toEqual(['Nuala O’Connor']);
    }
  });

  test('is one mechanism, in the directory, in a note and in a filter, and one delegation', async () => {
    const { id } = await publishDialogue(api);
    const made = await api.request('POST', '/v1/mechanisms', {
      code: 'N’D',
      name: 'Dialogue of N’Djamena',
      other_names: ['Sahel–Sahara'],
    });
    expect(made.statusCode).toBe(201);
    for (const [code, name, other] of [
      ["n'd", 'New', 'Other'],
      ['X', "Dialogue of N'Djamena", 'Other'],
      ['X', 'New', 'Sahel-Sahara'],
    ]) {
      const clash = await api.request('POST', '/v1/mechanisms', { code, name, other_names: [other] });
      expect([clash.statusCode, clash.json().code]).toEqual([409, 'mechanism_name_taken']);
    }
    await put(`/v1/dialogues/${id}/agenda`, agendaOf('Rosa Luz'));
    const note = await put(`/v1/dialogues/${id}/note`, {
      interventions: [
        {
          session: 1,
          speaker: 'Rosa Luz',
          capacity: 'Co‑Chair',
          on_behalf_of: 'SAHEL‑SAHARA',
          text: 'We agree.',
        },
      ],
    });
    expect([note.statusCode, note.json().interventions?.[0]?.on_behalf_of]).toEqual([200, 'N’D']);
    await put(`/v1/dialogues/${id}/note`, { interventions: [] });
    const nobody = await put(`/v1/dialogues/${id}/note`, {
      interventions: [
        { session: 1, speaker: 'Rosa Luz', capacity: 'Co‑Chair', on_behalf_of: null, text: 'We agree.' },
      ],
    });
    expect(nobody.json().code).toBe('mechanism_missing');
    expect(
      (await api.request('GET', `/v1/dialogues/${id}/registrations?mechanism=${encodeURIComponent('N`D')}`))
        .statusCode,
    ).toBe(200);
    const delegation = (organisation: string) =>
      api.request('POST', `/v1/dialogues/${id}/delegations`, { organisation, seats: 2 });
    expect((await delegation('Int’l Forum')).statusCode).toBe(201);
    expect((await delegation("INT'L Forum")).json().code).toBe('delegation_exists');
  });

  test('has no warning in the agenda, which says of other names who may be meant, as things are now', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(
      api,
      id,
      list(
        ['Sara El-Hamdy', 'sara@mae.example'],
        ['Amina N’Diaye', 'amina@mae.example'],
        ['Rosa Luz', 'rosa@mae.example'],
      ),
    );
    await accept(id, 'sara@mae.example');
    const written = await put(
      `/v1/dialogues/${id}/agenda`,
      agendaOf("AMINA N'DIAYE", 'Sara Elhamdy', "H.E. Amina N'Diaye", 'Luz, Rosa', 'Sokol Doja'),
    );
    expect(written.statusCode).toBe(200);
    const { warnings } = written.json();
    expect(warnings.map(({ code, pointer }: Record<string, string>) => [code, pointer])).toEqual([
      ['name_nearly_equal', '/sessions/0/items/1/speakers/0'],
      ['name_with_title', '/sessions/0/items/2/speakers/0'],
      ['name_in_other_order', '/sessions/0/items/3/speakers/0'],
      ['speaker_not_invited', '/sessions/0/items/4/speakers/0'],
    ]);
    const [registration] = (await get(`/v1/dialogues/${id}/registrations`)).items;
    expect(warnings[0].candidates).toEqual([
      {
        registration_id: registration.id,
        invitation_id: expect.any(String),
        honorific: null,
        name: 'Sara El-Hamdy',
        state: 'confirmed',
      },
    ]);
    expect(warnings[1].candidates).toEqual([
      {
        registration_id: null,
        invitation_id: expect.any(String),
        honorific: null,
        name: 'Amina N’Diaye',
        state: 'sent',
      },
    ]);
    expect((await get(`/v1/dialogues/${id}/agenda`)).warnings).toEqual(warnings);

    // Another dialogue's people, and people who are only in the directory, are not named.
    const other = await publishDialogue(api);
    const elsewhere = await put(`/v1/dialogues/${other.id}/agenda`, agendaOf('Sara Elhamdy'));
    expect(
      elsewhere.json().warnings.map(({ code, candidates }: Record<string, unknown>) => [code, candidates]),
    ).toEqual([
      ['speaker_not_invited', undefined],
      ['speaker_not_invited', undefined],
    ]);

    // What people answer changes the warnings, and not the version of the agenda.
    await api.submit(
      `${await linkOf(api, 'invitation', { dialogueId: id, email: 'amina@mae.example' })}/declination`,
      {},
    );
    await api.submit(
      `${await linkOf(api, 'registration', { dialogueId: id, email: 'sara@mae.example' })}/withdrawal`,
      {},
    );
    const now = await api.request('GET', `/v1/dialogues/${id}/agenda`);
    expect(now.headers.etag).toBe(written.headers.etag);
    expect(
      now
        .json()
        .warnings.map(
          ({
            code,
            pointer,
            candidates,
          }: {
            code: string;
            pointer: string;
            candidates?: { state: string }[];
          }) => [code, pointer, candidates?.[0]?.state],
        ),
    ).toEqual([
      ['speaker_declined', '/sessions/0/moderator', undefined],
      ['speaker_declined', '/sessions/0/items/0/speakers/0', undefined],
      ['name_nearly_equal', '/sessions/0/items/1/speakers/0', 'withdrawn'],
      ['name_with_title', '/sessions/0/items/2/speakers/0', 'declined'],
      ['name_in_other_order', '/sessions/0/items/3/speakers/0', 'sent'],
      ['speaker_not_invited', '/sessions/0/items/4/speakers/0', undefined],
    ]);
  });
});
