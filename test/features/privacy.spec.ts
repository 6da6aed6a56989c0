import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const NOTICE = { en: 'We keep your data for 90 days.', fr: 'Nous conservons vos données 90 jours.' };

/** A dialogue, and people who were invited and accepted, each with their personal page. */
async function registered(count: number, changes: object = {}) {
  const dialogue = await publishDialogue(api, changes);
  await inviteList(api, dialogue.id, listOf(count));
  const pages: string[] = [];
  for (let number = 1; number <= count; number++) {
    const who = { email: `person.${number}@ministry.example`, dialogueId: dialogue.id };
    const accepted = await api.submit(`${await linkOf(api, 'invitation', who)}/acceptance`, answers);
    expect(accepted.statusCode).toBe(303);
    pages.push(await linkOf(api, 'registration', who));
  }
  return { ...dialogue, pages };
}

/** The newest code of a registration, as its mail says it. */
async function codeOf(registrationId: string): Promise<string> {
  const { Links } = require('@app/platform') as typeof import('@app/platform');
  const [newest] = await api.dataSource.query(
    `SELECT id FROM personal_codes WHERE registration_id = $1 ORDER BY created_at DESC LIMIT 1`,
    [registrationId],
  );
  return api.app.get(Links).code(newest.id as string);
}

/** Asks for a code and reads it. */
async function askCode(page: string): Promise<string> {
  expect((await api.submit(`${page}/code`, {})).statusCode).toBe(303);
  return codeOf(idOf(page));
}

function idOf(page: string): string {
  const { Links } = require('@app/platform') as typeof import('@app/platform');
  return api.app.get(Links).idOf(page.split('/')[2]!)!;
}

async function row(page: string): Promise<Record<string, unknown>> {
  const [found] = await api.dataSource.query('SELECT * FROM registrations WHERE id = $1', [idOf(page)]);
  return found;
}

/** A wrong code that is near. */
function wrong(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}

describe('a privacy notice', () => {
  it('is written in versions, needs the first working language, and is read by anybody in theirs', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    const url = `/v1/dialogues/${id}/privacy-notice`;
    expect((await api.request('GET', url)).statusCode).toBe(404);
    expect((await api.app.inject(`/d/${slug}/privacy`)).statusCode).toBe(404);
    const refused = await api.replace(url, { texts: { fr: 'Avis', xx: 'Notice' } });
    expect(refused.statusCode).toBe(422);
    expect(refused.json().errors.map(({ field }: { field: string }) => field)).toEqual([
      'texts.xx',
      'texts.en',
    ]);
    expect((await api.replace(url, { texts: NOTICE })).json()).toMatchObject({
      version: 1,
      texts: NOTICE,
    });
    expect((await api.replace(url, { texts: NOTICE })).json()).toMatchObject({ version: 1 });
    const changed = { ...NOTICE, en: 'We keep your data for 30 days.' };
    expect((await api.replace(url, { texts: changed })).json()).toMatchObject({ version: 2 });
    expect((await api.request('GET', url)).json()).toMatchObject({ version: 2, texts: changed });
    expect((await api.app.inject(`/d/${slug}/privacy`)).body).toContain('for 30 days');
    expect((await api.app.inject(`/d/${slug}/privacy?lang=fr`)).body).toContain('Nous conservons');
    const arabic = (await api.app.inject(`/d/${slug}/privacy?lang=ar`)).body;
    expect(arabic).toContain('<div class="card" lang="en" dir="ltr">');
    const other = await api.newOrganiser();
    expect((await api.replace(url, { texts: NOTICE }, { token: other.token })).statusCode).toBe(404);
  });

  it('has to be accepted to register by the open link, as it reads now, and the acceptance is kept', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    await api.replace(`/v1/dialogues/${id}/privacy-notice`, { texts: NOTICE });
    const register = (version?: number) =>
      api.request(
        'POST',
        `/v1/public/dialogues/${slug}/registrations`,
        {
          name: 'Hoda Karim',
          email: 'hoda@ministry.example',
          affiliation: 'Ministry',
          ...(version !== undefined && { privacy_notice_version: version }),
        },
        { token: null },
      );
    expect((await register()).json().errors).toEqual([
      expect.objectContaining({ field: 'privacy_notice_version', code: 'required' }),
    ]);
    await api.replace(`/v1/dialogues/${id}/privacy-notice`, { texts: { en: 'Changed.' } });
    expect((await register(1)).json().errors).toEqual([expect.objectContaining({ code: 'notice_changed' })]);
    expect((await register(2)).statusCode).toBe(201);
    const [kept] = await api.dataSource.query(
      `SELECT privacy_notice_version, privacy_notice_accepted_at FROM registrations WHERE dialogue_id = $1`,
      [id],
    );
    expect(kept).toEqual({ privacy_notice_version: 2, privacy_notice_accepted_at: expect.any(Date) });
  });
});

