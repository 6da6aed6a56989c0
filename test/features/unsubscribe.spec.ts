import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';

const AMAL = 'person.1@ministry.example';

describe('fewer mails', () => {
  let api: TestApi;
  let dialogue: { id: string };
  let link: string;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    dialogue = await publishDialogue(api);
    await inviteList(api, dialogue.id, listOf(1, 'fr'));
    const [mail] = await api.dataSource.query('SELECT message_id FROM mails WHERE dialogue_id = $1', [
      dialogue.id,
    ]);
    link = `/u/${api.app.get(Links).compose('unsubscription', mail.message_id as string, 1)}`;
  });

  const rows = (): Promise<{ subject_id: string }[]> =>
    api.dataSource.query('SELECT subject_id FROM unsubscriptions WHERE dialogue_id = $1', [dialogue.id]);
  const actions = async (): Promise<string[]> =>
    (
      (await api.dataSource.query(
        `SELECT action FROM audit_entries WHERE dialogue_id = $1 AND action LIKE 'mails.%' ORDER BY id`,
        [dialogue.id],
      )) as { action: string }[]
    ).map(({ action }) => action);
  const show = (url = link) => api.request('GET', url, undefined, { token: null });

  test('a page in the language of the mail asks, and opening it changes nothing', async () => {
    const page = await show();
    expect(page.statusCode).toBe(200);
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(page.body).toContain('<html lang="fr"');
    expect(page.body).toContain('Se désabonner');
    expect(page.body).toContain('Les messages au sujet de votre propre inscription continuent');
    expect((await show(`${link}?lang=ar`)).body).toContain('<html lang="ar" dir="rtl"');
    expect(await rows()).toEqual([]);
  });

  test('the form unsubscribes, as often as it is sent, and the page lets its reader take it back', async () => {
    for (let time = 0; time < 2; time++) {
      const answer = await api.submit(`${link}?lang=en`, {});
      expect([answer.statusCode, answer.headers.location]).toEqual([303, `${link}?lang=en`]);
    }
    expect(await rows()).toHaveLength(1);
    expect((await show(`${link}?lang=en`)).body).toMatch(/You are unsubscribed[\s\S]*Receive them again/);
    await api.submit(`${link}/undo`, {});
    await api.submit(`${link}/undo`, {});
    expect(await rows()).toEqual([]);
    expect((await show(`${link}?lang=en`)).body).toContain('Unsubscribe</button>');
    expect(await actions()).toEqual(['mails.unsubscribed', 'mails.subscribed_again']);
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
    [
      'several parts',
      'multipart/form-data; boundary=one',
      '--one\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--one--\r\n',
    ],
  ])(
    'one click of a mail program, sent as %s, needs no cookie and no second request',
    async (_, type, payload) => {
      const answer = await api.app.inject({
        method: 'POST',
        url: link,
        headers: { 'content-type': type },
        payload,
      });
      expect([answer.statusCode, answer.headers.location, answer.headers['set-cookie']]).toEqual([
        200,
        undefined,
        undefined,
      ]);
      expect(await rows()).toHaveLength(1);
    },
  );

  test('whoever was written to before somebody else took their place silences nobody', async () => {
    await api.dataSource.query(
      `INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key)
       SELECT kind, dialogue_id, subject_id, 'successor@ministry.example', language, 'successor' FROM mails WHERE dialogue_id = $1`,
      [dialogue.id],
    );
    expect((await show()).statusCode).toBe(404);
    expect((await api.submit(link, { 'List-Unsubscribe': 'One-Click' })).statusCode).toBe(404);
    expect(await rows()).toEqual([]);
  });

  test('and a code that was mailed to an address they may come to have changes nothing', async () => {
    await api.dataSource.query(
      `INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key)
       SELECT 'code', dialogue_id, subject_id, 'mistyped@ministry.example', language, 'code:' || subject_id FROM mails
       WHERE dialogue_id = $1`,
      [dialogue.id],
    );
    expect((await show()).statusCode).toBe(200);
  });

  test('no other link unsubscribes anybody', async () => {
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const links = api.app.get(Links);
    const id = links.idOf(link.slice(3))!;
    for (const token of [links.compose('invitation', id, 1), links.compose('unsubscription', id, 2), 'x']) {
      expect((await api.submit(`/u/${token}`, {})).statusCode).toBe(404);
    }
    expect(await rows()).toEqual([]);
  });

  test('an organiser sees and lifts suppressions of addresses that their own dialogue writes to, and no other', async () => {
    const bounced = async (address: string) =>
      (
        await api.dataSource.query(
          `INSERT INTO address_suppressions (email_key, status, diagnostic) VALUES ($1, '5.1.1', '550 5.1.1 unknown')
           ON CONFLICT (email_key) DO UPDATE SET status = '5.1.1' RETURNING id`,
          [address],
        )
      )[0].id as string;
    const [own, foreign] = [await bounced(AMAL), await bounced('somebody@elsewhere.example')];
    const listed = await api.request('GET', `/v1/dialogues/${dialogue.id}/suppressions`);
    expect(listed.json()).toEqual({
      items: [
        {
          id: own,
          address: AMAL,
          status: '5.1.1',
          diagnostic: '550 5.1.1 unknown',
          mail_id: null,
          created_at: expect.any(String),
        },
      ],
      next_cursor: null,
    });
    const lift = (id: string) => api.request('DELETE', `/v1/dialogues/${dialogue.id}/suppressions/${id}`);
    expect((await lift(foreign)).statusCode).toBe(404);
    expect((await lift(own)).statusCode).toBe(204);
    expect((await lift(own)).statusCode).toBe(404);
    const left = await api.dataSource.query('SELECT email_key FROM address_suppressions');
    expect(left).toEqual([{ email_key: 'somebody@elsewhere.example' }]);
    const [line] = await api.dataSource.query(
      `SELECT actor FROM audit_entries WHERE action = 'address.suppression_lifted' AND dialogue_id = $1`,
      [dialogue.id],
    );
    expect(line).toEqual({ actor: `organiser:${api.organiser.id}` });
  });

  test('what came back is listed page by page, with the mail that it answers', async () => {
    await api.dataSource.query(
      `INSERT INTO mail_returns (digest, kind, mail_id, dialogue_id, status, diagnostic)
       SELECT m.id || ':' || n, 'soft bounce', m.id, m.dialogue_id, '4.2.2', 'full ' || n
       FROM mails m, generate_series(1, 3) AS n WHERE m.dialogue_id = $1 ORDER BY n`,
      [dialogue.id],
    );
    const url = `/v1/dialogues/${dialogue.id}/mail-returns?limit=2`;
    const first = (await api.request('GET', url)).json();
    const second = (await api.request('GET', `${url}&cursor=${first.next_cursor}`)).json();
    expect(
      [...first.items, ...second.items].map(({ diagnostic }: { diagnostic: string }) => diagnostic),
    ).toEqual(['full 3', 'full 2', 'full 1']);
    expect(first.items[0]).toMatchObject({ mail_kind: 'invitation', recipient: AMAL, told_at: null });
    expect(second.next_cursor).toBeNull();
  });
});
