import type { Mail } from '@app/mail';
import { startNotifications, type TestNotifications } from '../support/notifications';

let system: TestNotifications;
let organiser: string;
let dialogue: string;

beforeAll(async () => {
  system = await startNotifications();
  const [row] = await sql(
    `INSERT INTO organisers (email, email_key, name) VALUES ('o@agency.example', 'o@agency.example', 'O') RETURNING id`,
  );
  organiser = row!.id!;
});
afterAll(() => system.close());

/** A published dialogue that starts in a day, announced two days ago. */
beforeEach(async () => {
  const [row] = await sql(
    `INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at, venue,
       hosts, working_languages, registration, state, schedule_changed_at)
     VALUES ($1, gen_random_uuid(), 'Dialogue', '-', '-', 'Africa/Cairo', now() + interval '1 day',
       now() + interval '1 day 2 hours', '{"kind": "virtual"}', '{Agency}', '{en}', 'open', 'published',
       now() - interval '2 days') RETURNING id`,
    [organiser],
  );
  dialogue = row!.id!;
});

function sql(text: string, parameters: unknown[] = []): Promise<Record<string, string>[]> {
  return system.dataSource.query(text, parameters);
}

/** A rule that fell due `ago`, was made two days ago, and is useful until the start. */
async function rule(
  before: string,
  ago: string,
  { audience = 'everyone', usefulUntil = '1 day' } = {},
): Promise<string> {
  const [row] = await sql(
    `INSERT INTO reminder_rules (dialogue_id, before, audience, effective_at, due_at, useful_until)
     VALUES ($1, $2, $3, now() - interval '2 days', now() - $4::interval, now() + $5::interval) RETURNING id`,
    [dialogue, before, audience, ago, usefulUntil],
  );
  return row!.id!;
}

async function registrant(name: string, confirmedAgo: string, state = 'confirmed'): Promise<string> {
  const [row] = await sql(
    `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
       participation_count, confirmed_at, waitlist_number)
     VALUES ($1, $2, lower($2), 'one@ministry.example', 'one@ministry.example', 'en', 'UTC', $4, 1,
       CASE WHEN $4 = 'confirmed' THEN now() - $3::interval END, CASE WHEN $4 = 'waitlisted' THEN 1 END) RETURNING id`,
    [dialogue, name, confirmedAgo, state],
  );
  return row!.id!;
}

const reminders = async (): Promise<Mail[]> => system.ledger(`dialogue_id = '${dialogue}'`);
const reminded = async (): Promise<string[]> => (await reminders()).map(({ recipientName }) => recipientName);

test('whoever is confirmed when a rule falls due is reminded once, however often it is planned', async () => {
  await rule('P1D', '5 seconds');
  await registrant('Early', '1 hour');
  await registrant('Waiting', '1 hour', 'waitlisted');
  await registrant('Gone', '1 hour', 'withdrawn');
  expect(await system.planner.plan()).toBe(1);
  expect(await system.planner.plan()).toBe(0);
  expect(await reminders()).toMatchObject([
    {
      kind: 'reminder',
      recipientName: 'Early',
      state: 'queued',
      usefulUntil: expect.any(Date),
      parameters: { before: 'P1D' },
      dedupeKey: expect.stringMatching(/^reminder:[\w-]{36}:1:1:P1D$/),
    },
  ]);
});

test('a rule that is not due yet reminds nobody', async () => {
  await rule('PT1H', '-5 minutes');
  await registrant('Early', '1 hour');
  expect(await system.planner.plan()).toBe(0);
});

test('whoever registers after a rule fell due is not flooded with what was before', async () => {
  await rule('P7D', '6 hours');
  await rule('P1D', '10 seconds');
  await registrant('Late', '1 hour');
  await registrant('Very late', '1 second');
  await system.planner.plan();
  expect(
    (await reminders()).map(({ recipientName, parameters }) => [recipientName, parameters.before]),
  ).toEqual([['Late', 'P1D']]);
});

