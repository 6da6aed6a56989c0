import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { startApi, type TestApi } from '../support/api';
import { launchBrowser } from '../support/chromium';
import { insertReferenceDialogue, reference, type InsertedDialogue } from '../support/reference-dialogue';

/** The note that the rapporteur of the reference dialogue would write. */
const noteOfReference = () => ({
  introduction:
    'The dialogue prepared the contribution of the mechanisms to the regional review conference.\n\nIt was held online with interpretation.',
  summaries: [
    { session: 1, text: 'The two hosts welcomed the participants.' },
    { session: 4, text: 'تم عرض طرق المشاركة في المراجعة.' },
  ],
  interventions: reference.interventions.map((intervention, index) =>
    index === 0 ? { ...intervention, reply: 'The moderator asked for figures by <country>.' } : intervention,
  ),
  way_forward: 'The note is sent to all participants. The conference meets on 24 and 25 February 2021.',
});

/** Compares with a file that people read; `UPDATE_GOLDEN=1` writes it anew. */
async function expectGolden(name: string, content: string): Promise<void> {
  const file = join(__dirname, '../golden/note', name);
  // One element a line, so that a change of wording is a diff that a person reads; hashes of assets are left out.
  const readable = `${content.replace(/(\/assets\/[\w.]+)\?\w+/g, '$1').replace(/(?<!^)(?=<(?!\/|bdi|strong))/g, '\n')}\n`;
  if (process.env.UPDATE_GOLDEN) {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, readable);
  }
  expect(readable).toBe(await readFile(file, 'utf8'));
}

