import { startApi, type TestApi } from '../support/api';
import { until } from '../support/until';
import { inviteList, listOf, publishDialogue } from '../support/participants';

describe('what a mail said', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  /** A dialogue whose only invitation is sent, as the worker records it. */
  const sent = async (changes: object = {}) => {
    const { id } = await publishDialogue(api, changes);
    await inviteList(api, id, listOf(1));
    const { contentHash, Mail, MailRenderers } = require('@app/mail') as typeof import('@app/mail');
    const mail = await api.dataSource.manager.findOneByOrFail(Mail, { dialogueId: id });
    const composed = (await api.app.get(MailRenderers).of('invitation').render([mail])).get(mail.id)!;
    if ('stale' in composed) throw new Error(composed.stale);
    await api.dataSource.query(
      `UPDATE mails SET state = 'sent', sent_at = now(), language = $2, content_hash = $3 WHERE id = $1`,
      [mail.id, composed.language, contentHash(composed)],
    );
    return { id, mailId: mail.id, composed };
  };
  const content = (id: string, mailId: string, query = '', options = {}) =>
    api.request('GET', `/v1/dialogues/${id}/mails/${mailId}/content${query}`, undefined, options);

  test('is the same while nothing was changed, also when it is no longer warranted', async () => {
    const { id, mailId, composed } = await sent();
    const said = (await content(id, mailId)).json();
    expect(said).toMatchObject({
      id: mailId,
      kind: 'invitation',
      state: 'sent',
      same: true,
      reasons: [],
      content: { subject: composed.subject, to: composed.to, language: 'en', dir: 'ltr' },
    });
    expect(said.content.text).toContain('/i/preview');
    expect(JSON.stringify(said)).not.toMatch(/[\w-]{65}/);
    await api.dataSource.query(`UPDATE invitations SET state = 'declined' WHERE dialogue_id = $1`, [id]);
    expect((await content(id, mailId)).json()).toMatchObject({ same: true, reasons: [] });
  });

  test('is the same after its deadline has passed: what it said then counts', async () => {
    const { id, mailId } = await sent();
    const set = (interval: string) =>
      api.dataSource.query(
        `UPDATE dialogues SET answers_due_at = now() + $2::interval, answers_due_at_local = 'x' WHERE id = $1`,
        [id, interval],
      );
    await set('3 seconds');
    const { contentHash, Mail, MailRenderers } = require('@app/mail') as typeof import('@app/mail');
    const mail = await api.dataSource.manager.findOneByOrFail(Mail, { id: mailId });
    const written = (await api.app.get(MailRenderers).of('invitation').render([mail], {})).get(mailId)!;
    await api.dataSource.query('UPDATE mails SET content_hash = $2 WHERE id = $1', [
      mailId,
      contentHash(written as never),
    ]);
    await until(async () => {
      const [{ passed }] = await api.dataSource.query(
        'SELECT answers_due_at < now() AS passed FROM dialogues WHERE id = $1',
        [id],
      );
      return passed;
    }, 'the deadline');
    expect((await content(id, mailId)).json()).toMatchObject({ same: true });
  });

  test('is another once words, dialogue or language changed, and says so', async () => {
    const { id, mailId } = await sent();
    await api.replace(`/v1/dialogues/${id}/mail-wordings/invitation/en`, { subject: 'Other' });
    expect((await content(id, mailId)).json()).toMatchObject({
      same: false,
      reasons: ['The own words for it were changed since.'],
      content: { subject: 'Other' },
    });
    await api.request('DELETE', `/v1/dialogues/${id}/mail-wordings/invitation/en`);
    expect((await content(id, mailId)).json()).toMatchObject({ same: true, reasons: [] });
    await api.request('PATCH', `/v1/dialogues/${id}`, { title: 'Renamed' });
    expect((await content(id, mailId)).json()).toMatchObject({
      same: false,
      reasons: expect.arrayContaining(['The dialogue or its agenda was changed since.']),
    });
    await api.dataSource.query(`UPDATE people SET language = 'fr'`);
    expect((await content(id, mailId)).json().reasons).toContain(
      'It was sent in another language (en) than its reader has now.',
    );
  });

  test('can’t be told of a mail that was not sent, or whose reader is gone', async () => {
    const { id, mailId } = await sent();
    await api.dataSource.query(`UPDATE mails SET state = 'failed', content_hash = NULL WHERE id = $1`, [
      mailId,
    ]);
    expect((await content(id, mailId)).json()).toMatchObject({ same: null, content: { language: 'en' } });
    await api.dataSource.query('UPDATE invitations SET person_id = NULL WHERE dialogue_id = $1', [id]);
    expect((await content(id, mailId)).json()).toMatchObject({
      same: null,
      reasons: ['What it was about is gone.'],
      content: null,
    });
    expect((await content(id, mailId, '?format=html')).json().code).toBe('not_to_be_seen');
  });

  test('is shown as a page too, and to nobody else', async () => {
    const { id, mailId } = await sent();
    const page = await content(id, mailId, '?format=html');
    expect(page.headers['content-security-policy']).toMatch(/sandbox$/);
    const other = await publishDialogue(api);
    const { token } = await api.newOrganiser();
    expect((await content(other.id, mailId)).statusCode).toBe(404);
    expect((await content(id, '999999999')).statusCode).toBe(404);
    expect((await content(id, 'x')).statusCode).toBe(404);
    expect((await content(id, mailId, '', { token })).statusCode).toBe(404);
  });
});