describe('a code', () => {
  it('is mailed to the address on file, which the page shows only masked', async () => {
    const { id, pages } = await registered(1);
    const page = await api.app.inject(`${pages[0]}/data`);
    expect(page.body).toContain('p•••@ministry.example');
    expect(page.body).not.toContain('person.1@ministry.example');
    expect((await api.app.inject(pages[0]!)).body).not.toContain('person.1@ministry.example');
    const code = await askCode(pages[0]!);
    expect(await ledger(api, id)).toContainEqual({ kind: 'code', recipient: 'person.1@ministry.example' });
    const [kept] = await api.dataSource.query(
      `SELECT (SELECT string_agg(to_jsonb(m)::text, '') FROM mails m WHERE dialogue_id = $1)
         || (SELECT string_agg(to_jsonb(a)::text, '') FROM audit_entries a WHERE dialogue_id = $1)
         || (SELECT string_agg(to_jsonb(c)::text, '') FROM personal_codes c) AS all`,
      [id],
    );
    expect(kept.all).toContain('code');
    // The six digits of a fraction of a second may be the same by chance.
    const untimed = kept.all.replaceAll(/(?<=\d\d:\d\d:\d\d)\.\d+/g, '');
    expect(untimed).not.toMatch(new RegExp(`\\b${code}\\b`));
  });

  it('works once', async () => {
    const { pages } = await registered(1);
    const code = await askCode(pages[0]!);
    expect((await api.submit(`${pages[0]}/data`, { code })).statusCode).toBe(200);
    expect((await api.submit(`${pages[0]}/data`, { code })).statusCode).toBe(422);
  });

  it('is of no use after five wrong attempts, and the next code works', async () => {
    const { pages } = await registered(1);
    const code = await askCode(pages[0]!);
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await api.submit(`${pages[0]}/data`, { code: wrong(code) })).statusCode).toBe(422);
    }
    expect((await api.submit(`${pages[0]}/data`, { code })).statusCode).toBe(422);
    expect((await api.submit(`${pages[0]}/data`, { code: await askCode(pages[0]!) })).statusCode).toBe(200);
  });

  it('counts attempts that come at once', async () => {
    const { pages } = await registered(1);
    const code = await askCode(pages[0]!);
    await Promise.all(
      Array.from({ length: 20 }, () => api.submit(`${pages[0]}/data`, { code: wrong(code) })),
    );
    const [{ attempts }] = await api.dataSource.query(
      'SELECT attempts FROM personal_codes WHERE registration_id = $1',
      [idOf(pages[0]!)],
    );
    expect(attempts).toBe(5);
  });

  it('gives way to a newer one, expires, and opens nothing of anybody else', async () => {
    const { pages } = await registered(2);
    const first = await askCode(pages[0]!);
    const second = await askCode(pages[0]!);
    expect((await api.submit(`${pages[0]}/data`, { code: first })).statusCode).toBe(422);
    await askCode(pages[1]!);
    expect((await api.submit(`${pages[1]}/data`, { code: second })).statusCode).toBe(422);
    await api.dataSource.query(
      `UPDATE personal_codes SET expires_at = now() - interval '1 second' WHERE registration_id = $1`,
      [idOf(pages[0]!)],
    );
    expect((await api.submit(`${pages[0]}/data`, { code: second })).statusCode).toBe(422);
  });

  it('is mailed five times an hour and no more, even when asked for at once', async () => {
    const { id, pages } = await registered(1);
    const asked = await Promise.all(Array.from({ length: 8 }, () => api.submit(`${pages[0]}/code`, {})));
    expect(asked.map(({ statusCode }) => statusCode).toSorted()).toEqual([
      ...Array<number>(5).fill(303),
      ...Array<number>(3).fill(429),
    ]);
    expect((await ledger(api, id)).filter(({ kind }) => kind === 'code')).toHaveLength(5);
  });
});

