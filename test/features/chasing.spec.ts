import type { Mail } from '@app/mail';
import { startNotifications, type TestNotifications } from '../support/notifications';

let system: TestNotifications;
let organiser: string;
let dialogue: string;
let people = 0;

beforeAll(async () => {
  system = await startNotifications();
  const [row] = await sql(
    `INSERT INTO organisers (email, email_key, name) VALUES ('o@agency.example', 'o@agency.example', 'O') RETURNING id`,
  );
  organiser = row!.id!;
});
afterAll(() => system.close());

/** A published dialogue in twenty days, whose answers are due in ten. */
beforeEach(async () => {
  // What the tests before left would be chased too.
  await sql(`UPDATE dialogues SET state = 'cancelled'`);
  const [row] = await sql(
    `INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at, venue,
       hosts, working_languages, registration, state, published_at, answers_due_at_local, answers_due_at)
     VALUES ($1, gen_random_uuid(), 'Dialogue', '2060-05-04T11:00', '2060-05-04T13:00', 'Africa/Cairo',
       now() + interval '20 days', now() + interval '20 days 2 hours', '{"kind": "in_person", "room": "Hall A"}', '{Agency}',
       '{en}', 'invitation', 'published', now(), '2060-05-01T11:00', now() + interval '10 days')
     RETURNING id`,
    [organiser],
  );
  dialogue = row!.id!;
});

function sql(text: string, parameters: unknown[] = []): Promise<Record<string, string>[]> {
  return system.dataSource.query(text, parameters);
}

async function person(name: string): Promise<string> {
  people += 1;
  const [row] = await sql(
    `INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
     VALUES ($1, $2, lower($2), $3, $3, 'en', 'Asia/Jakarta') RETURNING id`,
    [organiser, name, `person.${people}@ministry.example`],
  );
  return row!.id!;
}

/** Somebody who was sent an invitation so long ago; the mail has gone out. */
async function invitee(
  name: string,
  { state = 'sent', ago = '6 days', delegation = null as string | null, mailed = 'sent' } = {},
): Promise<string> {
  const [row] = await sql(
    `WITH i AS (
       INSERT INTO invitations (dialogue_id, person_id, state, sent_at, delegation_id)
       VALUES ($1, $2, $3, now() - $4::interval, $5) RETURNING id, sent_at),
     m AS (
       INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state, created_at)
       SELECT 'invitation', $1::uuid, id, 'a@b.example', 'en', 'invitation:' || id || ':1', $6, sent_at FROM i)
     SELECT id FROM i`,
    [dialogue, await person(name), state, ago, delegation, mailed],
  );
  return row!.id!;
}

/** A delegation whose focal point was asked so long ago, and whose nominations close in so long. */
async function delegate(
  name: string,
  { seats = 2, asked = '6 days', closes = '5 days' } = {},
): Promise<string> {
  const [row] = await sql(
    `WITH l AS (
       INSERT INTO delegations (dialogue_id, organisation, focal_point_id, invited_at, nominations_close_at_local,
         nominations_close_at)
       VALUES ($1, $2, $3, now() - $4::interval, '2060-05-01T11:00', now() + $5::interval) RETURNING id, invited_at),
     p AS (INSERT INTO places (dialogue_id, scope, delegation_id, places) SELECT $1, 'delegation', id, $6 FROM l),
     m AS (
       INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state, created_at)
       SELECT 'nomination-request', $1::uuid, id, 'a@b.example', 'en', 'nomination-request:' || id || ':1', 'sent', invited_at
       FROM l)
     SELECT id FROM l`,
    [dialogue, name, await person(`Focal ${name}`), asked, closes, seats],
  );
  return row!.id!;
}

async function rule(
  counted: 'after_invitation' | 'before_deadline',
  duration: string,
  tells = 'invitee',
  effective = '30 days',
): Promise<void> {
  await sql(
    `INSERT INTO chasing_rules (dialogue_id, counted, duration, tells, effective_at)
     VALUES ($1, $2, $3, $4, now() - $5::interval)`,
    [dialogue, counted, duration, tells, effective],
  );
}

