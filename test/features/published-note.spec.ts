import { createDataSource, migrate } from '@app/database';
import { startApi, type TestApi } from '../support/api';
import { createEmptyDatabase } from '../support/postgres';
import { insertReferenceDialogue, reference, type InsertedDialogue } from '../support/reference-dialogue';

/*
 * A published record is not lost by what happens afterwards: note and annex are frozen, the names stand beside them, and a
 * name is replaced only where its owner asked for that.
 */

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const insert = (options = {}) => insertReferenceDialogue(api.dataSource, api.organiser.id, options);
const path = ({ id }: InsertedDialogue, rest: string) => `/v1/dialogues/${id}/${rest}`;
const NOTE = { introduction: 'Held online.', interventions: reference.interventions };

async function write(dialogue: InsertedDialogue, note: object = NOTE): Promise<void> {
  const { headers } = await api.request('GET', path(dialogue, 'note'));
  const written = await api.request('PUT', path(dialogue, 'note'), note, {
    headers: { 'if-match': headers.etag as string },
  });
  expect(written.statusCode).toBe(200);
}

async function publish(dialogue: InsertedDialogue): Promise<void> {
  const { headers } = await api.request('GET', path(dialogue, 'note'));
  const answer = await api.request('POST', path(dialogue, 'note/publication'), undefined, {
    headers: { 'if-match': headers.etag as string },
  });
  expect([answer.statusCode, answer.body]).toEqual([201, expect.any(String)]);
}

/** The reference dialogue with its note published. */
async function published(note: object = NOTE): Promise<InsertedDialogue> {
  const dialogue = await insert();
  await write(dialogue, note);
  await publish(dialogue);
  return dialogue;
}

async function page({ slug }: InsertedDialogue, language = 'en'): Promise<string> {
  const answer = await api.request('GET', `/d/${slug}/note?lang=${language}`, undefined, { token: null });
  expect(answer.statusCode).toBe(200);
  return answer.body;
}
const annexOf = (html: string) => html.slice(html.indexOf('id="annex"'));
const textOf = (html: string) => html.slice(0, html.indexOf('id="annex"'));

/** Of what is frozen, as the database holds it. */
async function hashOf({ id }: InsertedDialogue): Promise<string> {
  const [{ hash }] = await api.dataSource.query(
    'SELECT md5(published::text) AS hash FROM notes WHERE dialogue_id = $1',
    [id],
  );
  expect(hash).toMatch(/^[0-9a-f]{32}$/);
  return hash;
}

const purge = async (dialogue: InsertedDialogue) =>
  expect((await api.request('POST', path(dialogue, 'purge'))).statusCode).toBe(200);
const erase = async (registrationId: string) =>
  expect((await api.request('POST', `/v1/registrations/${registrationId}/erasure`)).statusCode).toBe(204);
const consent = (registrationId: string, to: string) =>
  api.dataSource.query('UPDATE registrations SET consent_to_be_listed = $2 WHERE id = $1', [
    registrationId,
    to,
  ]);
const of = (dialogue: InsertedDialogue, number: number) => dialogue.registrations.get(number)!;

/** Rows of a note, its names and its interventions that hold a word. */
async function rowsWith({ id }: InsertedDialogue, word: string): Promise<unknown[]> {
  return api.dataSource.query(
    `WITH n AS (SELECT * FROM notes WHERE dialogue_id = $1)
     SELECT row FROM (SELECT to_jsonb(n)::text AS row FROM n
       UNION ALL SELECT to_jsonb(k)::text FROM note_names k JOIN n ON n.id = k.note_id
       UNION ALL SELECT to_jsonb(i)::text FROM interventions i JOIN n ON n.id = i.note_id) AS rows
     WHERE row ILIKE '%' || $2 || '%'`,
    [id, word],
  );
}

