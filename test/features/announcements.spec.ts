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

/** A published dialogue in May 2060, of which everyone was told as it is. */
beforeEach(async () => {
  const [row] = await sql(
    `INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at, venue,
       hosts, working_languages, registration, state, schedule_changed_at, announced)
     VALUES ($1, gen_random_uuid(), 'Dialogue', '2060-05-04T11:00', '2060-05-04T13:00', 'Africa/Cairo', '2060-05-04T08:00Z',
       '2060-05-04T10:00Z', '{"kind": "in_person", "room": "Hall A"}', '{Agency}', '{en}', 'open', 'published',
       now() - interval '2 days', '{"state": "published", "starts_at": "2060-05-04T08:00:00.000Z",
       "ends_at": "2060-05-04T10:00:00.000Z", "time_zone": "Africa/Cairo", "venue": {"kind": "in_person", "room": "Hall A"}}')
     RETURNING id`,
    [organiser],
  );
  dialogue = row!.id!;
});

function sql(text: string, parameters: unknown[] = []): Promise<Record<string, string>[]> {
  return system.dataSource.query(text, parameters);
}

async function registrant(
  name: string,
  state = 'confirmed',
  confirmedAt = `now() - interval '1 day'`,
): Promise<void> {
  await sql(
    `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state,
       participation_count, confirmed_at, waitlist_number)
     VALUES ($1, $2, lower($2), 'one@ministry.example', 'one@ministry.example', 'en', 'UTC', $3, 1,
       CASE WHEN $3 IN ('confirmed', 'under_review') THEN ${confirmedAt} END, CASE WHEN $3 = 'waitlisted' THEN 1 END)`,
    [dialogue, name, state],
  );
}

async function invitee(name: string, state: string, mailed = true): Promise<void> {
  await sql(
    `WITH p AS (INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
         VALUES ($1, $3, lower($3), $2 || $3, $2 || $3, 'fr', 'UTC') RETURNING id),
       i AS (INSERT INTO invitations (dialogue_id, person_id, state) SELECT $2::uuid, id, $4 FROM p RETURNING id)
     INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state)
     SELECT 'invitation', $2::uuid, id, 'a@b.example', 'fr', 'invitation:' || id || ':1', $5 FROM i`,
    [organiser, dialogue, name, state, mailed ? 'sent' : 'queued'],
  );
}

/** A focal point who was asked to nominate; `ask`: the state in which the request's mail is. @returns the delegation */
async function focalPoint(name: string, ask: 'sent' | 'queued' | null = 'sent'): Promise<string> {
  const [row] = await sql(
    `WITH p AS (INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
         VALUES ($1, $3, lower($3), $2 || '@mission.example', $2 || '@mission.example', 'en', 'UTC') RETURNING id)
     INSERT INTO delegations (dialogue_id, organisation, focal_point_id, invited_at, nominations_close_at_local,
       nominations_close_at)
     SELECT $2::uuid, $3, id, CASE WHEN $4::text IS NOT NULL THEN now() - interval '1 day' END, '2060-04-20T18:00',
       '2060-04-20T15:00Z' FROM p RETURNING id`,
    [organiser, dialogue, name, ask],
  );
  if (ask) {
    await sql(
      `INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state, sent_at, created_at)
       VALUES ('nomination-request', $1, $2::uuid, 'a@b.example', 'ar', 'nomination-request:' || $2 || ':1', $3,
         CASE WHEN $3 = 'sent' THEN now() - interval '1 day' END, now() - interval '1 day')`,
      [dialogue, row!.id, ask],
    );
  }
  return row!.id!;
}

/** The organiser changes something and the time of gathering is over. */
async function change(assignments: string): Promise<void> {
  await sql(
    `UPDATE dialogues SET ${assignments}, schedule_revision = schedule_revision + 1, schedule_changed_at = now(),
       announcement_due_at = now() WHERE id = $1`,
    [dialogue],
  );
}

const LATER = `starts_at = '2060-05-05T08:00Z', ends_at = '2060-05-05T10:00Z'`;
const BACK = `starts_at = '2060-05-04T08:00Z', ends_at = '2060-05-04T10:00Z'`;