describe('the note for file', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const insert = (options = {}) => insertReferenceDialogue(api.dataSource, api.organiser.id, options);
  const path = ({ id }: InsertedDialogue, rest = 'note') => `/v1/dialogues/${id}/${rest}`;
  const write = (dialogue: InsertedDialogue, note: unknown = noteOfReference(), asRead = {}) =>
    api.replace(path(dialogue), note, asRead);
  const publish = (dialogue: InsertedDialogue, headers = {}) =>
    api.request('POST', path(dialogue, 'note/publication'), undefined, { headers });
  const page = (dialogue: InsertedDialogue, language = 'en') =>
    api.request('GET', `/d/${dialogue.slug}/note?lang=${language}`, undefined, { token: null });
  /** The numbered list alone: speakers are named elsewhere on the page too. */
  const annexOf = (html: string) => html.slice(html.indexOf('id="annex"'));

  test('comes back as it was written, with the mechanism found under any of its names', async () => {
    const dialogue = await insert();
    const empty = await api.request('GET', path(dialogue));
    expect(empty.json()).toEqual({
      introduction: '',
      summaries: [],
      interventions: [],
      way_forward: '',
      version: 0,
      published_at: null,
    });
    const said = {
      session: 3,
      speaker: 'Bwalya Kapembwa',
      capacity: 'secretariat',
      on_behalf_of: 'migration  dialogue for comesa REGION',
      text: 'We agree.',
    };
    const written = await write(dialogue, { interventions: [said] });
    expect(written.statusCode).toBe(200);
    expect(written.headers.etag).toBe('"1"');
    const intervention = {
      ...said,
      on_behalf_of: 'MIDCOM',
      reply: null,
      objectives: [],
      principles: [],
      commitment: null,
    };
    expect(written.json()).toMatchObject({ version: 1, interventions: [intervention] });

    const whole = await write(dialogue, noteOfReference());
    expect(whole.json()).toMatchObject({ version: 2, ...noteOfReference() });
    expect((await api.request('GET', path(dialogue))).json()).toEqual(whole.json());
    const [{ count }] = await api.dataSource.query('SELECT count(*) FROM interventions WHERE text = $1', [
      'We agree.',
    ]);
    expect(Number(count)).toBe(0);
  });

  test('with many interventions is not replaced by one line by somebody who has not read it', async () => {
    const dialogue = await insert();
    const before = (await write(dialogue)).json();
    expect(before.interventions).toHaveLength(noteOfReference().interventions.length);
    const one = { introduction: 'One line.' };
    const refused = await api.request('PUT', path(dialogue), one);
    expect([refused.statusCode, refused.json().code]).toEqual([428, 'precondition_required']);
    const any = await api.request('PUT', path(dialogue), one, { headers: { 'if-match': '*' } });
    expect([any.statusCode, any.json().code]).toEqual([428, 'precondition_required']);
    expect((await api.request('GET', path(dialogue))).json()).toEqual(before);
  });

  test('of two edits at once one is refused and says so', async () => {
    const dialogue = await insert();
    await write(dialogue, {});
    const asRead = await api.reading(path(dialogue));
    const answers = await Promise.all(
      ['one', 'other'].map((introduction) => write(dialogue, { introduction }, asRead)),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 412]);
    expect(answers.find(({ statusCode }) => statusCode === 412)!.json()).toMatchObject({
      code: 'changed_meanwhile',
    });
    const first = await insert();
    const asEmpty = await api.reading(path(first));
    const creations = await Promise.all(['one', 'other'].map(() => write(first, {}, asEmpty)));
    expect(creations.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 412]);
  });

  test.each([
    ['an unknown session', { session: 6 }, 'interventions.0.session', 'unknown_session'],
    ['an unknown mechanism', { on_behalf_of: 'NATO' }, 'interventions.0.on_behalf_of', 'unknown_mechanism'],
    [
      'a chair of nothing',
      { capacity: 'chair', on_behalf_of: null },
      'interventions.0.on_behalf_of',
      'mechanism_missing',
    ],
    ['an objective that is no number', { objectives: ['1'] }, 'interventions.0.objectives', 'wrong_type'],
    [
      'a day that does not exist',
      { commitment: { kind: 'written input', text: 'A paper', due: '2021-02-30' } },
      'interventions.0.commitment.due',
      'is_iso8601',
    ],
    ['an unknown field', { speakr: 'x' }, 'interventions.0.speakr', 'unknown_field'],
  ])('refuses %s and names the field', async (_, change, field, code) => {
    const dialogue = await insert();
    const answer = await write(dialogue, {
      interventions: [{ ...reference.interventions[0], ...change }],
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors).toContainEqual(expect.objectContaining({ field, code }));
    expect((await api.request('GET', path(dialogue))).json()).toMatchObject({ version: 0 });
  });

  test('is nobody else’s to read, write, preview or publish', async () => {
    const dialogue = await insert();
    await write(dialogue);
    const { token } = await api.newOrganiser();
    const answers = await Promise.all([
      api.request('GET', path(dialogue), undefined, { token }),
      api.replace(path(dialogue), {}, { token }),
      api.request('GET', path(dialogue, 'note/preview'), undefined, { token }),
      api.request('POST', path(dialogue, 'note/publication'), undefined, { token }),
      api.request('GET', path(dialogue, 'commitments'), undefined, { token }),
      api.request('GET', path(dialogue, 'attendance'), undefined, { token }),
      api.replace(path(dialogue, 'attendance'), { registration_ids: [] }, { token }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 404));
    const nobody = await api.request('GET', path(dialogue, 'note/preview'), undefined, { token: null });
    expect(nobody.statusCode).toBe(401);
  });

  test('is seen by its organiser alone before it is published', async () => {
    const dialogue = await insert();
    await write(dialogue);
    expect((await page(dialogue)).statusCode).toBe(404);
    const preview = await api.request('GET', path(dialogue, 'note/preview?lang=fr'));
    expect(preview.statusCode).toBe(200);
    expect(preview.body).toContain('Aperçu');
    expect(preview.body).toContain('Hoda Mansy');
    expect(annexOf(preview.body)).toContain(
      'Ministry of Foreign Affairs, Morocco</bdi> (ancienne coprésidence, <bdi>5+5</bdi>)',
    );
  });

  test('is mailed once to every confirmed participant when it is published, and then fixed', async () => {
    const dialogue = await insert();
    const [gone, waiting] = [dialogue.registrations.get(7)!, dialogue.registrations.get(8)!];
    await api.dataSource.query(
      `UPDATE registrations SET confirmed_at = NULL, state = CASE id WHEN $1 THEN 'withdrawn' ELSE 'waitlisted' END,
              waitlist_number = CASE id WHEN $2 THEN 1 END WHERE id IN ($1, $2)`,
      [gone, waiting],
    );
    // Only one came; the note goes to those who did not, too.
    await api.replace(path(dialogue, 'attendance'), {
      registration_ids: [dialogue.registrations.get(1)],
    });
    await write(dialogue);

    const answers = await Promise.all([publish(dialogue), publish(dialogue)]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 409]);
    expect(answers.find(({ statusCode }) => statusCode === 201)!.json()).toEqual({
      published_at: expect.stringMatching(/^\d{4}-.*Z$/),
      url: `http://plenary.example/d/${dialogue.slug}/note`,
      queued: 77,
    });
    expect((await publish(dialogue)).json()).toMatchObject({ code: 'note_published' });
    expect((await write(dialogue, {})).json()).toMatchObject({ status: 409, code: 'note_published' });

    const mails: Record<string, unknown>[] = await api.dataSource.query(
      `SELECT m.recipient, r.email, m.dedupe_key = 'summary:' || r.id || ':' || n.id AS keyed, m.useful_until
         FROM mails m JOIN registrations r ON r.id = m.subject_id JOIN notes n ON n.dialogue_id = m.dialogue_id
        WHERE m.dialogue_id = $1 AND m.kind = 'summary'`,
      [dialogue.id],
    );
    expect(mails).toHaveLength(77);
    expect(mails.every(({ recipient, email }) => recipient === email)).toBe(true);
    expect(mails[0]).toMatchObject({ keyed: true, useful_until: null });
    const audit: { action: string }[] = await api.dataSource.query(
      'SELECT action FROM audit_entries WHERE dialogue_id = $1 ORDER BY id',
      [dialogue.id],
    );
    expect(audit.map(({ action }) => action)).toEqual(['attendance.noted', 'note.edited', 'note.published']);
  });

  test('publishes what was approved, or nothing', async () => {
    const dialogue = await insert();
    expect((await publish(dialogue)).json()).toMatchObject({ status: 409, code: 'note_missing' });
    const approved = await write(dialogue, { introduction: 'Approved.' });
    const changed = await write(dialogue, { introduction: 'Not approved.' });
    expect((await publish(dialogue, { 'if-match': String(approved.headers.etag) })).statusCode).toBe(412);
    expect((await page(dialogue)).statusCode).toBe(404);
    expect((await publish(dialogue, { 'if-match': String(changed.headers.etag) })).statusCode).toBe(201);
  });

  test.each([
    ['is not over', { year: 2121 }, 'dialogue_not_over'],
    ['is a draft', { state: 'draft' }, 'dialogue_not_public'],
    ['was cancelled', { state: 'cancelled' }, 'dialogue_cancelled'],
  ])('is not published when the dialogue %s', async (_, options, code) => {
    const dialogue = await insert(options);
    await write(dialogue);
    expect((await publish(dialogue)).json()).toMatchObject({ status: 409, code });
    const [{ count }] = await api.dataSource.query('SELECT count(*) FROM mails WHERE dialogue_id = $1', [
      dialogue.id,
    ]);
    expect(Number(count)).toBe(0);
  });

  test('names in the annex only those who consent: anyone who takes that back is there as whom they represented', async () => {
    const dialogue = await insert();
    await write(dialogue, { introduction: 'Short.' });
    await publish(dialogue);
    expect(annexOf((await page(dialogue)).body)).toContain('Sekar Ayuningtyas');
    await api.dataSource.query('UPDATE registrations SET consent_to_be_listed = $2 WHERE id = $1', [
      dialogue.registrations.get(8),
      'never',
    ]);
    const { body } = await page(dialogue);
    expect(body).not.toContain('Sekar Ayuningtyas');
    expect(annexOf(body).match(/<li><bdi>[^<]*<\/bdi>, <bdi>/g)).toHaveLength(78);
    expect(annexOf(body)).toContain('<li><bdi>The representative of Indonesia</bdi></li>');
  });

  test('lists those who attended where attendance was kept', async () => {
    const dialogue = await insert();
    await write(dialogue, {});
    const came = [1, 12, 70].map((number) => dialogue.registrations.get(number)!);
    const noted = await api.replace(path(dialogue, 'attendance'), { registration_ids: came });
    expect(noted.json()).toMatchObject({ registration_ids: [...came].toSorted() });
    const { body } = await api.request('GET', path(dialogue, 'note/preview?lang=en'));
    const annex = annexOf(body);
    expect(annex).toContain('Lt. Gen. Salah Eldin Abdelgadir');
    expect(annex).toContain('5+5 Dialogue on Migration');
    expect(annex).not.toContain('Bali Process');
    expect(annex).not.toContain('Bagus Prasetyo Wirawan');
  });

  test('takes no attendance of somebody who is not confirmed here, and keeps what was noted', async () => {
    const [dialogue, other] = [await insert(), await insert()];
    const one = dialogue.registrations.get(1)!;
    await api.replace(path(dialogue, 'attendance'), { registration_ids: [one, one] });
    const stranger = other.registrations.get(1)!;
    const refused = await api.replace(path(dialogue, 'attendance'), {
      registration_ids: [dialogue.registrations.get(2), stranger],
    });
    expect(refused.json()).toMatchObject({
      status: 422,
      errors: [{ field: 'registration_ids.1', code: 'unknown_registration' }],
    });
    expect((await api.request('GET', path(dialogue, 'attendance'))).json()).toMatchObject({
      registration_ids: [one],
    });
    await api.replace(path(dialogue, 'attendance'), { registration_ids: [] });
    expect((await api.request('GET', path(dialogue, 'attendance'))).json()).toMatchObject({
      registration_ids: [],
    });
  });

  test('tells the promises with who made them', async () => {
    const dialogue = await insert();
    await write(dialogue);
    expect((await api.request('GET', path(dialogue, 'commitments'))).json()).toMatchObject({
      items: [
        { session: 4, speaker: 'Maarten van der Kuil', on_behalf_of: 'KHARTOUM', due: null },
        { session: 4, speaker: 'Hoda Mansy', kind: 'written input', due: '2021-02-24' },
      ],
      next_cursor: null,
    });
  });

  test('does not change with the agenda or the directory once it is published', async () => {
    const dialogue = await insert();
    await write(dialogue);
    await publish(dialogue);
    const before = (await page(dialogue)).body;
    await api.dataSource.query(`UPDATE agenda_sessions SET title = 'Renamed' WHERE dialogue_id = $1`, [
      dialogue.id,
    ]);
    await api.dataSource.query(`UPDATE dialogues SET title = 'Renamed' WHERE id = $1`, [dialogue.id]);
    expect((await page(dialogue)).body).toBe(before);
  });

  test('names the day of each session where the dialogue took several', async () => {
    const dialogue = await insert();
    await write(dialogue);
    const times = async () => {
      const { body } = await api.request('GET', path(dialogue, 'note/preview?lang=en'));
      return [...body.matchAll(/<span class="time">(.*?)<\/span>/g)].map(([, text]) =>
        text!.replaceAll(/<\/?bdi[^>]*>/g, ''),
      );
    };
    expect((await times())[0]).toBe('11:00–11:20');
    await api.dataSource.query(`UPDATE dialogues SET ends_at = '2021-01-29T11:00Z' WHERE id = $1`, [
      dialogue.id,
    ]);
    for (const text of await times()) expect(text).toMatch(/^Thu 28 Jan, \d\d:\d\d–\d\d:\d\d$/);
  });

  test('lets nobody who comes by the open link put a title on somebody known', async () => {
    const dialogue = await insert();
    await api.dataSource.query(
      `UPDATE registrations SET invitation_id = NULL, functional_title = 'Impostor'
        WHERE dialogue_id = $1 AND name = 'Hoda Mansy'`,
      [dialogue.id],
    );
    await write(dialogue);
    const { body } = await api.request('GET', path(dialogue, 'note/preview?lang=en'));
    expect(body).toContain('Ms. Hoda Mansy</bdi></strong>, <bdi>Director, Refugees');
    expect(body).not.toContain('Impostor');
  });

  test('says well-known roles and kinds in the reader’s language, and others as written', async () => {
    const dialogue = await insert();
    const said = { session: 1, speaker: 'Somebody', capacity: 'Observer', text: 'Yes.' };
    const promise = { text: 'A paper', due: '2021-05-01' };
    await write(dialogue, {
      interventions: [
        { ...said, commitment: { ...promise, kind: 'Written  input' } },
        { ...said, capacity: 'legal officer', commitment: { ...promise, kind: 'a map' } },
      ],
    });
    const preview = async (language: string) =>
      (await api.request('GET', path(dialogue, `note/preview?lang=${language}`))).body;
    const french = await preview('fr');
    expect(french).toContain('rôle\u202f: observateur<');
    expect(french).toContain('rôle\u202f: \u2068legal officer\u2069<');
    expect(french).toContain(
      'Engagement</strong>\u202f: <bdi>A paper</bdi> (contribution écrite, d’ici au 1er mai 2021)',
    );
    expect(french).toContain('(<bdi>a map</bdi>, d’ici au 1er mai 2021)');
    expect(annexOf(french)).toContain(
      'COMESA Secretariat</bdi> (<bdi>legal officer</bdi>, <bdi>MIDCOM</bdi>)',
    );
    const arabic = await preview('ar');
    expect(arabic).toContain('(مساهمة خطية، بحلول');
    expect(annexOf(arabic)).toContain('(الأمانة، <bdi>RABAT</bdi>)');
  });

  test('is linked from the public page of its dialogue once it is published', async () => {
    const dialogue = await insert();
    await write(dialogue);
    const link = async (language: string) => {
      const { body } = await api.request('GET', `/d/${dialogue.slug}?lang=${language}`, undefined, {
        token: null,
      });
      return new RegExp(`<a href="/d/${dialogue.slug}/note\\?lang=${language}">([^<]*)</a>`).exec(body)?.[1];
    };
    expect(await link('en')).toBeUndefined();
    await publish(dialogue);
    expect(await link('en')).toBe('Read the note for file');
    expect(await link('fr')).toBe('Lire la note pour le dossier');
  });

  test('speaks the language that was chosen, else the browser’s, else the dialogue’s first', async () => {
    const dialogue = await insert();
    await write(dialogue);
    await publish(dialogue);
    const languageOf = async (query: string, headers: Record<string, string>) =>
      /<html lang="(\w+)" dir="(\w+)"/
        .exec((await api.request('GET', `/d/${dialogue.slug}/note${query}`, undefined, { headers })).body)!
        .slice(1);
    expect(await languageOf('?lang=ar', { 'accept-language': 'fr' })).toEqual(['ar', 'rtl']);
    expect(await languageOf('', { 'accept-language': 'de, fr;q=0.8' })).toEqual(['fr', 'ltr']);
    expect(await languageOf('?lang=xx', {})).toEqual(['en', 'ltr']);
  });

  describe('as a page', () => {
    let dialogue: InsertedDialogue;
    let browser: Browser;
    beforeAll(async () => {
      dialogue = await insert();
      await api.dataSource.query(`UPDATE dialogues SET slug = 'reference' WHERE id = $1`, [dialogue.id]);
      dialogue.slug = 'reference';
      await write(dialogue);
      await publish(dialogue);
      browser = await launchBrowser();
      await api.app.listen(0, '127.0.0.1');
    });
    afterAll(() => browser?.close());

    test.each(['ar', 'en', 'es', 'fr', 'ru', 'zh'])(
      'reads in %s as people read it last',
      async (language) => {
        const answer = await page(dialogue, language);
        expect(answer.statusCode).toBe(200);
        expect(answer.body).not.toContain('meet.example');
        expect(answer.body).toContain('figures by &lt;country>');
        await expectGolden(`${language}.html`, answer.body);
      },
    );

    test.each(['en', 'ar'])('has no finding of axe-core in %s and fits a phone', async (language) => {
      const tab = await browser.newPage({ viewport: { width: 390, height: 844 }, bypassCSP: true });
      await tab.goto(`${await api.app.getUrl()}/d/${dialogue.slug}/note?lang=${language}`);
      // Without its style sheet the page would pass for the wrong reasons.
      const styled = await tab.evaluate(
        () => getComputedStyle((globalThis as never as Window).document.querySelector('main')!).display,
      );
      expect(styled).toBe('grid');
      await tab.addScriptTag({ content: axe.source });
      const { violations } = await tab.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(),
      );
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      const overflow = await tab.evaluate(
        () =>
          (globalThis as never as Window).document.documentElement.scrollWidth -
          (globalThis as never as Window).innerWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      if (process.env.SCREENSHOTS) {
        await tab.screenshot({ path: join(process.env.SCREENSHOTS, `note-${language}-phone.png`) });
        await tab.setViewportSize({ width: 1100, height: 1400 });
        await tab.screenshot({
          path: join(process.env.SCREENSHOTS, `note-${language}.png`),
          fullPage: true,
        });
        await tab.pdf({ path: join(process.env.SCREENSHOTS, `note-${language}.pdf`), format: 'A4' });
      }
      await tab.close();
    });
  });
});