describe('a published note', () => {
  test('held the names of its people, which no erasure could take out: it holds ids', async () => {
    const dialogue = await published();
    const [{ published: frozen }] = await api.dataSource.query(
      'SELECT published FROM notes WHERE dialogue_id = $1',
      [dialogue.id],
    );
    expect(frozen.annex.groups.flatMap(({ entries }: { entries: unknown[] }) => entries)).toHaveLength(79);
    for (const name of ['Sekar', 'Hoda Mansy', 'Anahit Sargsyan', 'League of Arab States'])
      expect(JSON.stringify(frozen)).not.toContain(name);
  });

  test('lost everybody of its annex by a purge', async () => {
    const dialogue = await published();
    const [before, hash] = [await page(dialogue), await hashOf(dialogue)];
    expect(annexOf(before)).toContain('Sekar Ayuningtyas');
    await purge(dialogue);
    const [{ left }] = await api.dataSource.query(
      `SELECT count(*)::int AS left FROM registrations WHERE dialogue_id = $1 AND name <> ''`,
      [dialogue.id],
    );
    expect(left).toBe(0);
    expect(await page(dialogue)).toBe(before);
    expect(await hashOf(dialogue)).toBe(hash);
  });

  test('lost its annex when the retention passed by itself', async () => {
    const dialogue = await published();
    const before = await page(dialogue);
    await api.dataSource.query('UPDATE dialogues SET retention_days = 1 WHERE id = $1', [dialogue.id]);
    const { RetentionService } = require('@app/participants') as typeof import('@app/participants');
    await api.app.get(RetentionService).purgeDue();
    await api.app.get(RetentionService).forget();
    const [{ purged }] = await api.dataSource.query(
      'SELECT purged_at IS NOT NULL AS purged FROM dialogues WHERE id = $1',
      [dialogue.id],
    );
    expect(purged).toBe(true);
    expect(await page(dialogue)).toBe(before);
  });

  test('was rewritten by renaming a mechanism, correcting a person, noting who came or removing them', async () => {
    const dialogue = await published();
    const [before, hash] = [await page(dialogue, 'fr'), await hashOf(dialogue)];
    await api.dataSource.query(
      `UPDATE mechanisms SET name = 'Renamed Process', code = 'RENAMED', code_key = 'renamed'
        WHERE organiser_id = $1 AND code = 'BALI'`,
      [api.organiser.id],
    );
    await api.dataSource.query(
      `UPDATE registrations SET name = 'Somebody Else', affiliation = 'Elsewhere', country = 'FR', capacity = 'chair'
        WHERE id = $1`,
      [of(dialogue, 8)],
    );
    await api.dataSource.query('INSERT INTO attendances (registration_id, dialogue_id) VALUES ($1, $2)', [
      of(dialogue, 9),
      dialogue.id,
    ]);
    await api.dataSource.query(
      `UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL WHERE id = $1`,
      [of(dialogue, 10)],
    );
    expect(await page(dialogue, 'fr')).toBe(before);
    expect(await hashOf(dialogue)).toBe(hash);
    await api.dataSource.query(
      `UPDATE mechanisms SET name = $2, code = 'BALI', code_key = 'bali' WHERE organiser_id = $1 AND code = 'RENAMED'`,
      [api.organiser.id, reference.mechanisms.find(({ code }) => code === 'BALI')!.name],
    );
  });

  test('was published while its dialogue ran, before anybody knew who took part', async () => {
    const dialogue = await insert();
    await write(dialogue);
    await api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour' WHERE id = $1`,
      [dialogue.id],
    );
    const refused = await api.request('POST', path(dialogue, 'note/publication'));
    expect(refused.json()).toMatchObject({ status: 409, code: 'dialogue_not_over' });
    const preview = await api.request('GET', path(dialogue, 'note/publication'));
    expect(preview.json().refused).toMatchObject({ code: 'dialogue_not_over' });
    await api.dataSource.query(`UPDATE dialogues SET ends_at = now() WHERE id = $1`, [dialogue.id]);
    await publish(dialogue);
  });
});

