import { log, plainLog } from '@app/platform';
import { startApi, type TestApi } from '../support/api';
import { publishDialogue } from '../support/participants';
import { statementsDuring } from '../support/statements';
import { until } from '../support/until';

let api: TestApi;
let id: string;
let slug: string;

beforeAll(async () => {
  api = await startApi();
  ({ id, slug } = await publishDialogue(api, { registration: 'open' }));
});

afterAll(() => api.close());

const page = async (): Promise<string> => (await api.request('GET', `/d/${slug}?lang=en`)).body;

const asJson = async (path = '') =>
  (await api.request('GET', `/v1/public/dialogues/${slug}${path}`, undefined, { token: null })).json();

describe('the public page of a dialogue is kept as it was written', () => {
  test('and asks one statement when nothing changed', async () => {
    const first = await page();
    let again = '';
    const statements = await statementsDuring(api.dataSource, async () => {
      again = await page();
    });
    expect(again).toBe(first);
    expect(statements).toHaveLength(1);
  });

  test.each([
    ['its title', `UPDATE dialogues SET title = 'Another title' WHERE id = $1`, 'Another title'],
    [
      'a session',
      `INSERT INTO agenda_sessions (dialogue_id, position, title, minutes) VALUES ($1, 0, 'A new session', 60)`,
      'A new session',
    ],
    [
      'an item of its agenda',
      `INSERT INTO agenda_items (session_id, position, title, minutes)
       SELECT id, 0, 'A new item', 15 FROM agenda_sessions WHERE dialogue_id = $1`,
      'A new item',
    ],
    [
      'an item that is another',
      `UPDATE agenda_items SET title = 'Another item' WHERE session_id IN (SELECT id FROM agenda_sessions WHERE dialogue_id = $1)`,
      'Another item',
    ],
    [
      'a mechanism to choose',
      `INSERT INTO mechanisms (organiser_id, code, code_key, name) SELECT organiser_id, 'NEW', 'new', 'A new mechanism' FROM dialogues WHERE id = $1`,
      'A new mechanism',
    ],
    [
      'a question',
      `INSERT INTO questions (dialogue_id, code, position, kind, label) VALUES ($1, 'diet', 0, 'text', '{"en": "What do you eat?"}')`,
      'What do you eat?',
    ],
    [
      'a privacy notice',
      `INSERT INTO privacy_notices (dialogue_id, version, texts) VALUES ($1, 1, '{"en": "Who reads what you tell us"}')`,
      '/privacy',
    ],
    ['a note for file', `INSERT INTO notes (dialogue_id, published_at) VALUES ($1, now())`, `/d/{slug}/note`],
  ])('but shows at once %s', async (_, change, shown) => {
    const text = shown.replace('{slug}', slug);
    expect(await page()).not.toContain(text);
    await api.dataSource.query(change, [id]);
    expect(await page()).toContain(text);
  });

  test.each(['', '/agenda'])(
    'with all that is said of it, and an id of each request: JSON%s',
    async (path) => {
      const address = `/v1/public/dialogues/${slug}${path}`;
      const ask = () => api.request('GET', address, undefined, { token: null });
      const [first, again] = [await ask(), await ask()];
      const { 'x-request-id': one, date: _one, ...headers } = first.headers;
      const { 'x-request-id': other, date: _other, ...same } = again.headers;
      expect(same).toEqual(headers);
      expect(again.body).toBe(first.body);
      expect(other).not.toBe(one);
      expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8' });
    },
  );

  test('and tells in the log once a second how often that was enough, instead of a line for each', async () => {
    const told = jest.spyOn(log, 'info').mockImplementation(() => undefined);
    const ours = () =>
      (told.mock.calls as unknown as [{ path: string; times: number }, string][])
        .filter(([{ path }, message]) => message === 'answered as kept' && path === `/d/${slug}`)
        .map(([{ times }]) => times);
    await page();
    await page();
    // What was asked so far has been told, and the next second begins with the next answer.
    await until(() => ours().length > 0);
    const logged = jest.spyOn(plainLog, 'info').mockImplementation(() => undefined);
    told.mockClear();
    const { setTimeout: later } = globalThis;
    const seconds: (() => void)[] = [];
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, delay?: number) => {
      if (delay !== 1_000) return later(work, delay);
      seconds.push(work);
      return { unref: () => undefined };
    }) as typeof setTimeout);
    for (let times = 0; times < 30; times++) await page();
    expect([seconds.length, ours()]).toEqual([1, []]);
    seconds[0]!();
    expect(ours()).toEqual([30]);
    expect(logged.mock.calls.filter(([fields]) => JSON.stringify(fields).includes(slug))).toEqual([]);
    jest.restoreAllMocks();
  });

  test('in each language apart, whether the address or the browser asks for it', async () => {
    const ask = (query: string, language?: string) =>
      api.app.inject({
        url: `/d/${slug}${query}`,
        headers: { accept: 'text/html', ...(language && { 'accept-language': language }) },
      });
    for (const round of ['written', 'kept']) {
      const said = [
        await ask('', 'fr'),
        await ask('', 'ar;q=0.9'),
        await ask('?lang=es', 'fr'),
        await ask(''),
      ].map(({ body }) => /<html lang="(\w+)"/.exec(body)?.[1]);
      expect([round, ...said]).toEqual([round, 'fr', 'ar', 'es', 'en']);
    }
    const { headers } = await ask('', 'fr');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('is there no more once there is no such dialogue, and HEAD says the same without it', async () => {
    const gone = await publishDialogue(api, { registration: 'open', title: 'Gone soon' });
    const ask = (method: 'GET' | 'HEAD') => api.app.inject({ method, url: `/d/${gone.slug}?lang=en` });
    const [first, kept, head] = [await ask('GET'), await ask('GET'), await ask('HEAD')];
    expect([first.statusCode, kept.statusCode, head.statusCode, head.body]).toEqual([200, 200, 200, '']);
    expect(head.headers['content-length']).toBe(kept.headers['content-length']);
    await api.dataSource.query('UPDATE dialogues SET published_at = NULL WHERE id = $1', [gone.id]);
    expect((await ask('GET')).statusCode).toBe(404);
  });

  test('but shows no form any more once its end has passed', async () => {
    expect(await page()).toContain('<form');
    for (let seconds = 2; ; seconds *= 2) {
      await api.dataSource.query(
        `UPDATE dialogues SET starts_at = now() - interval '1 hour', ends_at = now() + make_interval(secs => $2) WHERE id = $1`,
        [id, seconds],
      );
      const before = await page();
      const [{ over }] = await api.dataSource.query(
        'SELECT ends_at <= clock_timestamp() AS over FROM dialogues WHERE id = $1',
        [id],
      );
      // A machine that took so long has to be given longer.
      if (over) continue;
      expect(before).toContain('<form');
      break;
    }
    await api.dataSource.query(
      `SELECT pg_sleep_until(ends_at + interval '100 milliseconds') FROM dialogues WHERE id = $1`,
      [id],
    );
    expect(await page()).not.toContain('<form');
  });

  test('and is as good as new for each of many who ask while it changes', async () => {
    for (let turn = 0; turn < 20; turn++) {
      const early = [page(), page()];
      await api.dataSource.query('UPDATE dialogues SET title = $2 WHERE id = $1', [id, `Title ${turn}`]);
      const late = await Promise.all([page(), page(), page()]);
      for (const text of late) expect(text).toContain(`Title ${turn}<`);
      await Promise.all(early);
    }
  });
});

