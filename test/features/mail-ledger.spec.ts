import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';
import { statementsDuring } from '../support/statements';

interface Row {
  id: string;
  kind: string;
  state: string;
  recipient: string;
  subject_id: string;
}
interface Page {
  items: Row[];
  counts: { kind: string; state: string; count: number }[];
  matching: { kind: string; state: string; count: number }[];
  next_cursor: string | null;
}

let api: TestApi;
let dialogue: string;

beforeAll(async () => {
  api = await startApi();
  dialogue = (await publishDialogue(api)).id;
  await inviteList(api, dialogue, listOf(4));
  await api.dataSource.query(
    `UPDATE mails SET state = 'sent', sent_at = '2060-01-02T00:00Z', created_at = '2060-01-01T00:00Z'
     WHERE recipient = 'person.1@ministry.example'`,
  );
  await api.dataSource.query(
    `UPDATE mails SET state = 'failed', language = 'ar', uncertain = true WHERE recipient = 'person.2@ministry.example'`,
  );
});
afterAll(() => api.close());

async function mails(query: string): Promise<Page> {
  const answer = await api.request('GET', `/v1/dialogues/${dialogue}/mails${query}`);
  expect({ query, status: answer.statusCode }).toEqual({ query, status: 200 });
  return answer.json();
}

const people = ({ items }: Page) =>
  items.map(({ recipient }) => Number(/\d+/.exec(recipient)?.[0])).toSorted();