const mails = (): Promise<Mail[]> =>
  system.ledger(`dialogue_id = '${dialogue}' AND kind NOT IN ('invitation', 'nomination-request')`);
const told = async (): Promise<string[][]> =>
  (await mails()).map(({ kind, recipientName }) => [kind, recipientName]).toSorted();
const render = async (mail: Mail) => (await system.renderers.of(mail.kind).render([mail])).get(mail.id)!;

describe('the silent', () => {
  test('are asked again once for each rule that falls due, and whoever answered is not', async () => {
    await invitee('Silent');
    await invitee('Accepted', { state: 'accepted' });
    await invitee('Declined', { state: 'declined' });
    await invitee('Removed', { state: 'removed' });
    await invitee('Prepared', { state: 'prepared' });
    await invitee('Fresh', { ago: '4 days' });
    await rule('after_invitation', 'P5D');
    await rule('before_deadline', 'P3D');
    expect(await system.chasing.chase()).toBe(1);
    expect(await system.chasing.chase()).toBe(0);
    expect(await told()).toEqual([['chaser', 'Silent']]);

    // The deadline comes near: the other rule.
    await sql(
      `UPDATE mails SET created_at = created_at - interval '1 day' WHERE dialogue_id = $1 AND kind = 'chaser'`,
      [dialogue],
    );
    await sql(`UPDATE dialogues SET answers_due_at = now() + interval '71 hours' WHERE id = $1`, [dialogue]);
    expect(await system.chasing.chase()).toBe(2);
    expect(await told()).toEqual([
      ['chaser', 'Fresh'],
      ['chaser', 'Silent'],
      ['chaser', 'Silent'],
    ]);
    // It is put off and comes near again: nobody is chased twice for one rule.
    await sql(`UPDATE dialogues SET answers_due_at = now() + interval '70 hours' WHERE id = $1`, [dialogue]);
    expect(await system.chasing.chase()).toBe(0);
  });

  test('are asked by two planners at once as by one', async () => {
    for (const name of ['One', 'Two', 'Three']) await invitee(name);
    await rule('after_invitation', 'P5D');
    const counts = await Promise.all(Array.from({ length: 4 }, () => system.chasing.chase()));
    expect(counts.reduce((sum, count) => sum + count)).toBe(3);
    expect(await mails()).toHaveLength(3);
  });

  test('are asked once after an outage, by the last of the rules that fell due', async () => {
    await invitee('Silent', { ago: '9 days' });
    await rule('after_invitation', 'P3D');
    await rule('after_invitation', 'P5D');
    await rule('after_invitation', 'P7D');
    expect(await system.chasing.chase()).toBe(1);
    expect(await system.chasing.chase()).toBe(0);
    const [chaser] = await mails();
    const [latest] = await sql(`SELECT id FROM chasing_rules WHERE dialogue_id = $1 AND duration = 'P7D'`, [
      dialogue,
    ]);
    expect(chaser!.dedupeKey).toMatch(new RegExp(`:1:${latest!.id}$`));
  });

  test('are not asked by a rule that was made after it would have been due', async () => {
    await invitee('Silent');
    await rule('after_invitation', 'P5D', 'invitee', '12 hours');
    expect(await system.chasing.chase()).toBe(0);
  });

  test.each(['draft', 'postponed', 'cancelled'])('are left alone while the dialogue is %s', async (state) => {
    await invitee('Silent');
    await rule('after_invitation', 'P5D');
    await sql(`UPDATE dialogues SET state = $2 WHERE id = $1`, [dialogue, state]);
    expect(await system.chasing.chase()).toBe(0);
    await sql(`UPDATE dialogues SET state = 'published' WHERE id = $1`, [dialogue]);
    expect(await system.chasing.chase()).toBe(1);
  });

  test('are left alone once the dialogue has begun', async () => {
    await invitee('Silent');
    await rule('after_invitation', 'P5D');
    await sql(`UPDATE dialogues SET starts_at = now() - interval '1 minute' WHERE id = $1`, [dialogue]);
    expect(await system.chasing.chase()).toBe(0);
  });

  test('are not asked whose invitation never went out, nor who had their link taken away', async () => {
    await invitee('Unsent', { mailed: 'failed' });
    const revoked = await invitee('Revoked');
    await sql(`UPDATE invitations SET link_generation = 2 WHERE id = $1`, [revoked]);
    await rule('after_invitation', 'P5D');
    expect(await system.chasing.chase()).toBe(0);
  });

  test('are not asked twice by one rule, though they have a new link and the deadline came near again', async () => {
    const id = await invitee('Silent');
    await rule('before_deadline', 'P11D');
    expect(await system.chasing.chase()).toBe(1);
    await sql(
      `WITH renewed AS (UPDATE invitations SET link_generation = 2 WHERE id = $2)
       INSERT INTO mails (kind, dialogue_id, subject_id, recipient, language, dedupe_key, state)
       VALUES ('invitation', $1, $2, 'a@b.example', 'en', 'invitation:' || $2::uuid || ':2', 'sent')`,
      [dialogue, id],
    );
    expect(await system.chasing.chase()).toBe(0);
    await sql(
      `UPDATE mails SET created_at = created_at - interval '2 days' WHERE dialogue_id = $1 AND kind = 'chaser'`,
      [dialogue],
    );
    expect(await system.chasing.chase()).toBe(0);
    // Taken off the delegation and nominated again they are asked anew.
    await sql(`UPDATE invitations SET sent_at = now() - interval '36 hours' WHERE id = $1`, [id]);
    expect(await system.chasing.chase()).toBe(1);
  });

  test('whose invitation was held are asked so long after its release, and not on its heels', async () => {
    const delegation = await delegate('Held');
    const id = await invitee('Held', { delegation });
    const hold = (ago: string) =>
      sql(`UPDATE mails SET released_at = now() - $2::interval WHERE subject_id = ANY($1)`, [
        [id, delegation],
        ago,
      ]);
    // Without a change of clocks, three days before the deadline are an hour ago.
    await sql(`UPDATE dialogues SET time_zone = 'UTC' WHERE id = $1`, [dialogue]);
    await sql(`UPDATE delegations SET nominations_close_at = now() + interval '71 hours' WHERE id = $1`, [
      delegation,
    ]);
    for (const tells of ['invitee', 'focal_point']) {
      await rule('after_invitation', 'P5D', tells);
      await rule('before_deadline', 'P3D', tells);
    }
    await hold('30 minutes');
    expect(await system.chasing.chase()).toBe(0);
    await hold('2 hours');
    expect(await system.chasing.chase()).toBe(3);
    expect(await told()).toEqual([
      ['chaser', 'Held'],
      ['nomination-chaser', 'Focal Held'],
      ['silence', 'Focal Held'],
    ]);
  });

  test('who are nominated have the deadline of their delegation', async () => {
    const near = await delegate('Near', { closes: '2 days' });
    const far = await delegate('Far', { closes: '8 days' });
    await invitee('Near', { delegation: near });
    await invitee('Far', { delegation: far });
    await invitee('Direct');
    await rule('before_deadline', 'P3D');
    expect(await system.chasing.chase()).toBe(1);
    expect(await told()).toEqual([['chaser', 'Near']]);
    const rendered = await render((await mails())[0]!);
    expect(rendered).toMatchObject({
      subject: 'Your answer is awaited: Dialogue',
      text: expect.stringContaining('Answer by:'),
    });
    expect(rendered).toMatchObject({
      text: expect.stringContaining('nominated you for the delegation of Near'),
    });
  });

  test('are not who registered without answering the invitation: by the open link, or as a substitute', async () => {
    const registered = (id: string, state: string, linked = false) =>
      sql(
        `INSERT INTO registrations (dialogue_id, invitation_id, name, name_key, email, email_key, language, time_zone, state,
           participation_count, confirmed_at)
         SELECT i.dialogue_id, CASE WHEN $3 THEN i.id END, p.name, CASE WHEN $3 THEN 'as typed' ELSE p.name_key END, p.email,
           p.email_key, 'en', 'UTC', $2, 1, CASE WHEN $2 = 'confirmed' THEN now() END
         FROM invitations i JOIN people p ON p.id = i.person_id WHERE i.id = $1`,
        [id, state, linked],
      );
    const delegation = await delegate('Rabat', { closes: '-1 days' });
    const later = await invitee('Later registered', { delegation });
    await registered(await invitee('By the open link', { delegation }), 'awaiting_approval');
    await registered(await invitee('Substitute'), 'offered', true);
    await registered(await invitee('Somebody typed the address'), 'unconfirmed');
    await rule('after_invitation', 'P5D');
    await rule('after_invitation', 'P5D', 'focal_point');
    await system.chasing.chase();
    expect(await told()).toEqual([
      ['chaser', 'Later registered'],
      ['chaser', 'Somebody typed the address'],
      ['silence', 'Focal Rabat'],
    ]);
    const silence = (await mails()).find(({ kind }) => kind === 'silence')!;
    const text = ((await render(silence)) as { text: string }).text;
    expect(text).toContain('Later registered');
    expect(text).not.toContain('By the open link');
    await registered(later, 'confirmed');
    const chaser = (await mails()).find(({ recipientName }) => recipientName === 'Later registered')!;
    expect(await render(chaser)).toEqual({ stale: 'They are registered already.' });
    expect(await render(silence)).toEqual({ stale: 'Every nominee has answered by now.' });
  });

  test('who answer before the mail goes out do not get it', async () => {
    const id = await invitee('Silent');
    await rule('after_invitation', 'P5D');
    await system.chasing.chase();
    const [chaser] = await mails();
    expect(await render(chaser!)).toHaveProperty('subject');
    await sql(`UPDATE invitations SET state = 'declined' WHERE id = $1`, [id]);
    expect(await render(chaser!)).toEqual({ stale: 'The invitation is answered.' });
  });

  test('are asked after calendar days of the host, also over a change of the clocks', async () => {
    // Paris put its clocks forward on 29 March 2026: these five days end at 08:00, those 120 hours at 09:00 UTC.
    await sql(`UPDATE dialogues SET time_zone = 'Europe/Paris' WHERE id = $1`, [dialogue]);
    const id = await invitee('Silent');
    await sql(`UPDATE invitations SET sent_at = '2026-03-27T09:00Z' WHERE id = $1`, [id]);
    const owed = async (duration: string, madeAt: string): Promise<boolean> => {
      await sql(`DELETE FROM chasing_rules WHERE dialogue_id = $1`, [dialogue]);
      await sql(`DELETE FROM mails WHERE dialogue_id = $1 AND kind = 'chaser'`, [dialogue]);
      await rule('after_invitation', duration);
      await sql(`UPDATE chasing_rules SET effective_at = $2 WHERE dialogue_id = $1`, [dialogue, madeAt]);
      return (await system.chasing.chase()) === 1;
    };
    expect([
      await owed('P5D', '2026-04-01T07:59Z'),
      await owed('P5D', '2026-04-01T08:01Z'),
      await owed('PT120H', '2026-04-01T08:59Z'),
      await owed('PT120H', '2026-04-01T09:01Z'),
    ]).toEqual([true, false, true, false]);
  });
});