describe('an erasure', () => {
  test('took the line out of the annex, and left the name in the text: both say whom they represented', async () => {
    const dialogue = await published();
    const hash = await hashOf(dialogue);
    const line = 'Bagus Prasetyo Wirawan</bdi>, <bdi>Ministry of Foreign Affairs, Indonesia';
    expect(annexOf(await page(dialogue))).toContain(line);
    await erase(of(dialogue, 4));
    const english = await page(dialogue);
    expect(english).not.toMatch(/Bagus|Wirawan|International Security and Disarmament/);
    expect(annexOf(english).match(/<li><bdi>The representative of Indonesia<\/bdi><\/li>/g)).toHaveLength(1);
    expect(
      textOf(english).match(/<strong><bdi>The representative of Indonesia<\/bdi><\/strong>/g),
    ).toHaveLength(2);
    expect(textOf(english)).toContain('in a national capacity');
    expect(await rowsWith(dialogue, 'bagus')).toEqual([]);
    expect(await hashOf(dialogue)).toBe(hash);
    const lines = (html: string) => annexOf(html).match(/<li>/g)!.length;
    expect(lines(english)).toBe(lines(await page(await published())));
  });

  test.each([
    ['en', 'The representative of Indonesia'],
    ['fr', 'Représentant ou représentante (Indonésie)'],
    ['es', 'Representante (Indonesia)'],
    ['ru', 'Представитель (Индонезия)'],
    ['ar', 'ممثل أو ممثلة (إندونيسيا)'],
    ['zh', '印度尼西亚代表'],
  ])('is replaced in the language of the note: %s', async (language, words) => {
    const dialogue = await published();
    await erase(of(dialogue, 8));
    expect(annexOf(await page(dialogue, language))).toContain(`<li><bdi>${words}</bdi></li>`);
  });

  test('said only ever a State: it names the mechanism, else the organization, else a participant', async () => {
    const dialogue = await insert();
    await api.dataSource.query(`UPDATE registrations SET affiliation = NULL WHERE id = $1`, [
      of(dialogue, 79),
    ]);
    await write(dialogue);
    await publish(dialogue);
    // Of a State with an article, of a mechanism, of an agency with its office in a State, of an agency, of nobody known.
    for (const number of [13, 5, 17, 70, 79]) await erase(of(dialogue, number));
    const annex = annexOf(await page(dialogue));
    const bali = reference.mechanisms.find(({ code }) => code === 'BALI')!.name;
    for (const words of [
      'The representative of the Kingdom of the Netherlands',
      `The representative of ${bali}`,
      'The representative of IOM Tunisia',
      'The representative of UNICEF',
      'A participant',
    ])
      expect(annex).toContain(`<li><bdi>${words}</bdi></li>`);
    expect(annex).not.toContain('The representative of Tunisia');
  });

  test('left the name of a speaker to anyone who reads the note or its promises through the API', async () => {
    const dialogue = await published();
    const { headers } = await api.request('GET', path(dialogue, 'note'));
    await erase(of(dialogue, 13));
    const note = await api.request('GET', path(dialogue, 'note'));
    const commitments = await api.request('GET', path(dialogue, 'commitments'));
    expect(note.body + commitments.body).not.toContain('Maarten');
    const speaker = 'The representative of the Kingdom of the Netherlands';
    expect(commitments.json().items[0]).toEqual(expect.objectContaining({ speaker, session: 4 }));
    expect(commitments.json().items[0]).not.toHaveProperty('represents');
    const said = note.json().interventions.filter((one: { speaker: string }) => one.speaker === speaker);
    expect(said).toHaveLength(2);
    expect(said[0]).not.toHaveProperty('represents');
    expect(note.headers.etag).toBe(headers.etag);
  });

  test('did not find the name under which somebody was published and who was renamed since', async () => {
    const dialogue = await published();
    const renamed = await api.request('PATCH', `/v1/registrations/${of(dialogue, 3)}`, {
      name: 'Hoda Renamed',
    });
    expect(renamed.statusCode).toBe(200);
    expect(await page(dialogue)).toContain('Hoda Mansy');
    await erase(of(dialogue, 3));
    expect(await page(dialogue)).not.toMatch(/Hoda/);
    expect(await rowsWith(dialogue, 'hoda')).toEqual([]);
  });

  test('after a purge found nothing to erase, and left the names in the record for ever', async () => {
    const dialogue = await published();
    await purge(dialogue);
    expect(await page(dialogue)).toContain('Bagus Prasetyo Wirawan');
    await erase(of(dialogue, 4));
    const html = await page(dialogue);
    expect(html).not.toContain('Bagus');
    expect(annexOf(html)).toContain('The representative of Indonesia');
    const actions = await api.dataSource.query(
      `SELECT details FROM audit_entries WHERE subject_id = $1 AND action = 'registration.erased'`,
      [of(dialogue, 4)],
    );
    expect(actions).toEqual([{ details: { note_names: 2 } }]);
    await erase(of(dialogue, 4));
    expect(await page(dialogue)).toBe(html);
  });

  test('of an entry of the directory left its name in notes of dialogues that were purged', async () => {
    const [dialogue, purged] = [await published(), await published()];
    const [{ id }] = await api.dataSource.query(
      `SELECT id FROM people WHERE organiser_id = $1 AND name = 'Duncan Farraday'`,
      [api.organiser.id],
    );
    await purge(purged);
    for (const one of [dialogue, purged]) expect(await page(one)).toContain('Duncan Farraday');
    expect((await api.request('POST', `/v1/people/${id}/erasure`)).statusCode).toBe(204);
    for (const one of [dialogue, purged]) {
      const html = await page(one);
      expect(html).not.toContain('Duncan');
      for (const part of [textOf(html), annexOf(html)])
        expect(part).toContain('The representative of Australia');
      expect(await rowsWith(one, 'duncan')).toEqual([]);
    }
  });

  test('of a guest who spoke and is registered nowhere was not possible at all', async () => {
    const guest = { session: 1, speaker: 'Ottilie Guest', capacity: 'expert', text: 'Welcome.' };
    const dialogue = await published({ interventions: [guest] });
    const names = (await api.request('GET', path(dialogue, 'note/names'))).json().items;
    const found = names.find(({ name }: { name: string }) => name === 'Ottilie Guest');
    expect(found).toMatchObject({ place: 'text', honorific: null, replaced_by: null });
    const url = `/v1/note-names/${found.id}/erasure`;
    const stranger = await api.newOrganiser();
    expect((await api.request('POST', url, undefined, { token: stranger.token })).statusCode).toBe(404);
    expect(await page(dialogue)).toContain('Ottilie Guest');
    expect((await api.request('POST', url)).statusCode).toBe(204);
    expect((await api.request('POST', url)).statusCode).toBe(204);
    expect(await rowsWith(dialogue, 'ottilie')).toEqual([]);
    expect(textOf(await page(dialogue))).toContain('<strong><bdi>A participant</bdi></strong>');
    const after = (await api.request('GET', path(dialogue, 'note/names'))).json().items;
    expect(after.find(({ id }: { id: string }) => id === found.id)).toMatchObject({
      name: null,
      replaced_by: 'A participant',
    });
  });

  test('of one of two people with one name takes out their line, and the name in the text once both are erased', async () => {
    const dialogue = await insert();
    const [first, second] = [of(dialogue, 4), of(dialogue, 7)];
    await api.dataSource.query(
      `UPDATE registrations SET name = 'Bagus Prasetyo Wirawan', name_key = 'bagus prasetyo wirawan',
         affiliation = 'Ministry of Manpower, Indonesia' WHERE id = $1`,
      [second],
    );
    await write(dialogue);
    await publish(dialogue);
    await erase(first);
    const one = await page(dialogue);
    expect(annexOf(one).match(/Bagus Prasetyo Wirawan/g)).toHaveLength(1);
    expect(annexOf(one)).toContain('Ministry of Manpower');
    expect(textOf(one)).toContain('Bagus Prasetyo Wirawan');
    await erase(second);
    const none = await page(dialogue);
    expect(none).not.toContain('Bagus');
    expect(textOf(none)).toContain('The representative of Indonesia');
  });

  test('of an invited person who registered under another address, by the open link, left the name in the text', async () => {
    const dialogue = await insert();
    // The registration lets go of the invitation: nobody answered that.
    await api.dataSource.query(
      `WITH own AS (SELECT invitation_id AS id FROM registrations WHERE id = $1),
         open AS (UPDATE registrations SET invitation_id = NULL, email = 'hoda@home.example', email_key = 'hoda@home.example'
           WHERE id = $1)
       UPDATE invitations SET state = 'sent', answered_at = NULL WHERE id = (SELECT id FROM own)`,
      [of(dialogue, 3)],
    );
    await write(dialogue);
    await publish(dialogue);
    expect(textOf(await page(dialogue))).toContain('Ms. Hoda Mansy</bdi></strong>');
    await erase(of(dialogue, 3));
    expect(await page(dialogue)).not.toContain('Hoda');
    expect(await rowsWith(dialogue, 'hoda')).toEqual([]);
  });

  test('of two invited namesakes who never registered left their name in the text: it goes with the last of them', async () => {
    const dialogue = await insert();
    const namesakes: string[] = [];
    for (const number of [1, 2]) {
      const added = await api.request('POST', '/v1/people', {
        name: 'Ottilie Twin',
        functional_title: 'Rapporteur',
        email: `twin.${number}@ministry.example`,
        country: 'FR',
        language: 'en',
        time_zone: 'UTC',
      });
      expect(added.statusCode).toBe(201);
      namesakes.push(added.json().id);
      await api.dataSource.query(
        `INSERT INTO invitations (dialogue_id, person_id, state) VALUES ($1, $2, 'sent')`,
        [dialogue.id, namesakes.at(-1)],
      );
    }
    const guest = { session: 1, speaker: 'Otto Guest', capacity: 'expert', text: 'Thank you.' };
    const twin = { session: 1, speaker: 'Ottilie  TWIN', capacity: 'expert', text: 'Welcome.' };
    await write(dialogue, { interventions: [twin, guest] });
    await publish(dialogue);
    const eraseEntry = async (id: string) =>
      expect((await api.request('POST', `/v1/people/${id}/erasure`)).statusCode).toBe(204);
    await eraseEntry(namesakes[0]!);
    expect(textOf(await page(dialogue))).toContain('Ottilie  TWIN');
    await eraseEntry(namesakes[1]!);
    expect(await rowsWith(dialogue, 'ottilie')).toEqual([]);
    const text = textOf(await page(dialogue));
    expect(text).toContain('The representative of France');
    expect(text).toContain('Otto Guest');
  });

  test('that came while the note was being published left the name in it', async () => {
    for (let round = 0; round < 8; round++) {
      const dialogue = await insert();
      await write(dialogue);
      await Promise.all([publish(dialogue), erase(of(dialogue, 4)), erase(of(dialogue, 8))]);
      expect(annexOf(await page(dialogue))).not.toMatch(/Bagus|Sekar/);
      const [{ linked }] = await api.dataSource.query(
        `SELECT count(*)::int AS linked FROM note_names k JOIN notes n ON n.id = k.note_id
          WHERE n.dialogue_id = $1 AND k.registration_ids && $2 AND k.name <> ''`,
        [dialogue.id, [of(dialogue, 4), of(dialogue, 8)]],
      );
      expect(linked).toBe(0);
    }
  });
});

