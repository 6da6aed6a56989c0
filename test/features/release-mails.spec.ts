import { startApi, type TestApi } from '../support/api';
import { until } from '../support/until';
import { inviteList, listOf, publishDialogue, type TestDialogue } from '../support/participants';

/** When the backup was taken: two of the dialogue's mails were queued before. */
const BACKUP = '2026-01-28T06:00:00Z';

let api: TestApi;
let dialogue: TestDialogue;
let other: TestDialogue;

beforeAll(async () => {
  api = await startApi();
  dialogue = await publishDialogue(api);
  other = await publishDialogue(api, { title: 'Another' });
  await inviteList(api, dialogue.id, listOf(4));
  await inviteList(api, other.id, listOf(3));
  await api.dataSource.query(
    `INSERT INTO mails (kind, subject_id, recipient_name, recipient, language, dedupe_key)
     VALUES ('role-given', gen_random_uuid(), 'Amina Diallo', 'amina@agency.example', 'en', 'role-given:1')`,
  );
});
afterAll(() => api.close());

beforeEach(async () => {
  await api.dataSource.query('DELETE FROM bullmq.job');
  await api.dataSource.query(
    `UPDATE mails SET state = 'held', released_at = NULL, answer = 'Held, since MAIL_HOLD is set.',
       next_attempt_at = now() + interval '1 day'`,
  );
  await api.dataSource.query(
    `UPDATE mails SET created_at = $1::timestamptz - interval '1 hour'
     WHERE id IN (SELECT id FROM mails WHERE dialogue_id = $2 ORDER BY id LIMIT 2)`,
    [BACKUP, dialogue.id],
  );
});

/** What the command says with these options. */
const command = async (...options: string[]): Promise<string> => {
  const { releaseMails } =
    require('../../apps/api/src/mails/release-mails') as typeof import('../../apps/api/src/mails/release-mails');
  return (await releaseMails(api.app, options)).join('\n');
};
/** Queued and due, by dialogue and kind. */
const released = async (): Promise<Record<string, number>> => {
  const rows: { slug: string; count: number }[] = await api.dataSource.query(
    `SELECT coalesce(slug, m.kind) AS slug, count(*)::int AS count FROM mails m LEFT JOIN dialogues d ON d.id = m.dialogue_id
     WHERE m.state = 'queued' AND released_at IS NOT NULL AND next_attempt_at <= now() GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ slug, count }) => [slug, count]));
};
const wakes = async (): Promise<number> =>
  (await api.dataSource.query(`SELECT FROM bullmq.job WHERE name = 'sweep-mails'`)).length;

test('shows by kind and dialogue what is held, releases nothing, and says what to do next', async () => {
  const said = await command();
  expect(said.split('\n')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(new RegExp(`^ +4  invitation +${dialogue.slug}$`)),
      expect.stringMatching(new RegExp(`^ +3  invitation +${other.slug}$`)),
      expect.stringMatching(/^ +1 {2}role-given +\(no dialogue\)$/),
    ]),
  );
  expect(said).toMatch(/Nothing is released yet. Next: .* with --yes, or narrow it down/);
  expect(await released()).toEqual({});
  expect(await wakes()).toBe(0);
});

test('with --yes releases all of it, due now, wakes a worker and says what to do next', async () => {
  const said = await command('--yes');
  expect(said).toMatch(/ 4 {2}invitation/);
  expect(said).toMatch(/Released: workers send them now.* Next: .* start the workers without MAIL_HOLD/);
  expect(await released()).toEqual({ [dialogue.slug]: 4, [other.slug]: 3, 'role-given': 1 });
  // The job is added without being waited for.
  await until(async () => (await wakes()) > 0, 'the job');
  expect(await wakes()).toBe(1);
});

test.each([
  ['kind', () => ['--kind', 'role-given'], () => ({ 'role-given': 1 })],
  ['dialogue', () => ['--dialogue', other.slug], () => ({ [other.slug]: 3 })],
  ['age, what may have gone already', () => ['--queued-before', BACKUP], () => ({ [dialogue.slug]: 2 })],
  [
    'age, what came later, with kind and dialogue',
    () => ['--queued-after', BACKUP, '--kind', 'invitation', '--dialogue', dialogue.slug],
    () => ({ [dialogue.slug]: 2 }),
  ],
])('releases by %s', async (_, options, expected) => {
  await command(...options(), '--yes');
  expect(await released()).toEqual(expected());
});

test('releases nothing the second time, and does not say that it did', async () => {
  await command('--dialogue', other.slug, '--yes');
  await api.dataSource.query(`UPDATE mails SET state = 'sent' WHERE state = 'queued'`);
  const said = await command('--dialogue', other.slug, '--yes');
  expect(said).toBe('None of these is held. Next: see what is with `npm run release-mails`.');
  expect(await released()).toEqual({});
  await command('--yes');
  expect(await command('--yes')).toMatch(/^None is held\. A worker with MAIL_HOLD holds what waits/);
});

test('writes down that an operator released, once a dialogue, with what was asked for', async () => {
  const [{ last }] = await api.dataSource.query('SELECT max(id) AS last FROM audit_entries');
  await command('--kind', 'invitation', '--queued-before', BACKUP, '--yes');
  await command('--kind', 'invitation', '--queued-before', BACKUP, '--yes');
  const lines = await api.dataSource.query(
    'SELECT actor, action, dialogue_id, details FROM audit_entries WHERE id > $1',
    [last],
  );
  expect(lines).toEqual([
    {
      actor: 'operator',
      action: 'mails.released',
      dialogue_id: dialogue.id,
      details: { kind: 'invitation', queuedBefore: new Date(BACKUP).toISOString() },
    },
  ]);
});

test.each([
  [['--kind', 'invitatoin'], /^--kind must be one of .*invitation.*; there is no kind "invitatoin"\.$/],
  [['--dialogue', 'nowhere'], /^--dialogue must be what stands behind \/d\/ .* no dialogue "nowhere"\.$/],
  [['--queued-before', '2060-01-28'], /^--queued-before must be an instant with its zone, such as 2060/],
  [['--queued-after', '2060-13-28T06:00:00Z'], /^--queued-after must be an instant with its zone/],
  [['--all'], /'--all'[^]*npm run release-mails -- \[--kind <kind>\]/],
  [['reminder'], /'reminder'[^]*npm run release-mails -- \[--kind <kind>\]/],
])('refuses %j, names the option and what it may be, and releases nothing', async (options, message) => {
  await expect(command(...options, '--yes')).rejects.toThrow(message);
  expect(await released()).toEqual({});
});