const mails = async (): Promise<Mail[]> =>
  system.ledger(`dialogue_id = '${dialogue}' AND kind NOT IN ('invitation', 'nomination-request')`);
const told = async (): Promise<string[][]> =>
  (await mails()).map(({ kind, recipientName }) => [kind, recipientName]).toSorted();

test('a new time is told to the confirmed and the waitlisted, once, with the time before', async () => {
  await registrant('Confirmed');
  await registrant('Waiting', 'waitlisted');
  await registrant('Gone', 'withdrawn');
  await registrant('Unproved', 'unconfirmed');
  await change(LATER);
  expect(await system.announcer.announce()).toBe(2);
  expect(await system.announcer.announce()).toBe(0);
  expect(await told()).toEqual([
    ['change', 'Confirmed'],
    ['change', 'Waiting'],
  ]);
  expect((await mails())[0]!.parameters).toEqual({
    what: 'time',
    previous_starts_at: '2060-05-04T08:00:00.000Z',
    previous_ends_at: '2060-05-04T10:00:00.000Z',
    previous_time_zone: 'Africa/Cairo',
    previous_venue_kind: 'in_person',
    previous_platform: null,
    previous_room: 'Hall A',
  });
});

test('a new time and a cancellation are told to whoever waits for approval, is offered a place or is under review', async () => {
  for (const state of ['awaiting_approval', 'offered', 'under_review', 'refused']) {
    await registrant(state, state);
  }
  await change(LATER);
  await system.announcer.announce();
  await change(`state = 'cancelled'`);
  await system.announcer.announce();
  expect(await told()).toEqual(
    ['cancellation', 'change'].flatMap((kind) =>
      ['awaiting_approval', 'offered', 'under_review'].map((name) => [kind, name]),
    ),
  );
  const ledger = (await mails()).filter(({ kind }) => kind === 'cancellation');
  const rendered = await system.renderers.of('cancellation').render(ledger);
  const calendars = ledger.map(({ id, recipientName }) => {
    const mail = rendered.get(id)!;
    return [recipientName, 'calendar' in mail ? mail.calendar?.method : undefined];
  });
  // Only who takes part has it in the calendar.
  expect(Object.fromEntries(calendars)).toEqual({
    awaiting_approval: undefined,
    offered: undefined,
    under_review: 'CANCEL',
  });
});

test('what was told becomes what the next change is compared with', async () => {
  await registrant('Confirmed');
  await change(LATER);
  await system.announcer.announce();
  await change(`venue = '{"kind": "in_person", "room": "Hall B"}'`);
  expect(await system.announcer.announce()).toBe(1);
  expect((await mails()).map(({ parameters }) => parameters.what)).toEqual(['time', 'place']);
});

test('moved and moved back is nothing to tell', async () => {
  await registrant('Confirmed');
  await change(LATER);
  await change(BACK);
  expect(await system.announcer.announce()).toBe(0);
  const [row] = await sql(`SELECT announcement_due_at AS due FROM dialogues WHERE id = $1`, [dialogue]);
  expect(row!.due).toBeNull();
});

test('a change is not told while it is still being edited', async () => {
  await registrant('Confirmed');
  await change(LATER);
  await sql(`UPDATE dialogues SET announcement_due_at = now() + interval '1 minute' WHERE id = $1`, [
    dialogue,
  ]);
  expect(await system.announcer.announce()).toBe(0);
});

test('any other change is told when the organiser asks for it, and told again when asked again', async () => {
  await registrant('Confirmed');
  const ask = `UPDATE dialogues SET title = title || '!', version = version + 1, announce_requested = true,
    announcement_due_at = now() WHERE id = $1`;
  await sql(ask, [dialogue]);
  expect(await system.announcer.announce()).toBe(1);
  await sql(ask, [dialogue]);
  expect(await system.announcer.announce()).toBe(1);
  const [row] = await sql(`SELECT announce_requested AS requested FROM dialogues WHERE id = $1`, [dialogue]);
  expect(row!.requested).toBe(false);
});