describe('what the page shows is there as JSON for anybody', () => {
  beforeAll(async () => {
    ({ id, slug } = await publishDialogue(api, { title: 'Fisheries' }));
    await api.replace(`/v1/dialogues/${id}/agenda`, {
      sessions: [
        {
          title: 'Opening',
          minutes: 60,
          moderator: 'Amina Diallo',
          guiding_questions: ['What first?'],
          items: [{ title: 'Words of welcome', minutes: 15, speakers: ['Jonas Weber'] }],
        },
      ],
    });
  });

  test('the dialogue, without the link to join and without what concerns its organisers', async () => {
    const dialogue = await asJson();
    expect(dialogue).toMatchObject({ slug, title: 'Fisheries', state: 'published', over: false });
    expect(dialogue.venue).toEqual({ kind: 'virtual', platform: 'Kudo', room: null });
    expect(JSON.stringify(dialogue)).not.toContain('secret-room');
    for (const field of ['id', 'organiser_id', 'counts', 'places', 'version'])
      expect(dialogue).not.toHaveProperty(field);
  });

  test('the agenda, with times, and again when it changed', async () => {
    const [own] = await api.dataSource.query('SELECT starts_at FROM dialogues WHERE id = $1', [id]);
    const start: Date = own.starts_at;
    const after = (minutes: number) => new Date(start.getTime() + minutes * 60_000).toISOString();
    expect(await asJson('/agenda')).toEqual({
      sessions: [
        {
          title: 'Opening',
          minutes: 60,
          moderator: 'Amina Diallo',
          guiding_questions: ['What first?'],
          items: [
            {
              title: 'Words of welcome',
              minutes: 15,
              moderator: null,
              speakers: ['Jonas Weber'],
              documents: [],
              starts_at: after(0),
              ends_at: after(15),
            },
          ],
          starts_at: after(0),
          ends_at: after(60),
        },
      ],
    });
    await api.dataSource.query(
      `UPDATE agenda_items SET title = 'Welcome' WHERE session_id IN (SELECT id FROM agenda_sessions WHERE dialogue_id = $1)`,
      [id],
    );
    expect((await asJson('/agenda')).sessions[0].items[0].title).toBe('Welcome');
    const statements = await statementsDuring(api.dataSource, () => asJson('/agenda'));
    expect(statements).toHaveLength(1);
  });

  test('neither has times while a new date is looked for', async () => {
    await api.request('POST', `/v1/dialogues/${id}/postponement`, { reason: 'Elections' });
    expect(await asJson()).toMatchObject({ state: 'postponed', reason: 'Elections', starts_at: null });
    expect((await asJson('/agenda')).sessions[0]).toMatchObject({ minutes: 60, starts_at: null });
  });

  test('nothing of a dialogue that was never published, nor of one that is not there', async () => {
    await api.dataSource.query(`UPDATE dialogues SET state = 'draft', published_at = NULL WHERE id = $1`, [
      id,
    ]);
    for (const path of [slug, `${slug}/agenda`, 'none', 'none/agenda']) {
      const answer = await api.request('GET', `/v1/public/dialogues/${path}`, undefined, { token: null });
      expect(answer.statusCode).toBe(404);
    }
  });
});