describe('the file of somebody’s data', () => {
  it('holds what is held about them, and of nobody else', async () => {
    const { id, slug, pages } = await registered(2);
    const file = await api.submit(`${pages[0]}/data`, { code: await askCode(pages[0]!) });
    expect(file.headers['content-disposition']).toBe(`attachment; filename="${slug}-my-data.json"`);
    expect(file.headers['cache-control']).toBe('no-store');
    const data = file.json();
    expect(data).toMatchObject({
      format: 'plenary-personal-data/1',
      dialogue: { slug },
      registration: {
        name: 'Person 1',
        email: 'person.1@ministry.example',
        state: 'confirmed',
        consent_to_be_listed: 'after',
      },
      privacy_notice: null,
      answers: [],
      invitation: { state: 'accepted' },
      directory: { name: 'Person 1' },
      attendance: null,
      approvals: [],
      substitutions: [],
      interventions: [],
    });
    expect(data.mails.map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining(['invitation', 'confirmation', 'code']),
    );
    expect(data.trace.map(({ action }: { action: string }) => action)).toContain('registration.confirmed');
    expect(file.body).not.toContain('erson 2');
    expect(file.body).not.toContain('person.2');
    expect(id).toBeTruthy();
  });
});

describe('the file of whoever registers under the name of a speaker', () => {
  it('holds nothing of the note until that is published', async () => {
    const { id, pages } = await registered(1);
    await api.dataSource.query(
      `WITH session AS (INSERT INTO agenda_sessions (dialogue_id, position, title, minutes)
           VALUES ($1, 1, 'Opening', 20) RETURNING id),
         note AS (INSERT INTO notes (dialogue_id) VALUES ($1) RETURNING id)
       INSERT INTO interventions (note_id, session_id, position, speaker, speaker_key, capacity, text)
       SELECT note.id, session.id, 1, 'Person 1', 'person 1', 'country', 'Not yet agreed.' FROM note, session`,
      [id],
    );
    await endDialogue(id);
    const file = async () => api.submit(`${pages[0]}/data`, { code: await askCode(pages[0]!) });
    expect((await file()).json()).toMatchObject({ interventions: [], note_names: [] });
    const published = await api.request('POST', `/v1/dialogues/${id}/note/publication`);
    expect(published.statusCode).toBe(201);
    const { interventions, note_names } = (await file()).json();
    expect(interventions).toEqual([
      { session: 'Opening', capacity: 'country', text: 'Not yet agreed.', reply: null },
    ]);
    const printed = {
      honorific: 'Ms.',
      name: 'Person 1',
      affiliation: 'Ministry of Foreign Affairs',
      country: 'MA',
      body: null,
      mechanism: null,
    };
    expect(note_names).toEqual([
      { ...printed, in_annex: false, functional_title: 'Director', role: null },
      { ...printed, in_annex: true, functional_title: null, role: 'member' },
    ]);
  });
});