test('whoever was confirmed after the change knows it from their confirmation', async () => {
  await registrant('Before');
  await change(LATER);
  await registrant('After', 'confirmed', `now() + interval '1 second'`);
  await system.announcer.announce();
  expect(await told()).toEqual([['change', 'Before']]);
});

test('a cancellation is told to everyone registered and to the invited who are silent, and to nobody else', async () => {
  await registrant('Confirmed');
  await registrant('Waiting', 'waitlisted');
  await registrant('Gone', 'withdrawn');
  await invitee('Silent', 'sent');
  await invitee('Declined', 'declined');
  await invitee('Never written to', 'sent', false);
  await change(`state = 'cancelled', cancellation_reason = 'Funds.'`);
  expect(await system.announcer.announce()).toBe(3);
  expect(await told()).toEqual([
    ['cancellation', 'Confirmed'],
    ['cancellation', 'Waiting'],
    ['invitation-cancellation', 'Silent'],
  ]);
});

test('the invited who have not answered hear of another time or place, once, and of nothing else', async () => {
  await invitee('Silent', 'sent');
  await invitee('Declined', 'declined');
  await invitee('Removed', 'removed');
  await invitee('Never written to', 'sent', false);
  await change(LATER);
  expect(await system.announcer.announce()).toBe(1);
  expect(await system.announcer.announce()).toBe(0);
  const [news] = await mails();
  expect([news!.kind, news!.recipientName, news!.parameters]).toEqual([
    'invitation-change',
    'Silent',
    {
      what: 'time',
      previous_starts_at: '2060-05-04T08:00:00.000Z',
      previous_ends_at: '2060-05-04T10:00:00.000Z',
      previous_time_zone: 'Africa/Cairo',
      previous_venue_kind: 'in_person',
      previous_platform: null,
      previous_room: 'Hall A',
    },
  ]);
  expect((await system.renderers.of('invitation-change').render([news!])).get(news!.id)).toHaveProperty(
    'text',
  );
  await sql(
    `UPDATE dialogues SET title = 'Other', announce_requested = true, announcement_due_at = now() WHERE id = $1`,
    [dialogue],
  );
  await system.announcer.announce();
  expect(await mails()).toHaveLength(1);
});

test('whoever is registered without having answered the invitation hears of everything as a registrant alone', async () => {
  for (const name of ['By the open link', 'Asked only']) await invitee(name, 'sent');
  await sql(`UPDATE people SET email_key = 'one@ministry.example' WHERE name = 'By the open link'`);
  await registrant('By the open link');
  await change(LATER);
  expect(await system.announcer.announce()).toBe(2);
  await change(`state = 'cancelled'`);
  expect(await system.announcer.announce()).toBe(2);
  expect(await told()).toEqual([
    ['cancellation', 'By the open link'],
    ['change', 'By the open link'],
    ['invitation-cancellation', 'Asked only'],
    ['invitation-change', 'Asked only'],
  ]);
});

test('the invited hear of a postponement and of the new date, which makes the first mail stale where it waits', async () => {
  await invitee('Silent', 'sent');
  await change(`state = 'postponed'`);
  await system.announcer.announce();
  await change(`state = 'published', ${LATER}`);
  await system.announcer.announce();
  const [postponement, news] = await mails();
  expect([postponement!.parameters.what, news!.parameters.what]).toEqual(['postponement', 'date']);
  const rendered = await system.renderers.of('invitation-change').render([postponement!, news!]);
  expect(rendered.get(postponement!.id)).toEqual({ stale: 'The dialogue is published by now.' });
  expect(rendered.get(news!.id)).toHaveProperty('subject');
});

test('whoever is invited after the change, or had the link taken away, is not told of it', async () => {
  await invitee('Invited since', 'sent');
  await invitee('Revoked', 'sent');
  await sql(
    `UPDATE invitations i SET link_generation = 2 FROM people p WHERE p.id = i.person_id AND p.name = 'Revoked'
    AND i.dialogue_id = $1`,
    [dialogue],
  );
  await change(LATER);
  await sql(`UPDATE mails SET sent_at = now() + interval '1 second' WHERE dialogue_id = $1`, [dialogue]);
  expect(await system.announcer.announce()).toBe(0);
});