describe('the ledger is narrowed', () => {
  test.each([
    ['?state=sent', [1]],
    ['?state=sent,failed', [1, 2]],
    ['?state=sent&state=failed', [1, 2]],
    ['?kind=invitation,reminder', [1, 2, 3, 4]],
    ['?kind=reminder', []],
    ['?recipient=Person.3@MINISTRY.example', [3]],
    ['?language=ar', [2]],
    ['?uncertain=true', [2]],
    ['?uncertain=false&state=queued', [3, 4]],
    ['?sent_after=2060-01-02T01:00%2B01:00&sent_before=2060-01-03T00:00:00Z', [1]],
    ['?sent_before=2060-01-02T00:00:00Z', []],
    ['?queued_after=2060-01-01T00:00:00Z', [1]],
    ['?queued_before=2060-01-01T00:00:00Z', [2, 3, 4]],
  ])('by %s', async (query, expected) => {
    const page = await mails(query);
    expect(people(page)).toEqual(expected);
    expect(page.matching.reduce((sum, { count }) => sum + count, 0)).toBe(expected.length);
    expect(page.counts.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  test('counts say how many of what is narrowed are in which state, on all its pages', async () => {
    const page = await mails('?state=sent,queued&limit=1');
    expect(page.items).toHaveLength(1);
    expect(page.matching).toEqual([
      { kind: 'invitation', state: 'queued', count: 2 },
      { kind: 'invitation', state: 'sent', count: 1 },
    ]);
    expect(page.counts).toContainEqual({ kind: 'invitation', state: 'failed', count: 1 });
  });

  test('by a person: what concerns their invitation and what concerns their registration', async () => {
    const [{ id: invitation }] = await api.dataSource.query(
      `SELECT i.id FROM invitations i JOIN people p ON p.id = i.person_id WHERE p.email = 'person.1@ministry.example'`,
    );
    const [{ id: registration }] = await api.dataSource.query(
      `INSERT INTO registrations (dialogue_id, invitation_id, name, name_key, email, email_key, language, time_zone, state)
       VALUES ($1, $2, 'P', 'p', 'person.1@ministry.example', 'person.1@ministry.example', 'en', 'UTC', 'withdrawn') RETURNING id`,
      [dialogue, invitation],
    );
    await api.dataSource.query(
      `INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state)
       VALUES ('cancellation', $1, $2, 'person.1@ministry.example', 'en', 'test:1', 'stale')`,
      [dialogue, registration],
    );
    for (const about of [invitation, registration]) {
      expect((await mails(`?about=${about}`)).items.map(({ kind }) => kind)).toEqual([
        'cancellation',
        'invitation',
      ]);
    }
    await api.dataSource.query(`DELETE FROM mails WHERE dedupe_key = 'test:1'`);
  });

  test.each([
    '?state=lost',
    '?queued_before=yesterday',
    '?queued_before=2060-01-01T00:00',
    '?about=me',
    '?uncertain=perhaps',
  ])('and %s is refused', async (query) => {
    const answer = await api.request('GET', `/v1/dialogues/${dialogue}/mails${query}`);
    expect(answer.statusCode).toBe(422);
  });
});

describe('one mail', () => {
  test('is shown with what came back, and with what was sent again', async () => {
    const [failed] = (await mails('?state=failed')).items;
    await api.dataSource.query(
      `INSERT INTO mail_returns (digest, kind, mail_id, dialogue_id, status, diagnostic)
       VALUES ('d', 'hard bounce', $1, $2, '5.1.1', 'no such user')`,
      [failed!.id, dialogue],
    );
    const again = await api.request('POST', `/v1/dialogues/${dialogue}/mails/${failed!.id}/resending`);
    expect(again.statusCode).toBe(201);
    expect(again.json()).toMatchObject({ state: 'queued', attempts: 0, recipient: failed!.recipient });

    const shown = await api.request('GET', `/v1/dialogues/${dialogue}/mails/${failed!.id}`);
    expect(shown.json()).toMatchObject({
      id: failed!.id,
      returns: [{ kind: 'hard bounce', status: '5.1.1', mail_id: failed!.id }],
      again: [{ id: again.json().id }],
    });
    const other = await api.request('GET', String(again.headers.location));
    expect(other.json()).toMatchObject({ id: again.json().id, returns: [], again: [{ id: failed!.id }] });
  });

  test('of another dialogue is not there', async () => {
    const [mail] = (await mails('')).items;
    const other = await publishDialogue(api, { title: 'Another' });
    for (const path of [`${other.id}/mails/${mail!.id}`, `${dialogue}/mails/0`, `${dialogue}/mails/x`]) {
      expect((await api.request('GET', `/v1/dialogues/${path}`)).statusCode).toBe(404);
    }
  });
});

describe('sending again', () => {
  let mail: string;

  beforeEach(async () => {
    await api.dataSource.query(`DELETE FROM mails WHERE dedupe_key LIKE 'invitation:%:again:%'`);
    const [row] = await api.dataSource
      .query(
        `UPDATE mails SET state = 'sent', sent_at = now(), useful_until = NULL
       WHERE recipient = 'person.3@ministry.example' RETURNING id::text`,
      )
      .then(([rows]) => rows as { id: string }[]);
    mail = row!.id;
  });

  const send = (id = mail, headers = {}) =>
    api.request('POST', `/v1/dialogues/${dialogue}/mails/${id}/resending`, undefined, { headers });
  const settle = (id: string, values: string) =>
    api.dataSource.query(`UPDATE mails SET ${values} WHERE id = $1`, [id]);

  test('makes a new mail each time, with a key that renderers read as the first', async () => {
    const first = (await send()).json();
    await settle(first.id, `state = 'failed'`);
    const second = (await send(first.id)).json();
    const rows = await api.dataSource.query(
      `SELECT dedupe_key, message_id FROM mails WHERE id = ANY($1) ORDER BY id`,
      [[mail, first.id, second.id]],
    );
    const [key] = rows.map((row: { dedupe_key: string }) => row.dedupe_key);
    expect(rows.map((row: { dedupe_key: string }) => row.dedupe_key)).toEqual([
      key,
      `${key}:again:1`,
      `${key}:again:2`,
    ]);
    expect(new Set(rows.map((row: { message_id: string }) => row.message_id)).size).toBe(3);
  });

  test.each([
    [`state = 'queued'`, 'mail_waits'],
    [`state = 'sending'`, 'mail_waits'],
    [`state = 'held'`, 'mail_waits'],
    [`state = 'stale', answer = 'The dialogue was cancelled.'`, 'mail_stale'],
    [`state = 'sent', forget_recipient = true`, 'recipient_forgotten'],
  ])('is refused where %s', async (values, code) => {
    await settle(mail, values);
    const answer = await send();
    expect(answer.statusCode).toBe(409);
    expect(answer.json().code).toBe(code);
    await settle(mail, `forget_recipient = false`);
  });

  test('is useful until the dialogue starts where its use has ended, and refused when that has, too', async () => {
    await settle(mail, `state = 'missed', useful_until = now() - interval '1 day'`);
    const again = (await send()).json();
    const [{ starts_at: start }] = await api.dataSource.query(
      'SELECT starts_at FROM dialogues WHERE id = $1',
      [dialogue],
    );
    expect(again.useful_until).toBe(start.toISOString());
    await settle(again.id, `state = 'failed'`);
    await api.dataSource.query(`UPDATE dialogues SET starts_at = now() - interval '1 hour' WHERE id = $1`, [
      dialogue,
    ]);
    const late = await send();
    await api.dataSource.query(`UPDATE dialogues SET starts_at = $2 WHERE id = $1`, [dialogue, start]);
    expect(late.json().code).toBe('mail_no_longer_useful');
  });

  test('happens once for an Idempotency-Key, and once for two who ask at the same moment', async () => {
    const headers = { 'idempotency-key': 'once' };
    const [one, two] = [await send(mail, headers), await send(mail, headers)];
    expect(two.json().id).toBe(one.json().id);
    await settle(one.json().id, `state = 'sent'`);
    const both = await Promise.all([send(), send(one.json().id)]);
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([201, 409]);
  });

  test('is written down', async () => {
    const again = (await send()).json();
    const [line] = await api.dataSource.query(
      `SELECT actor, details FROM audit_entries WHERE action = 'mail.sent_again' ORDER BY id DESC LIMIT 1`,
    );
    expect(line).toEqual({ actor: `organiser:${api.organiser.id}`, details: { mail, again: again.id } });
  });
});

test('a dialogue of 100,000 mails among as many others is read by an index, page and counts', async () => {
  const big = await publishDialogue(api, { title: 'Big' });
  for (const id of [big.id, dialogue]) {
    await api.dataSource.query(
      `INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state)
       SELECT 'reminder', $1::uuid, gen_random_uuid(), n || '@many.example', 'en', $1::text || n, CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'sent' END
       FROM generate_series(1, 100000) AS n`,
      [id],
    );
  }
  await api.dataSource.query('ANALYZE mails');
  const [{ subject_id: about }] = await api.dataSource.query(
    'SELECT subject_id FROM mails WHERE dialogue_id = $1 LIMIT 1',
    [big.id],
  );
  const plans = async (query: string) => {
    const statements = await statementsDuring(api.dataSource, () =>
      api.request('GET', `/v1/dialogues/${big.id}/mails${query}`),
    );
    const found: string[] = [];
    for (const { text: sql, values } of statements.filter(({ text }) => text.includes('"mails"'))) {
      const rows = await api.dataSource.query(`EXPLAIN (ANALYZE) ${sql}`, values);
      found.push(rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n'));
    }
    if (process.env.VERBOSE) console.log(query, found.join('\n\n'));
    return { page: found[0]!, matching: found.at(-1)! };
  };
  const newestFirst = /Index Scan (Backward )?using (mails_dialogue|mails_pkey)/;
  const all = await plans('');
  expect(all.page).toMatch(newestFirst);
  // Nothing sorts a whole dialogue for one page.
  expect(all.page).not.toMatch(/Sort/);
  expect((await plans('?state=failed')).page).toMatch(/mails_failed/);
  expect((await plans('?recipient=5@many.example')).page).toMatch(/mails_dialogue|mails_pkey/);
  const ofOne = await plans(`?about=${about}`);
  expect(ofOne.page).toMatch(/mails_subject/);
  expect(ofOne.matching).toMatch(/mails_subject/);
});