describe('a consent to be listed that is taken back', () => {
  test('renumbered the annex: the line says whom they represented, and the text stays', async () => {
    const dialogue = await published();
    const [before, hash] = [await page(dialogue), await hashOf(dialogue)];
    await consent(of(dialogue, 4), 'never');
    const html = await page(dialogue);
    expect(textOf(html)).toBe(textOf(before));
    expect(annexOf(html)).not.toContain('Bagus');
    expect(annexOf(html).match(/<li>/g)).toHaveLength(annexOf(before).match(/<li>/g)!.length);
    expect(annexOf(html)).toContain('<li><bdi>The representative of Indonesia</bdi></li>');
    expect(await hashOf(dialogue)).toBe(hash);
    // It can be given again as long as there is somebody to give it.
    await consent(of(dialogue, 4), 'after');
    expect(await page(dialogue)).toBe(before);
  });

  test('was forgotten by the purge that came after it', async () => {
    const dialogue = await published();
    await consent(of(dialogue, 8), 'never');
    const before = await page(dialogue);
    await purge(dialogue);
    expect(await page(dialogue)).toBe(before);
    expect(await rowsWith(dialogue, 'sekar')).toEqual([]);
  });

  test('does not put on the list anyone who was not on it', async () => {
    const dialogue = await insert();
    await consent(of(dialogue, 8), 'never');
    await write(dialogue);
    await publish(dialogue);
    const before = await page(dialogue);
    expect(annexOf(before)).not.toContain('The representative of');
    await consent(of(dialogue, 8), 'before');
    expect(await page(dialogue)).toBe(before);
  });
});