test('focal points who were asked hear of another time, once, with their deadline and their link', async () => {
  await focalPoint('Asked');
  await focalPoint('Not asked', null);
  await focalPoint('Request not sent', 'queued');
  await change(LATER);
  expect(await system.announcer.announce()).toBe(1);
  expect(await system.announcer.announce()).toBe(0);
  const [news] = await mails();
  expect([news!.kind, news!.recipientName, news!.parameters.what]).toEqual([
    'delegation-change',
    'Asked',
    'time',
  ]);
  const rendered = (await system.renderers.of('delegation-change').render([news!])).get(news!.id);
  const { text, subject } = rendered as { text: string; subject: string };
  expect(subject).toBe('New time: Dialogue');
  expect(text).toContain('5 May 2060');
  expect(text).toMatch(/Nominations until[\s\S]*20 April 2060/);
  expect(text).toContain('https://plenary.example/n/');
  await sql(`UPDATE dialogues SET announce_requested = true, announcement_due_at = now() WHERE id = $1`, [
    dialogue,
  ]);
  await system.announcer.announce();
  expect(await mails()).toHaveLength(1);
});

test('focal points hear of a postponement, of the new date and of a cancellation; what is overtaken is stale', async () => {
  await focalPoint('Asked');
  for (const assignments of [`state = 'postponed'`, `state = 'published', ${LATER}`, `state = 'cancelled'`]) {
    await change(assignments);
    await system.announcer.announce();
  }
  const ledger = await mails();
  expect(ledger.map(({ kind, parameters }) => [kind, parameters.what])).toEqual([
    ['delegation-change', 'postponement'],
    ['delegation-change', 'date'],
    ['delegation-cancellation', 'cancellation'],
  ]);
  const rendered = await system.renderers.of('delegation-change').render(ledger.slice(0, 2));
  expect([...rendered.values()]).toEqual([
    { stale: 'The dialogue is cancelled by now.' },
    { stale: 'The dialogue is cancelled by now.' },
  ]);
  const cancellation = ledger[2]!;
  const last = (await system.renderers.of(cancellation.kind).render([cancellation])).get(cancellation.id);
  expect(last).toHaveProperty('subject', 'Cancelled: Dialogue');
});

test('a focal point who takes part or is invited is told as a participant, and a colleague at the same address all the same', async () => {
  for (const name of ['Registered', 'Gone', 'Invited', 'Declined', 'Colleague']) await focalPoint(name);
  for (const [name, state] of [
    ['Registered', 'confirmed'],
    ['Gone', 'withdrawn'],
    ['Somebody else', 'confirmed'],
  ] as const) {
    await registrant(name, state);
    await sql(
      `UPDATE registrations SET email = $1 || '@mission.example', email_key = $1 || '@mission.example' WHERE dialogue_id = $1`,
      [dialogue],
    );
  }
  await sql(
    `WITH i AS (INSERT INTO invitations (dialogue_id, person_id, state)
       SELECT $1::uuid, id, CASE name WHEN 'Invited' THEN 'sent' ELSE 'declined' END FROM people
       WHERE name IN ('Invited', 'Declined') AND email_key = $1 || '@mission.example' RETURNING id)
     INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state)
     SELECT 'invitation', $1::uuid, id, 'a@b.example', 'fr', 'invitation:' || id || ':1', 'sent' FROM i`,
    [dialogue],
  );
  await change(LATER);
  await system.announcer.announce();
  expect(await told()).toEqual([
    ['change', 'Registered'],
    ['change', 'Somebody else'],
    ['delegation-change', 'Colleague'],
    ['delegation-change', 'Declined'],
    ['delegation-change', 'Gone'],
    ['invitation-change', 'Invited'],
  ]);
});