describe('a correction', () => {
  it('puts a name right with the code, and not without', async () => {
    const { pages } = await registered(1);
    const without = await api.submit(`${pages[0]}/correction`, { name: 'Persona 1', code: '' });
    expect(without.statusCode).toBe(422);
    expect(without.body).toContain('Persona 1');
    expect((await row(pages[0]!)).name).toBe('Person 1');
    const done = await api.submit(`${pages[0]}/correction`, {
      name: ' Persona  1 ',
      code: await askCode(pages[0]!),
    });
    expect(done.statusCode).toBe(303);
    expect(await row(pages[0]!)).toMatchObject({ name: 'Persona 1', name_key: 'persona 1' });
  });

  it('changes the address only once the code that went there is typed, too', async () => {
    const { id, pages } = await registered(1);
    const sent = await api.submit(`${pages[0]}/correction`, {
      name: 'Person 1',
      new_email: 'new.home@agency.example',
      code: await askCode(pages[0]!),
    });
    expect(sent.statusCode).toBe(303);
    expect((await row(pages[0]!)).email).toBe('person.1@ministry.example');
    expect((await ledger(api, id)).at(-1)).toEqual({ kind: 'code', recipient: 'new.home@agency.example' });
    expect((await api.app.inject(`${pages[0]}/data`)).body).toContain('Confirm your new address');
    const code = await codeOf(idOf(pages[0]!));
    // It proves the new mailbox, and nothing about the old one.
    expect((await api.submit(`${pages[0]}/data`, { code })).statusCode).toBe(422);
    expect((await api.submit(`${pages[0]}/address`, { code: wrong(code) })).statusCode).toBe(422);
    expect((await api.submit(`${pages[0]}/address`, { code })).statusCode).toBe(303);
    expect(await row(pages[0]!)).toMatchObject({
      email: 'new.home@agency.example',
      email_key: 'new.home@agency.example',
    });
    expect((await api.app.inject(`${pages[0]}/data`)).body).toContain('n•••@agency.example');
  });

  it('is told that name and address are taken, and not by whom, and changes nothing', async () => {
    const { pages } = await registered(2);
    const refused = await api.submit(`${pages[0]}/correction`, {
      name: 'Person 2',
      new_email: 'Person.2@ministry.example',
      code: await askCode(pages[0]!),
    });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('a registration with this name and address is there already');
    expect(await row(pages[0]!)).toMatchObject({ name: 'Person 1', email: 'person.1@ministry.example' });
  });

  it('does not let a list of names be tried: after five that are taken, no other is looked up for an hour', async () => {
    const { pages } = await registered(2);
    let code = await askCode(pages[0]!);
    const attempt = (name: string) =>
      api.submit(`${pages[0]}/correction`, { name, new_email: 'person.2@ministry.example', code });
    for (let number = 0; number < 5; number++) {
      const refused = await attempt('Person 2');
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([422, undefined]);
    }
    // A code is good for five attempts, and there are more of them.
    code = await askCode(pages[0]!);
    const [taken, free] = [await attempt('Person 2'), await attempt('Somebody Else')];
    for (const answer of [taken, free]) {
      expect([answer.statusCode, Number(answer.headers['retry-after']) > 3000]).toEqual([429, true]);
      expect(answer.body).toContain('too many names were tried');
    }
    expect((await row(pages[0]!)).name).toBe('Person 1');
    // Who holds another link is not kept waiting.
    const other = await api.submit(`${pages[1]}/correction`, {
      name: 'Person Two',
      code: await askCode(pages[1]!),
    });
    expect(other.statusCode).toBe(303);
  });

  it('of a name goes back for approval where the dialogue asks for it', async () => {
    const { id, pages } = await registered(1);
    const asks = await api.request('PATCH', `/v1/dialogues/${id}`, { approvals_needed: 1 });
    expect(asks.statusCode).toBe(200);
    const code = await askCode(pages[0]!);
    await api.submit(`${pages[0]}/correction`, { name: 'Somebody Else', code });
    expect(await row(pages[0]!)).toMatchObject({ name: 'Somebody Else', state: 'under_review' });
  });

  it.each([
    ['dialogue that is over', (id: string) => endDialogue(id)],
    [
      'dialogue that is cancelled',
      (id: string) => api.request('POST', `/v1/dialogues/${id}/cancellation`, { reason: 'x' }),
    ],
    [
      'registration that is withdrawn',
      (id: string) =>
        api.dataSource.query(
          `UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL WHERE dialogue_id = $1`,
          [id],
        ),
    ],
    [
      'registration that is refused',
      (id: string) =>
        api.dataSource.query(
          `UPDATE registrations SET state = 'refused', confirmed_at = NULL WHERE dialogue_id = $1`,
          [id],
        ),
    ],
  ])(
    'of a %s is of the address only: a name in the record is the organiser’s to put right',
    async (_of, end) => {
      const { id, pages } = await registered(1);
      await end(id);
      const correct = async (fields: Record<string, string>) =>
        api.submit(`${pages[0]}/correction`, { ...fields, code: await askCode(pages[0]!) });
      const page = (await api.app.inject(`${pages[0]}/data`)).body;
      expect(page).toContain('please write to the organisers');
      expect(page).not.toContain('name="name"');
      const refused = await correct({ name: 'Persona Prima', new_email: '' });
      expect(refused.statusCode).toBe(422);
      expect(refused.body).toContain('only the organisers can correct a name now');
      const before = await row(pages[0]!);
      expect([before.name, before.name_key]).toEqual(['Person 1', 'person 1']);
      expect((await correct({ new_email: 'new.home@agency.example' })).statusCode).toBe(303);
      const done = await api.submit(`${pages[0]}/address`, { code: await codeOf(idOf(pages[0]!)) });
      expect(done.statusCode).toBe(303);
      expect(await row(pages[0]!)).toMatchObject({
        name: 'Person 1',
        email: 'new.home@agency.example',
        state: before.state,
      });
      const corrected = await api.request('PATCH', `/v1/registrations/${idOf(pages[0]!)}`, {
        name: 'Persona Prima',
      });
      expect([corrected.statusCode, corrected.json().name]).toEqual([200, 'Persona Prima']);
    },
  );
});