describe('the list of participants', () => {
  test('was not that of the published note, and empty after a purge', async () => {
    const dialogue = await published();
    const list = async () => {
      const { groups } = (
        await api.request('GET', path(dialogue, 'participants-list?format=json&language=en'))
      ).json();
      return groups.flatMap(({ entries }: { entries: object[] }) => entries);
    };
    const before = await list();
    expect(before).toHaveLength(79);
    expect(Object.keys(before[0]).toSorted()).toEqual([
      'affiliation',
      'honorific',
      'mechanism',
      'name',
      'number',
      'role',
    ]);
    await purge(dialogue);
    expect(await list()).toEqual(before);
    await erase(of(dialogue, 8));
    const after = await list();
    expect(after.filter(({ name }: { name: string }) => name === 'The representative of Indonesia')).toEqual([
      {
        number: expect.any(Number),
        honorific: null,
        name: 'The representative of Indonesia',
        affiliation: null,
        role: null,
        mechanism: null,
      },
    ]);
    const { readSheet } = await import('read-excel-file/node');
    const sheet = await api.request('GET', path(dialogue, 'participants-list?format=xlsx&language=fr'));
    const cells = (await readSheet(sheet.rawPayload)).flat();
    expect(cells).toContain('Représentant ou représentante (Indonésie)');
    expect(cells).not.toContain('Sekar Ayuningtyas');
  });
});