test('a confirmation that was under way when the rule fell due is found by a later turn', async () => {
  await rule('P1D', '5 seconds');
  const late = system.dataSource.createQueryRunner();
  await late.startTransaction();
  await late.query(
    `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
       participation_count, confirmed_at)
     VALUES ($1, 'Under way', 'under way', 'a@b.example', 'a@b.example', 'en', 'UTC', 'confirmed', 1, now() - interval '6 seconds')`,
    [dialogue],
  );
  expect(await system.planner.plan()).toBe(0);
  await late.commitTransaction();
  await late.release();
  expect(await system.planner.plan()).toBe(1);
});

test('a rule is closed a minute after it fell due and was planned, and not scanned for a week', async () => {
  const id = await rule('P1D', '2 minutes');
  await registrant('Early', '1 hour');
  expect(await system.planner.plan()).toBe(1);
  await registrant('Found too late', '1 hour');
  expect(await system.planner.plan()).toBe(0);
  const [row] = await sql(
    `SELECT planned_at > due_at + interval '1 minute' AS closed FROM reminder_rules WHERE id = $1`,
    [id],
  );
  expect(row!.closed).toBe(true);
});

test('a rule that was made after the moment it names owes nothing', async () => {
  const id = await rule('P1D', '1 minute');
  await sql(`UPDATE reminder_rules SET effective_at = now() WHERE id = $1`, [id]);
  await registrant('Early', '1 hour');
  expect(await system.planner.plan()).toBe(0);
});

test('a dialogue that is moved after a rule fell due gets no reminder for its old time', async () => {
  await rule('P1D', '10 seconds');
  await registrant('Early', '1 hour');
  await sql(`UPDATE dialogues SET schedule_changed_at = now(), schedule_revision = 2 WHERE id = $1`, [
    dialogue,
  ]);
  expect(await system.planner.plan()).toBe(0);
});

test('moved and moved back before it is due, a dialogue is reminded of once, under its latest revision', async () => {
  const id = await rule('P1D', '-1 hour');
  await registrant('Early', '1 day');
  await sql(
    `UPDATE dialogues SET schedule_revision = 3, schedule_changed_at = now() - interval '1 hour' WHERE id = $1`,
    [dialogue],
  );
  expect(await system.planner.plan()).toBe(0);
  await sql(
    `UPDATE reminder_rules SET due_at = now() - interval '1 second', planned_at = NULL WHERE id = $1`,
    [id],
  );
  expect(await system.planner.plan()).toBe(1);
  expect((await reminders())[0]!.dedupeKey).toMatch(/:1:3:P1D$/);
});

test('two rules with one offset remind a speaker once', async () => {
  await rule('P1D', '5 seconds');
  await rule('P1D', '5 seconds', { audience: 'speakers' });
  await registrant('Sawsan Suleiman', '1 hour');
  await sql(
    `INSERT INTO agenda_sessions (dialogue_id, position, title, minutes, moderator, moderator_key)
     VALUES ($1, 1, 'Scene setting', 20, 'Sawsan Suleiman', 'sawsan suleiman')`,
    [dialogue],
  );
  expect(await system.planner.plan()).toBe(1);
});

test('a rule for speakers reminds those whom the agenda names as moderator or speaker, whatever the writing', async () => {
  await rule('P7D', '5 seconds', { audience: 'speakers' });
  for (const name of ['Moderator One', 'MODERATOR Two', 'Speaker Three', 'Listener Four'])
    await registrant(name, '1 hour');
  await sql(
    `WITH session AS (INSERT INTO agenda_sessions (dialogue_id, position, title, minutes, moderator, moderator_key)
       VALUES ($1, 1, 'Scene setting', 20, 'Moderator One', 'moderator one') RETURNING id)
     INSERT INTO agenda_items (session_id, position, title, minutes, moderator, moderator_key, speakers, speaker_keys)
     SELECT id, 1, 'Opening', 10, 'Moderator Two', 'moderator two', '{Speaker Three,Stranger}'::text[],
       '{speaker three,stranger}'::text[] FROM session`,
    [dialogue],
  );
  await system.planner.plan();
  expect((await reminded()).toSorted()).toEqual(['MODERATOR Two', 'Moderator One', 'Speaker Three']);
});