/** As if the dialogue had been yesterday. */
async function endDialogue(id: string): Promise<void> {
  await api.dataSource.query(
    `UPDATE dialogues SET starts_at = now() - interval '26 hours', ends_at = now() - interval '24 hours' WHERE id = $1`,
    [id],
  );
}

/** Everything that any table holds, but for organisers. */
async function everything(): Promise<string> {
  const tables: { name: string }[] = await api.dataSource.query(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'
       AND table_name NOT IN ('organisers', 'migrations')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows: { row: string }[] = await api.dataSource.query(
      `SELECT to_jsonb(t)::text AS row FROM ${name} t`,
    );
    texts.push(...rows.map(({ row: text }) => `${name} ${text}`));
  }
  return texts.join('\n');
}

describe('an erasure', () => {
  it('leaves nothing of the person in any table, frees the place and keeps the counts', async () => {
    const { id, slug } = await publishDialogue(api, { places: 1 });
    const list = listOf(2).replaceAll('Person 1', 'Zenobia Quill').replaceAll('person.1@', 'zenobia.quill@');
    await inviteList(api, id, list);
    const first = { email: 'zenobia.quill@ministry.example', dialogueId: id };
    const second = { email: 'person.2@ministry.example', dialogueId: id };
    for (const who of [first, second]) {
      await api.submit(`${await linkOf(api, 'invitation', who)}/acceptance`, answers);
    }
    const page = await linkOf(api, 'registration', first);
    const invitation = await linkOf(api, 'invitation', first);
    const registrationId = idOf(page);
    await api.dataSource.query(
      `INSERT INTO substitutions (dialogue_id, registration_id, name, email, language)
       VALUES ($1, $2, 'Orla Substitute', 'orla@ministry.example', 'en')`,
      [id, registrationId],
    );
    // A list that was previewed and never confirmed, on which somebody else has the same name, at another address.
    await api.request(
      'POST',
      `/v1/dialogues/${id}/imports`,
      list.replaceAll('person.2@', 'other@').replaceAll('Person 2', 'Zenobia  QUILL'),
    );
    await api.dataSource.query(
      `WITH q AS (INSERT INTO questions (dialogue_id, code, position, kind, label)
           VALUES ($1, 'passport', 1, 'file', '{"en": "Passport"}') RETURNING id),
         a AS (INSERT INTO answers (registration_id, question_id, value) SELECT $2, id, '"zenobia-quill.pdf"' FROM q)
       SELECT FROM q`,
      [id, registrationId],
    );
    await api.dataSource.query(
      `INSERT INTO answer_files (registration_id, question_id, name, media_type, content)
       SELECT registration_id, question_id, 'zenobia-quill.pdf', 'application/pdf', 'Quill' FROM answers WHERE registration_id = $1`,
      [registrationId],
    );
    await api.dataSource.query(
      `INSERT INTO approvals (registration_id, round, organiser_id, decision, reason)
       VALUES ($1, 0, $2, 'approved', 'We know Zenobia.')`,
      [registrationId, api.organiser.id],
    );
    // One of her mails is on the line at this moment.
    await api.dataSource.query(
      `UPDATE mails SET state = 'sending', claimed_by = gen_random_uuid() WHERE subject_id = $1 AND kind = 'confirmation'`,
      [registrationId],
    );
    expect(await everything()).toMatch(/zenobia/i);

    const code = await askCode(page);
    const done = await api.submit(`${page}/erasure`, { code });
    expect([done.statusCode, done.headers.location]).toEqual([303, `/d/${slug}/erased?lang=en`]);
    expect((await api.app.inject(`/d/${slug}/erased`)).body).toContain('Your data are erased');
    expect((await api.app.inject(page)).statusCode).toBe(404);
    expect((await api.app.inject(invitation)).statusCode).toBe(404);

    // The last mail knows the address until it is sent.
    const [last] = await api.dataSource.query(
      `SELECT id, kind, recipient, recipient_name, state, parameters FROM mails WHERE subject_id = $1 AND kind = 'erased'`,
      [registrationId],
    );
    expect(last).toMatchObject({
      recipient: 'zenobia.quill@ministry.example',
      recipient_name: 'Ms. Zenobia Quill',
      state: 'queued',
      parameters: { withdrawn: true, was_confirmed: true },
    });
    const onTheLine = `subject_id = '${registrationId}' AND kind = 'confirmation'`;
    const [sending] = await api.dataSource.query(`SELECT state, recipient FROM mails WHERE ${onTheLine}`);
    expect(sending).toEqual({ state: 'sending', recipient: 'zenobia.quill@ministry.example' });
    await api.dataSource.query(
      `UPDATE mails SET state = 'sent', sent_at = now() WHERE id = $1 OR ${onTheLine}`,
      [last.id],
    );
    // As where the server refuses what was on the line.
    const said = `'zenobia.quill@ministry.example', '5.1.1', id FROM mails WHERE ${onTheLine}`;
    await api.dataSource.query(
      `INSERT INTO mail_returns (digest, kind, diagnostic, status, mail_id) SELECT 'one', 'hard bounce', ${said}`,
    );
    await api.dataSource.query(
      `INSERT INTO address_suppressions (email_key, diagnostic, status, mail_id)
       SELECT 'zenobia.quill@ministry.example', ${said}`,
    );
    const { RetentionService } = require('@app/participants') as typeof import('@app/participants');
    await api.app.get(RetentionService).forget();

    const left = await everything();
    const lines = left.split('\n').filter((line) => /zenobia|quill|orla/i.test(line));
    // Somebody else of that name stays on the list on which they stand.
    expect(lines.map((line) => [line.split(' ')[0], line.includes('other@ministry.example')])).toEqual([
      ['imports', true],
    ]);
    expect(lines[0]).not.toMatch(/zenobia.quill@/i);

    const { items, counts } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(counts).toMatchObject({ confirmed: 1, withdrawn: 1, waitlisted: 0 });
    expect(items.find((item: { state: string }) => item.state === 'confirmed')).toMatchObject({
      name: 'Person 2',
    });
    const mails = await ledger(api, id);
    expect(mails.filter(({ recipient }) => recipient === '').map(({ kind }) => kind)).toEqual([
      'invitation',
      'confirmation',
      'code',
      'erased',
    ]);
    expect(mails).toContainEqual({ kind: 'confirmation', recipient: 'person.2@ministry.example' });
    const states: { kind: string; state: string }[] = await api.dataSource.query(
      `SELECT kind, state FROM mails WHERE subject_id = $1 AND kind = 'confirmation'`,
      [registrationId],
    );
    expect(states).toEqual([{ kind: 'confirmation', state: 'sent' }]);
    const [invited] = await api.dataSource.query(
      `SELECT state FROM mails WHERE dialogue_id = $1 AND kind = 'invitation' AND recipient = ''`,
      [id],
    );
    expect(invited).toEqual({ state: 'stale' });
    const lists: { rows: { person: { name: string } }[] }[] = await api.dataSource.query(
      'SELECT rows FROM imports WHERE dialogue_id = $1 ORDER BY created_at',
      [id],
    );
    expect(lists[0]!.rows.map(({ person }) => person.name)).toEqual(['Person 2']);
  });

  it('keeps a place taken in the count of a dialogue that is over', async () => {
    const { id, pages } = await registered(1);
    await endDialogue(id);
    expect((await api.submit(`${pages[0]}/erasure`, { code: await askCode(pages[0]!) })).statusCode).toBe(
      303,
    );
    const { counts } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(counts).toMatchObject({ confirmed: 1, withdrawn: 0 });
  });

  it('is also for an owner of the dialogue, not for others, and harmless when repeated', async () => {
    const { pages } = await registered(1);
    const url = `/v1/registrations/${idOf(pages[0]!)}/erasure`;
    const other = await api.newOrganiser();
    expect((await api.request('POST', url, undefined, { token: other.token })).statusCode).toBe(404);
    await api.dataSource.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, roles)
       SELECT dialogue_id, $2, '{organiser}' FROM registrations WHERE id = $1`,
      [idOf(pages[0]!), other.id],
    );
    const refused = await api.request('POST', url, undefined, { token: other.token });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'role_insufficient']);
    expect((await row(pages[0]!)).erased_at).toBeNull();
    expect((await api.request('POST', url)).statusCode).toBe(204);
    const erased = await row(pages[0]!);
    expect(erased).toMatchObject({ name: '', email: '', affiliation: null, erased_at: expect.any(Date) });
    expect((await api.request('POST', url)).statusCode).toBe(204);
    expect(await row(pages[0]!)).toEqual(erased);
  });

  it('leaves an entry of the directory that another dialogue uses', async () => {
    const { id, pages } = await registered(1);
    const other = await publishDialogue(api);
    const [{ person_id }] = await api.dataSource.query(
      'SELECT person_id FROM invitations WHERE dialogue_id = $1',
      [id],
    );
    await api.request('POST', `/v1/dialogues/${other.id}/invitations`, { person_ids: [person_id] });
    await api.request('POST', `/v1/registrations/${idOf(pages[0]!)}/erasure`);
    expect((await api.request('GET', `/v1/people/${person_id}`)).statusCode).toBe(200);
  });

  it('of a person of the directory takes them out of every dialogue', async () => {
    const { id, pages } = await registered(2);
    const other = await publishDialogue(api);
    const [{ person_id }] = await api.dataSource.query(
      `SELECT person_id FROM invitations i JOIN people p ON p.id = person_id WHERE dialogue_id = $1 AND p.name = 'Person 2'`,
      [id],
    );
    await api.request('POST', `/v1/dialogues/${other.id}/invitations`, { person_ids: [person_id] });
    expect((await api.request('POST', `/v1/people/${person_id}/erasure`)).statusCode).toBe(204);
    expect((await api.request('GET', `/v1/people/${person_id}`)).statusCode).toBe(404);
    expect((await row(pages[1]!)).erased_at).not.toBeNull();
    expect((await row(pages[0]!)).erased_at).toBeNull();
    const [asked] = await api.dataSource.query(
      'SELECT state, person_id FROM invitations WHERE dialogue_id = $1',
      [other.id],
    );
    expect(asked).toEqual({ state: 'removed', person_id: null });
    expect((await api.request('POST', `/v1/people/${person_id}/erasure`)).statusCode).toBe(404);
  });

  it('of a person is for the organiser whose directory it is, also where another leads the dialogue by now', async () => {
    const { id, pages } = await registered(1);
    const other = await api.newOrganiser();
    const as = { token: other.token };
    await api.request('POST', `/v1/dialogues/${id}/roles`, { email: other.email, roles: ['owner'] });
    const copied = await api.request(
      'POST',
      `/v1/dialogues/${id}/copies`,
      { starts_at_local: '2061-01-28T11:00' },
      as,
    );
    expect(copied.statusCode).toBe(201);
    const invited = await api.request(
      'POST',
      `/v1/dialogues/${copied.json().id}/invitations/from`,
      { dialogue_id: id, who: 'confirmed' },
      as,
    );
    expect(invited.json()).toMatchObject({ prepared: 1 });
    const left = await api.request('DELETE', `/v1/dialogues/${id}/roles/${api.organiser.id}`, undefined, as);
    expect(left.statusCode).toBe(204);
    const [{ person_id }] = await api.dataSource.query(
      'SELECT person_id FROM invitations WHERE dialogue_id = $1',
      [id],
    );
    const url = `/v1/people/${person_id}/erasure`;
    expect((await api.request('POST', url, undefined, as)).statusCode).toBe(404);
    expect((await api.request('POST', url)).statusCode).toBe(204);
    expect((await row(pages[0]!)).erased_at).not.toBeNull();
    const asked = await api.dataSource.query(
      'SELECT person_id, state FROM invitations WHERE dialogue_id = $1',
      [copied.json().id],
    );
    expect(asked).toEqual([{ person_id: null, state: 'removed' }]);
    expect((await api.request('GET', `/v1/people/${person_id}`)).statusCode).toBe(404);
  });

  it('of a focal point takes name and address off what was mailed to them, and to nobody else at the address', async () => {
    const { id, pages } = await registered(1);
    const added = await api.request('POST', '/v1/people', {
      name: 'Ümit Straße',
      email: 'Focal@Mission.example',
      language: 'en',
      time_zone: 'UTC',
    });
    const personId = added.json().id as string;
    const made = await api.request('POST', `/v1/dialogues/${id}/delegations`, {
      organisation: 'An agency',
      seats: 1,
      focal_point: personId,
    });
    const delegation = made.json().id as string;
    await api.request('POST', `/v1/dialogues/${id}/delegations/invitations`, {
      delegation_ids: [delegation],
    });
    // A proposal of a member was told to them; and before them somebody at the same address led another delegation.
    await api.dataSource.query(
      `WITH member AS (UPDATE registrations SET delegation_id = $2 WHERE id = $3),
         led AS (INSERT INTO delegations (dialogue_id, organisation) VALUES ($1, 'Another agency') RETURNING id),
         proposal AS (INSERT INTO substitutions (dialogue_id, registration_id, name, email, language)
           VALUES ($1, $3, 'Orla', 'orla@ministry.example', 'en') RETURNING id)
       INSERT INTO mails (kind, dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key, state)
       SELECT 'substitution-proposed', $1::uuid, id, 'ümit  straße', 'focal@mission.example', 'en', 'proposed', 'sent' FROM proposal
       UNION ALL SELECT 'nomination-request', $1, id, 'Somebody Else', 'focal@mission.example', 'en', 'request:led', 'sent' FROM led`,
      [id, delegation, idOf(pages[0]!)],
    );
    expect((await api.request('POST', `/v1/people/${personId}/erasure`)).statusCode).toBe(204);
    const left: { recipient_name: string; state: string }[] = await api.dataSource.query(
      `SELECT recipient_name, state FROM mails WHERE dialogue_id = $1
         AND kind IN ('nomination-request', 'substitution-proposed') ORDER BY id`,
      [id],
    );
    expect(left).toEqual([
      { recipient_name: '', state: 'stale' },
      { recipient_name: '', state: 'sent' },
      { recipient_name: 'Somebody Else', state: 'sent' },
    ]);
    expect(await everything()).not.toMatch(/[üÜ]mit/);
  });

  it('finds a substitute by name and address as they are compared everywhere, also one who never registered', async () => {
    const { id, pages } = await registered(2);
    const propose = async (name: string, email: string, state: string): Promise<string> => {
      const [{ id: proposed }] = await api.dataSource.query(
        `INSERT INTO substitutions (dialogue_id, registration_id, name, email, language, state)
         VALUES ($1, $2, $3, $4, 'en', $5) RETURNING id`,
        [id, idOf(pages[0]!), name, email, state],
      );
      return proposed;
    };
    const names = async () =>
      (
        await api.dataSource.query(
          'SELECT name, state FROM substitutions WHERE dialogue_id = $1 ORDER BY created_at, id',
          [id],
        )
      ).map(({ name, state }: { name: string; state: string }) => [name, state]);
    await propose('  PERSON\u00a0 2', ' Person.2@Ministry.example', 'refused');
    await propose('Person 2', 'another@ministry.example', 'dropped');
    const orla = await propose('Orla', 'orla@ministry.example', 'proposed');
    await propose('ORLA  MÜLLER', 'Orla@Ministry.example', 'refused');
    await api.request('POST', `/v1/registrations/${idOf(pages[1]!)}/erasure`);
    const afterwards = await names();
    expect(afterwards).toEqual([
      ['', 'refused'],
      ['Person 2', 'dropped'],
      ['Orla', 'proposed'],
      ['ORLA  MÜLLER', 'refused'],
    ]);
    // By an owner, whoever is in no directory.
    const other = await api.newOrganiser();
    const url = `/v1/substitutions/${orla}/erasure`;
    expect((await api.request('POST', url, undefined, { token: other.token })).statusCode).toBe(404);
    expect((await api.request('POST', url)).statusCode).toBe(204);
    expect((await api.request('POST', url)).statusCode).toBe(204);
    expect((await names())[2]).toEqual(['', 'dropped']);
    // And with an entry of the directory.
    const added = await api.request('POST', '/v1/people', {
      name: 'Orla Müller',
      email: 'orla@ministry.example',
      language: 'en',
      time_zone: 'UTC',
    });
    expect((await api.request('POST', `/v1/people/${added.json().id}/erasure`)).statusCode).toBe(204);
    expect((await names())[3]).toEqual(['', 'refused']);
  });
});
