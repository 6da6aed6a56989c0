import { languages } from '@app/mail';
import { startApi, type TestApi } from '../support/api';
import { linkOf, publishDialogue } from '../support/participants';
import { pdfText } from '../support/pdf';
import { reference } from '../support/reference-dialogue';

interface Listed {
  name: string;
  consent: 'before' | 'after' | 'never';
  honorific?: string;
  affiliation?: string;
  mechanism?: string;
  capacity?: string;
  state?: string;
}

const people: Listed[] = [
  {
    name: 'Nadia Benkirane',
    consent: 'before',
    honorific: 'Ms.',
    affiliation: 'Ministry of Foreign Affairs, Morocco',
    mechanism: '5+5',
    capacity: 'former co-chair',
  },
  {
    name: 'Álvaro Iturralde',
    consent: 'after',
    affiliation: 'Ministry of Inclusion, Spain',
    mechanism: '5+5',
    capacity: 'co-chair',
  },
  { name: 'محمد رفعت الحلبي', consent: 'before', affiliation: 'IOM Syria', capacity: 'staff' },
  { name: '#include("secret") *bold* $x$ \\', consent: 'before', affiliation: '=1+1', mechanism: 'RABAT' },
  { name: 'Never Named', consent: 'never', affiliation: 'Ministry', mechanism: 'BALI' },
  { name: 'Waitlisted Person', consent: 'before', state: 'waitlisted' },
  { name: 'Withdrawn Person', consent: 'before', state: 'withdrawn' },
];