describe('before its publication', () => {
  const preview = async (dialogue: InsertedDialogue) => {
    const answer = await api.request('GET', path(dialogue, 'note/publication'));
    expect(answer.statusCode).toBe(200);
    return answer.json();
  };

  test('nothing said how attendance was kept, whom that leaves out, and which speaker is missing in the annex', async () => {
    const dialogue = await insert();
    await write(dialogue, {
      interventions: [
        ...reference.interventions,
        { session: 1, speaker: 'Ottilie Guest', capacity: 'expert', text: 'Welcome.' },
      ],
    });
    const all = await preview(dialogue);
    expect(all).toMatchObject({
      refused: null,
      attendance: { kept: false, list: 0, code: 0, online: 0 },
      basis: 'confirmed',
      listed: 79,
      left_out: [],
      erased: 0,
      mails: 79,
    });
    expect(all.warnings).toEqual([
      {
        code: 'speaker_not_listed',
        name: 'Ottilie Guest',
        why: 'not_registered',
        detail: expect.stringContaining('Ottilie Guest is named in the text'),
      },
    ]);

    await consent(of(dialogue, 4), 'never');
    await api.dataSource.query(
      `INSERT INTO attendances (registration_id, dialogue_id, noted_how)
       SELECT id, dialogue_id, CASE WHEN id = $2 THEN 'online' WHEN id = $3 THEN 'code' ELSE 'list' END
         FROM registrations WHERE dialogue_id = $1 AND id <> $4`,
      [dialogue.id, of(dialogue, 1), of(dialogue, 2), of(dialogue, 3)],
    );
    await api.dataSource.query(
      `UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL WHERE id = $1`,
      [of(dialogue, 18)],
    );
    const kept = await preview(dialogue);
    expect(kept).toMatchObject({
      attendance: { kept: true, list: 76, code: 1, online: 1 },
      basis: 'attended',
      listed: 76,
      mails: 78,
    });
    const left = kept.left_out.map(({ name, why }: { name: string; why: string }) => [name, why]);
    expect(left.toSorted()).toEqual([
      ['Aïssatou Baldé', 'not_confirmed'],
      ['Bagus Prasetyo Wirawan', 'no_consent'],
      ['Hoda Mansy', 'not_noted'],
    ]);
    const warned = kept.warnings.map(({ name, why }: { name: string; why: string }) => [name, why]);
    expect(warned.toSorted()).toEqual([
      ['Aïssatou Baldé', 'not_confirmed'],
      ['Bagus Prasetyo Wirawan', 'no_consent'],
      ['Hoda Mansy', 'not_noted'],
      ['Ottilie Guest', 'not_registered'],
    ]);
    await publish(dialogue);
    expect((await preview(dialogue)).refused).toMatchObject({ code: 'note_published' });
  });

  test('nothing said that the retention has passed and nobody can be listed any more', async () => {
    const dialogue = await insert();
    await write(dialogue);
    await purge(dialogue);
    const { listed, erased, warnings } = await preview(dialogue);
    expect([listed, erased]).toEqual([0, 79]);
    expect(warnings).toContainEqual({
      code: 'personal_data_removed',
      name: null,
      why: null,
      detail: expect.stringContaining('79 participants cannot be listed'),
    });
  });

  test('says that there is no note yet', async () => {
    expect((await preview(await insert())).refused).toMatchObject({ code: 'note_missing' });
  });
});