describe('the agenda on the page', () => {
  const year = new Date().getUTCFullYear() + 1;
  const agendaOf = async (lastDay: number): Promise<string[]> => {
    ({ id, slug } = await publishDialogue(api, { ends_at_local: `${year}-01-${lastDay}T15:00` }));
    await api.replace(`/v1/dialogues/${id}/agenda`, {
      sessions: [
        { title: 'Opening', minutes: 120, items: [{ title: 'Words of welcome', minutes: 15 }] },
        { title: 'Closing', minutes: 60 },
      ],
    });
    // Without what keeps hours on one line.
    return [...(await page()).matchAll(/<p class="time">(.*?)<\/p>/g)].map(([, times]) =>
      times!.replaceAll(/<\/?bdi[^>]*>/g, ''),
    );
  };

  test('names the day of each session where the dialogue takes several', async () => {
    expect(await agendaOf(28)).toEqual(['11:00–13:00', '13:00–14:00']);
    const weekday = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' }).format(
      new Date(`${year}-01-28`),
    );
    expect(await agendaOf(29)).toEqual([`${weekday} 28 Jan, 11:00–13:00`, `${weekday} 28 Jan, 13:00–14:00`]);
    expect(await page()).toMatch(/> <bdi dir="ltr" class="unit">11:00–11:15</);
  });
});
