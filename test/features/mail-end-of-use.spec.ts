import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test('a mail that is useful until the dialogue starts stays so when the dialogue moves, unless it is on the line or has gone', async () => {
  const { id } = await publishDialogue(api);
  await inviteList(api, id, listOf(5));
  const states = ['queued', 'deferred', 'held', 'sending', 'sent'];
  await api.dataSource.query(
    `UPDATE mails SET state = s.state FROM (
       SELECT mails.id, ($2::text[])[row_number() OVER (ORDER BY mails.id)] AS state FROM mails WHERE dialogue_id = $1) AS s
     WHERE s.id = mails.id`,
    [id, states],
  );
  const differing = async (): Promise<string[]> => {
    const rows: { state: string }[] = await api.dataSource.query(
      `SELECT m.state FROM mails m JOIN dialogues d ON d.id = m.dialogue_id
       WHERE d.id = $1 AND m.useful_until IS DISTINCT FROM d.starts_at ORDER BY m.id`,
      [id],
    );
    return rows.map(({ state }) => state);
  };
  expect(await differing()).toEqual([]);
  const [before] = await api.dataSource.query('SELECT starts_at FROM dialogues WHERE id = $1', [id]);
  const day = new Date(before.starts_at.getTime() + 7 * 86_400_000).toISOString().slice(0, 10);
  const moved = await api.request('PATCH', `/v1/dialogues/${id}`, {
    starts_at_local: `${day}T11:00`,
    ends_at_local: `${day}T13:00`,
  });
  expect(moved.statusCode).toBe(200);
  expect(await differing()).toEqual(['sending', 'sent']);
});