describe('the list of participants', () => {
  let api: TestApi;
  let dialogue: { id: string; slug: string };
  beforeAll(async () => {
    api = await startApi();
    for (const { code, name, also_known_as = [] } of reference.mechanisms)
      await api.request('POST', '/v1/mechanisms', { code, name, other_names: also_known_as, chairs: [] });
    dialogue = await publishDialogue(api);
    for (const [index, person] of people.entries()) {
      await api.dataSource.query(
        `INSERT INTO registrations (dialogue_id, honorific, name, name_key, email, email_key, affiliation, capacity,
           mechanism_id, language, time_zone, consent_to_be_listed, state, confirmed_at, waitlist_number)
         VALUES ($1, $2, $3, lower($3), $4, $4, $5, $6, (SELECT id FROM mechanisms WHERE code = $7), 'en', 'UTC', $8, $9,
           CASE WHEN $9 = 'confirmed' THEN now() END, CASE WHEN $9 = 'waitlisted' THEN 1 END)`,
        [
          dialogue.id,
          person.honorific ?? null,
          person.name,
          `p${index}@listed.example`,
          person.affiliation ?? null,
          person.capacity ?? null,
          person.mechanism ?? null,
          person.consent,
          person.state ?? 'confirmed',
        ],
      );
    }
  });
  afterAll(() => api.close());

  const list = (format: string, language = 'en', options = {}) =>
    api.request(
      'GET',
      `/v1/dialogues/${dialogue.id}/participants-list?format=${format}&language=${language}`,
      undefined,
      options,
    );
  const names = async () =>
    (await list('json'))
      .json()
      .groups.map(
        ({ mechanism, entries }: { mechanism: { code: string } | null; entries: { name: string }[] }) => [
          mechanism?.code ?? null,
          entries.map(({ name }) => name),
        ],
      );
  /** Moves the dialogue to two hours ago, or ahead. */
  const setOver = (over: boolean) =>
    api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() + $2 * interval '2 hours',
         ends_at = now() + $2 * interval '2 hours' + interval '1 hour' WHERE id = $1`,
      [dialogue.id, over ? -1 : 1],
    );

  test('names before the dialogue only who agreed to that, and after it also who agreed to be in its record', async () => {
    expect(await names()).toEqual([
      ['5+5', ['Nadia Benkirane']],
      ['RABAT', ['#include("secret") *bold* $x$ \\']],
      [null, ['محمد رفعت الحلبي']],
    ]);
    await setOver(true);
    expect(await names()).toEqual([
      ['5+5', ['Álvaro Iturralde', 'Nadia Benkirane']],
      ['RABAT', ['#include("secret") *bold* $x$ \\']],
      [null, ['محمد رفعت الحلبي']],
    ]);
    await setOver(false);
    expect((await list('json')).body).not.toMatch(/Never Named|Waitlisted|Withdrawn|listed\.example/);
  });

  test('is a workbook of text, from the right in Arabic', async () => {
    const { readSheet } = await import('read-excel-file/node');
    const english = await readSheet((await list('xlsx')).rawPayload);
    expect(english).toEqual([
      ['No.', 'Mechanism', 'Honorific', 'Name', 'Affiliation', 'Role'],
      [
        '1',
        expect.stringContaining('(5+5)'),
        'Ms.',
        'Nadia Benkirane',
        'Ministry of Foreign Affairs, Morocco',
        'former co-chair',
      ],
      ['2', 'Rabat Process (RABAT)', null, '#include("secret") *bold* $x$ \\', '=1+1', null],
      ['3', null, null, 'محمد رفعت الحلبي', 'IOM Syria', null],
    ]);
    const arabic = await list('xlsx', 'ar');
    expect((await readSheet(arabic.rawPayload))[0]![3]).toBe('الاسم');
    expect(arabic.headers['content-disposition']).toBe(
      `attachment; filename="${dialogue.slug}-list-of-participants-ar.xlsx"`,
    );
  });

  test('is a PDF with its language, title and fonts, in which what people wrote is only text', async () => {
    for (const language of languages) {
      const answer = await list('pdf', language);
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/pdf']);
      const pdf = answer.rawPayload.toString('latin1');
      expect(pdf.startsWith('%PDF-1.')).toBe(true);
      expect(pdf).toContain(`/Lang (${language})`);
      expect(pdf).toMatch(/BaseFont\s*\/[A-Z]{6}\+NotoSans-Regular/);
      expect(pdf).toMatch(/BaseFont\s*\/[A-Z]{6}\+NotoNaskhArabic/);
      const written = pdfText(answer.rawPayload);
      expect(written).toContain('Ms. Nadia Benkirane');
      // In Arabic a glyph of a bracket is read back as its mirror image.
      expect(written).toMatch(/#include[()]"secret"[()] \*bold\* \$x\$ \\/);
      expect(written).not.toMatch(/Never Named|Waitlisted|Withdrawn|Álvaro/);
      // The twenty megabytes of Chinese are opened only for who needs them.
      expect(/BaseFont\s*\/[A-Z]{6}\+NotoSansSC-/.test(pdf)).toBe(language === 'zh');
    }
    expect(pdfText((await list('pdf')).rawPayload).replaceAll('\n', '')).toContain(
      'Ms. Nadia Benkirane, Ministry of Foreign Affairs, Morocco (former co-chair, 5+5)',
    );
  });

  test('prints Chinese names and a Chinese title in their own letters, whatever the language of the list', async () => {
    const { id } = await publishDialogue(api, { title: '国家间协商机制对话会' });
    await api.dataSource.query(
      `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, affiliation, language, time_zone, state,
         confirmed_at, consent_to_be_listed)
       VALUES ($1, '李明华', '李明华', 'p@zh.example', 'p@zh.example', '外交部', 'zh', 'UTC', 'confirmed', now(), 'before')`,
      [id],
    );
    for (const language of ['en', 'ar', 'zh']) {
      const answer = await api.request(
        'GET',
        `/v1/dialogues/${id}/participants-list?format=pdf&language=${language}`,
      );
      const pdf = answer.rawPayload.toString('latin1');
      expect(pdf).toMatch(/BaseFont\s*\/[A-Z]{6}\+NotoSansSC-Regular/);
      expect(pdf).toMatch(/BaseFont\s*\/[A-Z]{6}\+NotoSansSC-Bold/);
      const written = pdfText(answer.rawPayload).replaceAll('\n', '');
      for (const text of ['国家间协商机制对话会', '李明华', '外交部']) expect(written).toContain(text);
    }
  });

  test('is for organisers of the dialogue, in a format and language there is', async () => {
    const { token } = await api.newOrganiser();
    expect((await list('pdf', 'en', { token })).statusCode).toBe(404);
    expect((await list('docx')).statusCode).toBe(422);
    expect((await list('pdf', 'tlh')).statusCode).toBe(422);
  });

  test('is shown to the confirmed on a page of their link, and to nobody else', async () => {
    const who = { dialogueId: dialogue.id, email: 'p0@listed.example' };
    const link = await linkOf(api, 'registration', who);
    const own = await api.request('GET', link, undefined, { token: null });
    expect(own.body).toContain(`${link}/participants?lang=en`);
    const page = await api.request('GET', `${link}/participants`, undefined, { token: null });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('Nadia Benkirane');
    expect(page.body).toContain('محمد رفعت الحلبي');
    expect(page.body).not.toMatch(/Álvaro|Never Named|Waitlisted|listed\.example/);
    const arabic = await api.request('GET', `${link}/participants?lang=ar`, undefined, { token: null });
    expect(arabic.body).toContain('dir="rtl"');
    for (const email of ['p5@listed.example', 'p6@listed.example']) {
      const other = await linkOf(api, 'registration', { dialogueId: dialogue.id, email });
      const refused = await api.request('GET', `${other}/participants`, undefined, { token: null });
      expect(refused.statusCode).toBe(404);
      expect(refused.body).not.toContain('Nadia');
    }
  });

  test('is a PDF in which a span of time runs from right to left in Arabic, and from left to right elsewhere', async () => {
    const { id } = await publishDialogue(api);
    for (const language of languages) {
      const answer = await api.request(
        'GET',
        `/v1/dialogues/${id}/participants-list?format=pdf&language=${language}`,
      );
      // Read in the order in which it is drawn, from the left.
      const span = language === 'ar' ? '13:00–11:00' : '11:00–13:00';
      expect(pdfText(answer.rawPayload).replaceAll(/\s/g, '')).toContain(span);
    }
  });

  test('of a thousand people is a PDF, and the API answers meanwhile', async () => {
    const { id } = await publishDialogue(api);
    await api.dataSource.query(
      `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, affiliation, language, time_zone, state,
         confirmed_at, consent_to_be_listed)
       SELECT $1, 'Person ' || n, 'person ' || n, n || '@many.example', n || '@many.example', 'Ministry of Foreign Affairs',
         'en', 'UTC', 'confirmed', now(), 'before' FROM generate_series(1, 1000) AS n`,
      [id],
    );
    const progress = { done: false };
    const pdf = api
      .request('GET', `/v1/dialogues/${id}/participants-list?format=pdf`)
      .finally(() => (progress.done = true));
    let answered = 0;
    for (; !progress.done; answered++) {
      expect((await api.request('GET', '/health/live')).statusCode).toBeLessThan(500);
      // Lets the process turn to what else has happened.
      await new Promise(setImmediate);
    }
    // Some are answered while the list is read from the database; only a PDF made elsewhere leaves room for so many.
    expect(answered).toBeGreaterThan(20);
    expect(pdfText((await pdf).rawPayload)).toContain('Person 1000');
  });
});