describe('the directory', () => {
  test('lent its data to a note whose dialogue they have nothing to do with, by an equal name', async () => {
    const added = await api.request('POST', '/v1/people', {
      honorific: 'H.E.',
      name: 'Ottoline Namesake',
      functional_title: 'Undercover Inspector',
      affiliation: 'Secret Service',
      email: 'ottoline@service.example',
      country: 'FR',
      language: 'en',
      time_zone: 'UTC',
    });
    expect(added.statusCode).toBe(201);
    const elsewhere = await insert();
    await api.dataSource.query(
      `INSERT INTO invitations (dialogue_id, person_id, state) VALUES ($1, $2, 'accepted')`,
      [elsewhere.id, added.json().id],
    );
    const dialogue = await insert();
    // On the list and never written to, and taken off it again: they have nothing to do with it either.
    await api.dataSource.query(
      `INSERT INTO invitations (dialogue_id, person_id, state) VALUES ($1, $2, 'removed')`,
      [dialogue.id, added.json().id],
    );
    await write(dialogue, {
      interventions: [
        { session: 1, speaker: 'Ottoline  NAMESAKE', capacity: 'expert', text: 'I am somebody else.' },
      ],
    });
    const seen = await api.request('GET', path(dialogue, 'note/preview?lang=en'));
    expect(seen.body).toContain('<strong><bdi>Ottoline  NAMESAKE</bdi></strong>');
    expect(seen.body).not.toMatch(/Undercover|Secret Service|H\.E\. Ottoline/);
    await publish(dialogue);
    const html = await page(dialogue);
    expect(html).not.toMatch(/Undercover|Secret Service|H\.E\. Ottoline/);
    // Nor does the erasure of somebody elsewhere change what is said here.
    expect((await api.request('POST', `/v1/people/${added.json().id}/erasure`)).statusCode).toBe(204);
    expect(await page(dialogue)).toBe(html);
  });

  test('knows anyone who was invited and speaks without having registered', async () => {
    const dialogue = await insert();
    await api.dataSource.query(
      `UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL WHERE id = $1`,
      [of(dialogue, 3)],
    );
    await write(dialogue);
    await publish(dialogue);
    expect(await page(dialogue)).toContain('Ms. Hoda Mansy</bdi></strong>, <bdi>Director, Refugees');
    await erase(of(dialogue, 3));
    expect(await page(dialogue)).not.toContain('Hoda');
  });
});

