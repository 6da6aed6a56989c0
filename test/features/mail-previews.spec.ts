import { startApi, type TestApi } from '../support/api';
import { inviteList, linkOf, listOf, publishDialogue, answers } from '../support/participants';

describe('a mail before it goes', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const preview = (id: string, kind: string, query = '', options = {}) =>
    api.request('GET', `/v1/dialogues/${id}/mail-previews/${kind}${query}`, undefined, options);
  /** How many rows each table has, audit and all. */
  const rows = async () => {
    const tables: { name: string }[] = await api.dataSource.query(
      `SELECT relname AS name FROM pg_stat_user_tables WHERE schemaname = 'public' AND relname <> 'rate_limits' ORDER BY relname`,
    );
    return api.dataSource.query(
      tables.map(({ name }) => `SELECT '${name}' AS name, count(*)::int FROM "${name}"`).join(' UNION ALL '),
    );
  };
  /** Whoever is invited first accepts, and comes to the room. */
  const withRegistrant = async (venue: object) => {
    const dialogue = await publishDialogue(api, { venue });
    await inviteList(api, dialogue.id, listOf(1));
    const link = await linkOf(api, 'invitation', {
      email: 'person.1@ministry.example',
      dialogueId: dialogue.id,
    });
    const accepted = await api.submit(`${link}/acceptance`, { ...answers, name: 'Person 1', attends: '' });
    expect(accepted.statusCode).toBeLessThan(400);
    return dialogue;
  };

  test('can be seen in every kind, situation and language, and nothing remains of it', async () => {
    const { id } = await publishDialogue(api);
    const before = await rows();
    const { kinds } = (await api.request('GET', `/v1/dialogues/${id}/mail-previews`)).json();
    expect(kinds.map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining(['invitation', 'confirmation', 'cancellation', 'silence', 'summary', 'code']),
    );
    for (const { kind, previews, situations } of kinds) {
      for (const [language, url] of Object.entries(previews as Record<string, string>)) {
        const seen = new Map<string, string>();
        for (const situation of situations as string[]) {
          const page = await api.request(
            'GET',
            `${url.replace('http://plenary.example', '')}&situation=${situation}`,
          );
          const where = [kind, situation, language];
          expect([...where, page.statusCode, page.headers['content-language']]).toEqual([
            ...where,
            200,
            language,
          ]);
          expect(page.body).toContain(`<html lang="${language}"`);
          expect(page.body).not.toMatch(/undefined|\[object|NaN|Invalid/);
          expect(page.body).not.toMatch(/[\w-]{65}/);
          // A situation that says what another says is none.
          expect([...where, seen.get(page.body)]).toEqual([...where, undefined]);
          seen.set(page.body, situation);
        }
      }
    }
    expect(await rows()).toEqual(before);
  });

  test('is there to be seen of every kind that goes to people of a dialogue', async () => {
    const { id } = await publishDialogue(api);
    const { kinds } = (await api.request('GET', `/v1/dialogues/${id}/mail-previews`)).json();
    const { mailKinds } = require('@app/mail') as typeof import('@app/mail');
    const expected = mailKinds()
      .filter(({ about }) => ['registration', 'invitation', 'delegation', 'substitution'].includes(about))
      .map(({ name, ownWords }) => ({ kind: name, adaptable: ownWords !== undefined }));
    expect(kinds.map(({ kind, adaptable }: Record<string, unknown>) => ({ kind, adaptable }))).toEqual(
      expected,
    );
  });

  test('is in the situation that is asked for, and names them where there is none of that name', async () => {
    const { id } = await publishDialogue(api);
    const what = async (query: string) =>
      (await preview(id, 'change', `?language=en${query}`)).json() as { situation: string; text: string };
    const [usual, time, place] = [
      await what(''),
      await what('&situation=time'),
      await what('&situation=place'),
    ];
    expect(usual.text).toEqual(time.text);
    expect([usual.situation, place.situation]).toEqual(['time', 'place']);
    expect(usual.text).toContain('Previously');
    expect(place.text).toMatch(/Previously:\n  …/);
    expect(usual.text).not.toMatch(/Previously:\n  …/);
    const wrong = await preview(id, 'change', '?situation=place_and_time');
    expect([wrong.statusCode, wrong.json().errors]).toMatchObject([
      422,
      [
        {
          field: 'situation',
          code: 'unknown_situation',
          detail: expect.stringContaining('time, place, both'),
        },
      ],
    ]);
  });

  test('is a page that can do nothing, or a text, or both as data', async () => {
    const { id } = await publishDialogue(api);
    const page = await preview(id, 'reminder', '?format=html&language=ar');
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(/^default-src 'none';.* sandbox$/),
    });
    const text = await preview(id, 'reminder', '?format=text');
    expect(text.headers['content-type']).toBe('text/plain; charset=utf-8');
    const data = await preview(id, 'reminder', '?language=ar');
    expect(data.headers['cache-control']).toBe('no-store');
    expect(data.json()).toMatchObject({
      kind: 'reminder',
      language: 'ar',
      dir: 'rtl',
      notes: ['Its reader is invented: there is nobody yet to whom it could go.'],
    });
    expect((await preview(id, 'reminder', '?format=pdf')).statusCode).toBe(422);
  });

  test('is of whoever is there, and lends nobody their link, their code or their address for replies', async () => {
    const { id } = await withRegistrant({ kind: 'in_person', room: 'Room XIX' });
    const [{ registration }] = await api.dataSource.query(
      'SELECT id AS registration FROM registrations WHERE dialogue_id = $1',
      [id],
    );
    const shown = (await preview(id, 'confirmation', `?subject_id=${registration}`)).json();
    expect(shown).toMatchObject({ to: { address: 'person.1@ministry.example' }, notes: [] });
    expect(shown.text).toContain('Person 1');
    expect(shown.text).toContain('http://plenary.example/r/preview\n');
    expect(shown.html).toContain('http://plenary.example/c/preview');
    expect(shown.html).toMatch(/<img src="data:image\/png;base64,[^"]+"/);
    expect(shown.calendar).toContain('METHOD:REQUEST');
    expect(shown.calendar).not.toMatch(/returns\+c[0-9a-v]{42}/);
    const { MailRenderers, Mail } = require('@app/mail') as typeof import('@app/mail');
    const mail = await api.dataSource.manager.findOneByOrFail(Mail, {
      dialogueId: id,
      kind: 'confirmation',
    });
    const sent = (await api.app.get(MailRenderers).of('confirmation').render([mail])).get(mail.id)!;
    if ('stale' in sent) throw new Error(sent.stale);
    const secrets = `${sent.html}${sent.text}`.match(/[\w-]{65}/g)!;
    expect(secrets.length).toBeGreaterThan(2);
    for (const secret of secrets) expect(JSON.stringify(shown)).not.toContain(secret);
    const masked = (text: string) => text.replace(/(?<=plenary\.example\/.\/)[\w-]{65}/g, 'preview');
    expect([shown.subject, shown.text]).toEqual([sent.subject, masked(sent.text)]);
    expect((await preview(id, 'invitation', `?subject_id=${registration}`)).json().errors).toMatchObject([
      { field: 'subject_id', code: 'unknown_id' },
    ]);
  });

  test('shows words before they are saved, and refuses them as saving would', async () => {
    const { id } = await publishDialogue(api);
    const before = await rows();
    const post = (words: object) =>
      api.request('POST', `/v1/dialogues/${id}/mail-previews/cancellation?language=fr`, words);
    const shown = await post({ subject: 'Adieu {title}', opening: ['Voici pourquoi : {reason}'] });
    expect([shown.statusCode, shown.json()]).toMatchObject([
      200,
      { in_own_words: true, subject: expect.stringMatching(/^Adieu Dialogue/), language: 'fr' },
    ]);
    // Whoever is taken off a delegation did not withdraw.
    const never = await api.request(
      'POST',
      `/v1/dialogues/${id}/mail-previews/withdrawal?language=fr&situation=removed`,
      { subject: 'Adieu {title}' },
    );
    expect(never.json()).toMatchObject({
      in_own_words: false,
      notes: expect.arrayContaining(['In this situation it is always in Plenary’s own words.']),
    });
    expect((await post({ subject: '{titel}' })).json().code).toBe('placeholder_unknown');
    expect((await post({})).json().code).toBe('nothing_adapted');
    expect(await rows()).toEqual(before);
  });

  test('leaves nothing behind when it can’t be written, and nobody waits for it', async () => {
    const { id } = await publishDialogue(api);
    const before = await rows();
    const { MailRenderers } = require('@app/mail') as typeof import('@app/mail');
    const renderer = api.app.get(MailRenderers).of('invitation');
    const spy = jest.spyOn(renderer, 'render').mockImplementation(async (_mails, look) => {
      // The row and the reader are there for the renderer, and for nobody else; the dialogue can be changed meanwhile.
      expect(await look!.manager!.query('SELECT FROM mails WHERE dialogue_id = $1', [id])).toHaveLength(1);
      expect(await api.dataSource.query('SELECT FROM mails WHERE dialogue_id = $1', [id])).toHaveLength(0);
      await api.dataSource.query(
        `WITH held AS (SELECT FROM places WHERE dialogue_id = $1 FOR UPDATE NOWAIT)
         SELECT FROM dialogues WHERE id = $1 FOR NO KEY UPDATE NOWAIT`,
        [id],
      );
      throw new Error('cannot be written');
    });
    expect((await preview(id, 'invitation')).statusCode).toBe(500);
    expect(spy).toHaveBeenCalledTimes(1);
    spy.mockRestore();
    expect(await rows()).toEqual(before);
    expect((await preview(id, 'invitation')).statusCode).toBe(200);
  });

  test('is for whoever manages the dialogue, and only of a kind about its people', async () => {
    const { id } = await publishDialogue(api);
    const { token } = await api.newOrganiser();
    expect((await preview(id, 'invitation', '', { token })).statusCode).toBe(404);
    expect((await preview(id, 'sign-in')).statusCode).toBe(404);
    expect((await preview(id, 'constructor')).statusCode).toBe(404);
    expect((await preview(id, 'invitation', '?language=tlh')).statusCode).toBe(404);
  });
});