test('a focal point whose link was taken away, or who was asked after the change, hears of a cancellation only', async () => {
  const revoked = await focalPoint('Revoked');
  const since = await focalPoint('Asked since');
  await sql(`UPDATE delegations SET link_generation = 2 WHERE id = $1`, [revoked]);
  await change(LATER);
  await sql(`UPDATE mails SET sent_at = now() + interval '1 second' WHERE subject_id = $1`, [since]);
  expect(await system.announcer.announce()).toBe(0);
  await change(`state = 'cancelled'`);
  await system.announcer.announce();
  expect(await told()).toEqual([
    ['delegation-cancellation', 'Asked since'],
    ['delegation-cancellation', 'Revoked'],
  ]);
});

test('news do not reach whoever became the focal point since, who was not asked', async () => {
  const delegation = await focalPoint('Asked');
  await change(`state = 'cancelled'`);
  await system.announcer.announce();
  await sql(`UPDATE delegations SET invited_at = NULL, link_generation = 2 WHERE id = $1`, [delegation]);
  const [news] = await mails();
  expect((await system.renderers.of(news!.kind).render([news!])).get(news!.id)).toEqual({
    stale: 'Another focal point was named by now.',
  });
});

test('a postponement is told as one, and a new date after it as a new date', async () => {
  await registrant('Confirmed');
  await change(`state = 'postponed'`);
  await system.announcer.announce();
  await change(`state = 'published', ${LATER}`);
  await system.announcer.announce();
  expect((await mails()).map(({ kind, parameters }) => [kind, parameters.what])).toEqual([
    ['postponement', undefined],
    ['change', 'date'],
  ]);
});

test('a postponement that waits in the ledger is stale once there is a new date', async () => {
  await registrant('Confirmed');
  await change(`state = 'postponed'`);
  await system.announcer.announce();
  await change(`state = 'published', ${LATER}`);
  await system.announcer.announce();
  const [postponement, news] = await mails();
  expect((await system.renderers.of('postponement').render([postponement!])).get(postponement!.id)).toEqual({
    stale: 'The dialogue is published by now.',
  });
  expect((await system.renderers.of('change').render([news!])).get(news!.id)).toHaveProperty(
    'calendar.method',
    'REQUEST',
  );
});

test('a change that waits in the ledger is stale once the dialogue is cancelled', async () => {
  await registrant('Confirmed');
  await change(LATER);
  await system.announcer.announce();
  await change(`state = 'cancelled'`);
  await system.announcer.announce();
  const [news, cancellation] = await mails();
  expect((await system.renderers.of('change').render([news!])).get(news!.id)).toHaveProperty('stale');
  const rendered = (await system.renderers.of('cancellation').render([cancellation!])).get(cancellation!.id);
  expect(rendered).toHaveProperty('calendar.method', 'CANCEL');
});

test('a cancellation names the time that people were told, not one that was set a minute ago and told to nobody', async () => {
  await registrant('Confirmed');
  await change(LATER);
  await change(`state = 'cancelled'`);
  await system.announcer.announce();
  const [cancellation] = await mails();
  const rendered = (await system.renderers.of('cancellation').render([cancellation!])).get(cancellation!.id);
  const { text } = rendered as { text: string };
  expect(text).toContain('4 May 2060');
  expect(text).not.toContain('5 May 2060');
});

test('a draft tells nobody anything', async () => {
  await registrant('Confirmed');
  await change(`state = 'draft', announced = NULL`);
  expect(await system.announcer.announce()).toBe(0);
});

test('two announcers at once tell everyone once, and what was told stands in the record', async () => {
  for (const name of ['One', 'Two', 'Three']) await registrant(name);
  await change(LATER);
  // Connections that are open already, so that they do meet.
  await Promise.all(Array.from({ length: 8 }, () => sql('SELECT pg_sleep(0.2)')));
  const counts = await Promise.all(Array.from({ length: 4 }, () => system.announcer.announce()));
  expect(counts.toSorted()).toEqual([0, 0, 0, 3]);
  expect(await sql(`SELECT action, details FROM audit_entries WHERE dialogue_id = $1`, [dialogue])).toEqual([
    { action: 'dialogue.announced', details: { kind: 'change', what: 'time', mails: 3 } },
  ]);
});