describe('a note that was published before its annex was frozen', () => {
  test('gets the annex that its page showed, when the database is brought up to date', async () => {
    const database = await createEmptyDatabase();
    await migrate(database.url);
    const dataSource = await createDataSource(database.url, 2).initialize();
    try {
      const isThere = async () =>
        (await dataSource.query(`SELECT to_regclass('note_names') AS name`))[0].name !== null;
      while (await isThere()) await dataSource.undoLastMigration();
      const [{ id: host }] = await dataSource.query(
        `INSERT INTO organisers (email, email_key, name, language, time_zone)
         VALUES ('host@agency.example', 'host@agency.example', 'Host', 'en', 'UTC') RETURNING id`,
      );
      const dialogue = await insertReferenceDialogue(dataSource, host);
      await consentIn(dataSource, of(dialogue, 8), 'never');
      const person = (name: string) => ({
        honorific: 'Ms.',
        name,
        functional_title: 'Director',
        affiliation: 'League',
      });
      const old = {
        title: 'Dialogue',
        introduction: 'As it was.',
        sessions: [
          {
            number: 1,
            moderator: person('Somebody Unknown'),
            items: [{ title: 'Opening', moderator: null, speakers: [person('Hoda Mansy')] }],
            interventions: [{ speaker: person('Hoda Mansy'), text: 'Twelve reports.', reply: null }],
          },
        ],
        way_forward: 'On.',
      };
      await dataSource.query(
        `WITH note AS (INSERT INTO notes (dialogue_id, published_at, published) VALUES ($1, now(), $2) RETURNING id)
         INSERT INTO interventions (note_id, session_id, position, speaker, speaker_key, capacity, text)
         SELECT note.id, s.id, 1, 'Hoda Mansy', 'hoda mansy', 'national', 'Twelve reports.'
           FROM note, agenda_sessions s WHERE s.dialogue_id = $1 AND s.position = 1`,
        [dialogue.id, JSON.stringify(old)],
      );
      await migrate(database.url);

      const [{ published: frozen }] = await dataSource.query('SELECT published FROM notes');
      const { annex, ...document } = frozen;
      expect(document).toEqual({
        ...old,
        sessions: [
          {
            ...old.sessions[0],
            moderator: expect.any(String),
            items: [{ title: 'Opening', moderator: null, speakers: [expect.any(String)] }],
            interventions: [{ speaker: expect.any(String), text: 'Twelve reports.', reply: null }],
          },
        ],
      });
      expect(annex.mechanisms.map(({ code }: { code: string }) => code)).toEqual([
        '5+5',
        'ARCP',
        'AU-HOAI',
        'BALI',
        'KHARTOUM',
        'MIDCOM',
        'RABAT',
      ]);
      const rows: { id: string; name: string; in_annex: boolean; registration_ids: string[] }[] =
        await dataSource.query('SELECT * FROM note_names ORDER BY position');
      const named = new Map(rows.map((row) => [row.id, row]));
      const hoda = named.get(frozen.sessions[0].interventions[0].speaker)!;
      expect(hoda).toMatchObject({
        ...person('Hoda Mansy'),
        in_annex: false,
        registration_ids: [of(dialogue, 3)],
        country: null,
        body: reference.mechanisms.find(({ code }) => code === 'ARCP')!.name,
      });
      expect(frozen.sessions[0].items[0].speakers).toEqual([hoda.id]);
      expect(await dataSource.query('SELECT name_id FROM interventions')).toEqual([{ name_id: hoda.id }]);
      expect(named.get(frozen.sessions[0].moderator)).toMatchObject({
        name: 'Somebody Unknown',
        registration_ids: [],
      });
      const entries: { number: number; person: string }[] = annex.groups.flatMap(
        (group: { entries: object[] }) => group.entries,
      );
      expect(entries.map(({ number }) => number)).toEqual(
        Array.from({ length: 78 }, (_, index) => index + 1),
      );
      const lines = entries.map((entry) => named.get(entry.person)!);
      expect(lines.every((line) => line.in_annex)).toBe(true);
      expect(lines.map(({ name }) => name)).not.toContain('Sekar Ayuningtyas');
      // The same order, roles and brackets as the rules of today give.
      const { composeAnnex } =
        require('../../libs/proceedings/src/annex/annex.rules') as typeof import('../../libs/proceedings/src/annex/annex.rules');
      const people = await dataSource.query(
        `SELECT r.honorific, r.name, r.affiliation, r.capacity, m.code AS mechanism,
           consent_to_be_listed <> 'never' AS "consentToBeListed"
         FROM registrations r LEFT JOIN mechanisms m ON m.id = r.mechanism_id ORDER BY r.id`,
      );
      const today = composeAnnex(people, annex.mechanisms).groups.flatMap((group) => group.entries);
      expect(lines.map(({ name, ...line }) => [name, line])).toEqual(
        today.map(({ name, honorific, affiliation, role, mechanism }) => [
          name,
          expect.objectContaining({ honorific, affiliation, role, mechanism }),
        ]),
      );

      while (await isThere()) await dataSource.undoLastMigration();
      const [{ published: back }] = await dataSource.query('SELECT published FROM notes');
      expect(back).toEqual(old);
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });
});

/** As `consent`, in another database. */
function consentIn(
  dataSource: import('typeorm').DataSource,
  registrationId: string,
  to: string,
): Promise<unknown> {
  return dataSource.query('UPDATE registrations SET consent_to_be_listed = $2 WHERE id = $1', [
    registrationId,
    to,
  ]);
}
