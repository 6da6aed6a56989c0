import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';

let api: TestApi;
let dialogue: string;
let other: string;

beforeAll(async () => {
  api = await startApi();
  dialogue = (await publishDialogue(api)).id;
  other = (await publishDialogue(api, { title: 'Another' })).id;
  await inviteList(api, dialogue, listOf(6));
  await inviteList(api, other, listOf(2));
});
afterAll(() => api.close());

beforeEach(async () => {
  await api.dataSource.query(
    `UPDATE mails SET state = 'queued', claimed_by = NULL, released_at = NULL, answer = NULL`,
  );
});

const change = async (what: 'mail-holds' | 'mail-releases', body: object, id = dialogue) => {
  const answer = await api.request('POST', `/v1/dialogues/${id}/${what}`, body);
  expect(answer.statusCode).toBe(200);
  return answer.json() as { count: number; kinds: { kind: string; count: number }[] };
};
const states = async (id = dialogue): Promise<Record<string, number>> => {
  const rows: { state: string; count: number }[] = await api.dataSource.query(
    'SELECT state, count(*)::int AS count FROM mails WHERE dialogue_id = $1 GROUP BY state',
    [id],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};
const ids = async (): Promise<string[]> =>
  (
    await api.dataSource.query('SELECT id::text FROM mails WHERE dialogue_id = $1 ORDER BY id', [dialogue])
  ).map(({ id }: { id: string }) => id);

test('nothing is held or released without a word on which, or for a kind that there is not', async () => {
  await change('mail-holds', {});
  for (const what of ['mail-holds', 'mail-releases']) {
    const path = `/v1/dialogues/${dialogue}/${what}`;
    const nothing = await api.request('POST', path);
    expect([nothing.statusCode, nothing.json().code]).toEqual([422, 'body_missing']);
    const emptyForm = await api.app.inject({
      method: 'POST',
      url: path,
      headers: {
        authorization: `Bearer ${api.organiser.token}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: '',
    });
    expect([emptyForm.statusCode, emptyForm.json().code]).toEqual([422, 'body_missing']);
    const mistyped = await api.request('POST', path, { kind: 'invitations' });
    expect([mistyped.statusCode, mistyped.json().errors]).toMatchObject([
      422,
      [{ field: 'kind', detail: expect.stringContaining('invitation, ') }],
    ]);
  }
  expect(await states()).toEqual({ held: 6 });
  const listed = await api.request('GET', `/v1/dialogues/${dialogue}/mails?kind=invitation,reminders`);
  expect([listed.statusCode, listed.json().errors]).toMatchObject([422, [{ field: 'kind' }]]);
});

test('everything that waits is held and released, and nothing of another dialogue', async () => {
  expect(await change('mail-holds', {})).toEqual({ count: 6, kinds: [{ kind: 'invitation', count: 6 }] });
  expect(await states()).toEqual({ held: 6 });
  expect(await states(other)).toEqual({ queued: 2 });
  expect(await change('mail-releases', {}, other)).toEqual({ count: 0, kinds: [] });
  expect(await change('mail-releases', {})).toEqual({ count: 6, kinds: [{ kind: 'invitation', count: 6 }] });
  expect(await states()).toEqual({ queued: 6 });
  const [{ due }] = await api.dataSource.query(
    `SELECT count(*)::int AS due FROM mails WHERE released_at IS NOT NULL AND next_attempt_at <= now()`,
  );
  expect(due).toBe(6);
});

test('what a worker has claimed is held too, what is on the line or gone is not', async () => {
  const [claimed, deferred, sending, sent] = await ids();
  const set = (id: string, values: string) =>
    api.dataSource.query(`UPDATE mails SET ${values} WHERE id = $1`, [id]);
  await set(claimed!, `claimed_by = gen_random_uuid()`);
  await set(deferred!, `state = 'deferred'`);
  await set(sending!, `state = 'sending', claimed_by = gen_random_uuid()`);
  await set(sent!, `state = 'sent'`);
  expect((await change('mail-holds', {})).count).toBe(4);
  expect(await states()).toEqual({ held: 4, sending: 1, sent: 1 });
  const [row] = await api.dataSource.query('SELECT state, claimed_by FROM mails WHERE id = $1', [claimed]);
  expect(row).toEqual({ state: 'held', claimed_by: null });
});

test('by kind, by number, by when they were queued', async () => {
  expect((await change('mail-holds', { kind: 'reminder' })).count).toBe(0);
  expect((await change('mail-holds', { ids: (await ids()).slice(0, 2) })).count).toBe(2);
  const at = new Date('2060-01-01T00:00Z');
  await api.dataSource.query('UPDATE mails SET created_at = $1 WHERE id = $2', [at, (await ids())[0]]);
  expect((await change('mail-releases', { queued_after: at.toISOString() })).count).toBe(1);
  expect((await change('mail-releases', { queued_before: at.toISOString(), kind: 'invitation' })).count).toBe(
    1,
  );
});

test('what was released and is held again is not released any more', async () => {
  await change('mail-holds', {});
  await change('mail-releases', {});
  await change('mail-holds', {});
  const [{ released }] = await api.dataSource.query(
    'SELECT count(released_at)::int AS released FROM mails WHERE dialogue_id = $1',
    [dialogue],
  );
  expect(released).toBe(0);
});

test('who did it is written down, once, and nothing when there was nothing to do', async () => {
  const [{ last }] = await api.dataSource.query('SELECT max(id) AS last FROM audit_entries');
  await change('mail-holds', { kind: 'invitation' });
  await change('mail-releases', { kind: 'reminder' });
  const lines = await api.dataSource.query(
    `SELECT actor, action, dialogue_id, details FROM audit_entries WHERE id > $1`,
    [last],
  );
  expect(lines).toEqual([
    {
      actor: `organiser:${api.organiser.id}`,
      action: 'mails.held',
      dialogue_id: dialogue,
      details: { kind: 'invitation' },
    },
  ]);
});

test.each([{ ids: [] }, { ids: ['x'] }, { queued_before: '2060-01-01' }, { state: 'sent' }])(
  '%j is refused',
  async (body) => {
    expect((await api.request('POST', `/v1/dialogues/${dialogue}/mail-holds`, body)).statusCode).toBe(422);
    expect(await states()).toEqual({ queued: 6 });
  },
);

describe('invitations that are sent as held', () => {
  let id: string;
  const send = (body: object) => api.request('POST', `/v1/dialogues/${id}/invitations`, body);

  beforeEach(async () => {
    ({ id } = await publishDialogue(api, { title: 'To be looked at first' }));
    const list = await api.request('POST', `/v1/dialogues/${id}/imports`, listOf(3));
    await api.request('POST', `/v1/imports/${list.json().id}/confirmation`);
  });

  test('stand in the ledger, can be looked at, and go when they are released', async () => {
    expect((await send({ to: 'prepared', held: true })).json()).toEqual({ queued: 3, already_registered: 0 });
    expect(await states(id)).toEqual({ held: 3 });
    const [mail] = (await api.request('GET', `/v1/dialogues/${id}/mails?state=held`)).json().items;
    expect(mail).toMatchObject({ kind: 'invitation', answer: 'Held by an organiser.' });
    const said = await api.request('GET', `/v1/dialogues/${id}/mails/${mail.id}/content`);
    expect(said.json()).toMatchObject({
      reasons: [],
      content: { subject: 'Invitation: To be looked at first' },
    });

    expect((await send({ to: 'prepared' })).json()).toEqual({ queued: 0, already_registered: 0 });
    expect(await states(id)).toEqual({ held: 3 });
    expect(await change('mail-releases', { kind: 'invitation' }, id)).toMatchObject({ count: 3 });
    expect(await states(id)).toEqual({ queued: 3 });
  });

  test('are written down as such, and only a yes or no is understood', async () => {
    for (const held of ['true', 1]) {
      const refused = await send({ to: 'prepared', held });
      expect([refused.statusCode, refused.json().errors]).toMatchObject([422, [{ field: 'held' }]]);
    }
    await send({ to: 'prepared', held: true });
    const lines = await api.dataSource.query(
      `SELECT details FROM audit_entries WHERE dialogue_id = $1 AND action = 'invitations.sent'`,
      [id],
    );
    expect(lines).toEqual([{ details: { queued: 3, held: true } }]);
  });
});