describe('focal points', () => {
  test('are told of seats that nobody is nominated for, before nominations close', async () => {
    const empty = await delegate('Empty', { closes: '2 days' });
    await delegate('Later', { closes: '8 days' });
    const full = await delegate('Full', { seats: 1, closes: '2 days' });
    await delegate('Closed', { closes: '-1 hours' });
    await invitee('Nominee', { delegation: full, ago: '1 day' });
    await invitee('Gone', { delegation: empty, state: 'declined' });
    await rule('before_deadline', 'P3D', 'focal_point');
    expect(await system.chasing.chase()).toBe(1);
    expect(await system.chasing.chase()).toBe(0);
    expect(await told()).toEqual([['nomination-chaser', 'Focal Empty']]);
    const [mail] = await mails();
    expect(await render(mail!)).toMatchObject({
      subject: 'Seats still open for Empty: Dialogue',
      text: expect.stringContaining('For 2 of them nobody is nominated yet'),
    });
    await invitee('One', { delegation: empty });
    await invitee('Two', { delegation: empty });
    expect(await render(mail!)).toEqual({ stale: 'All seats have a nominee by now.' });
  });

  test('are not told of a seat that a substitute has who had declined it before', async () => {
    const full = await delegate('Full', { seats: 1, closes: '2 days' });
    const back = await invitee('Back', { delegation: full, state: 'declined' });
    await sql(
      `INSERT INTO registrations (dialogue_id, invitation_id, delegation_id, name, name_key, email, email_key, language,
         time_zone, state)
       VALUES ($1, $2, $3, 'Back', 'back', 'back@ministry.example', 'back@ministry.example', 'en', 'UTC', 'offered')`,
      [dialogue, back, full],
    );
    await rule('before_deadline', 'P3D', 'focal_point');
    expect(await system.chasing.chase()).toBe(0);
  });

  test('are told once for a rule which of their nominees are silent', async () => {
    const delegation = await delegate('Rabat', { seats: 3 });
    const silent = await invitee('Silent One', { delegation });
    await invitee('Silent Two', { delegation });
    await invitee('Answered', { delegation, state: 'accepted' });
    await invitee('Not of the delegation');
    await rule('after_invitation', 'P5D', 'focal_point');
    const first = await system.chasing.chase();
    expect([first, await told()]).toEqual([1, [['silence', 'Focal Rabat']]]);
    expect(await system.chasing.chase()).toBe(0);
    const [mail] = await mails();
    const text = ((await render(mail!)) as { text: string }).text;
    expect(text).toContain('- Silent One');
    expect(text).toContain('- Silent Two');
    expect(text).not.toContain('Answered');
    await sql(`UPDATE invitations SET state = 'declined' WHERE id = $1`, [silent]);
    expect(((await render(mail!)) as { text: string }).text).not.toContain('Silent One');
    await sql(`UPDATE invitations SET state = 'accepted' WHERE delegation_id = $1`, [delegation]);
    expect(await render(mail!)).toEqual({ stale: 'Every nominee has answered by now.' });
  });

  test('are told of whoever was nominated later and stays silent too, and of nobody twice for one rule', async () => {
    const delegation = await delegate('Rabat', { seats: 2, asked: '20 days' });
    await invitee('First', { delegation, ago: '12 days' });
    const second = await invitee('Second', { delegation, ago: '2 days' });
    await rule('after_invitation', 'P5D', 'focal_point');
    expect(await system.chasing.chase()).toBe(1);
    expect(await system.chasing.chase()).toBe(0);
    const [early] = await mails();
    expect(((await render(early!)) as { text: string }).text).not.toContain('Second');
    // Four days later: the first has been reported, the second has not.
    await sql(`UPDATE mails SET created_at = created_at - interval '4 days' WHERE id = $1`, [early!.id]);
    await sql(`UPDATE invitations SET sent_at = sent_at - interval '4 days' WHERE id = $1`, [second]);
    expect(await system.chasing.chase()).toBe(1);
    expect(await system.chasing.chase()).toBe(0);
    const text = ((await render((await mails())[1]!)) as { text: string }).text;
    expect(text).toContain('- Second');
    expect(text).not.toContain('First');
  });
});