test('whoever withdrew and returned before it is due gets a reminder of their own', async () => {
  const id = await rule('P1D', '5 seconds');
  const returner = await registrant('Returner', '1 hour');
  expect(await system.planner.plan()).toBe(1);
  await sql(`UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL WHERE id = $1`, [returner]);
  await sql(
    `UPDATE registrations SET state = 'confirmed', participation_count = 2,
       confirmed_at = (SELECT due_at - interval '5 seconds' FROM reminder_rules WHERE id = $2) WHERE id = $1`,
    [returner, id],
  );
  await sql(`UPDATE reminder_rules SET planned_at = NULL WHERE id = $1`, [id]);
  expect(await system.planner.plan()).toBe(1);
  const [first, second] = await reminders();
  const rendered = await system.renderers.of('reminder').render([first!, second!]);
  expect(rendered.get(first!.id)).toHaveProperty('stale');
  expect(rendered.get(second!.id)).toHaveProperty('subject');
});

test('a rule whose use ended before it could be planned is recorded as missed', async () => {
  await rule('PT1H', '2 hours', { usefulUntil: '-1 hour' });
  await registrant('Early', '1 day');
  expect(await system.planner.plan()).toBe(0);
  expect(await reminders()).toMatchObject([{ recipientName: 'Early', state: 'missed' }]);
});

test('a cancelled dialogue is reminded of by nothing', async () => {
  await rule('P1D', '5 seconds');
  await registrant('Early', '1 hour');
  await sql(`UPDATE dialogues SET state = 'cancelled' WHERE id = $1`, [dialogue]);
  expect(await system.planner.plan()).toBe(0);
});

test('two planners at once remind everyone once', async () => {
  await rule('P1D', '5 seconds');
  await rule('PT23H', '3 seconds');
  await sql(
    `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
       participation_count, confirmed_at)
     SELECT $1, 'Delegate ' || n, 'delegate ' || n, 'd@b.example', 'd@b.example', 'en', 'UTC', 'confirmed', 1, now() - interval '1 hour'
     FROM generate_series(1, 500) n`,
    [dialogue],
  );
  // Connections that are open already, so that they do meet.
  await Promise.all(Array.from({ length: 8 }, () => sql('SELECT pg_sleep(0.2)')));
  const planned = await Promise.all(Array.from({ length: 4 }, () => system.planner.plan()));
  expect(planned.reduce((sum, queued) => sum + queued)).toBe(1_000);
  expect(await reminders()).toHaveLength(1_000);
});

test('a reminder waits for nobody: one that waits in the ledger when the dialogue moves is stale', async () => {
  await rule('P1D', '5 seconds');
  await registrant('Early', '1 hour');
  await system.planner.plan();
  await sql(
    `UPDATE dialogues SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour' WHERE id = $1`,
    [dialogue],
  );
  const [mail] = await reminders();
  expect((await system.renderers.of('reminder').render([mail!])).get(mail!.id)).toEqual({
    stale: 'The dialogue has moved since.',
  });
});

test('a new room leaves a waiting reminder in force, with the new room in it', async () => {
  await rule('P1D', '5 seconds');
  await registrant('Early', '1 hour');
  await system.planner.plan();
  await sql(
    `UPDATE dialogues SET venue = '{"kind": "in_person", "room": "Hall B"}', schedule_revision = 2, schedule_changed_at = now() WHERE id = $1`,
    [dialogue],
  );
  expect(await system.planner.plan()).toBe(0);
  const [mail] = await reminders();
  expect((await system.renderers.of('reminder').render([mail!])).get(mail!.id)).toMatchObject({
    text: expect.stringContaining('Hall B'),
  });
});
