import type { ZoneRules as ZoneRulesService } from '@app/participants';
import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';

let api: TestApi;
let rules: ZoneRulesService;
beforeAll(async () => {
  api = await startApi();
  const { ZoneRules } = require('@app/participants') as typeof import('@app/participants');
  rules = api.app.get(ZoneRules);
});
afterAll(() => api.close());

const YEAR = new Date().getUTCFullYear() + 1;

interface Row {
  starts_at: Date;
  ends_at: Date;
  answers_due_at: Date | null;
  schedule_revision: number;
  announcement_due_at: Date | null;
  version: number;
}

async function rowOf(id: string): Promise<Row> {
  const [row] = await api.dataSource.query('SELECT * FROM dialogues WHERE id = $1', [id]);
  return row;
}

/** Puts every instant that belongs to a dialogue where a process with other rules would have put it. */
async function asOtherRulesHadIt(id: string, hours: number): Promise<void> {
  const shift = `make_interval(hours => ${hours})`;
  for (const statement of [
    `UPDATE dialogues SET starts_at = starts_at + ${shift}, ends_at = ends_at + ${shift},
       answers_due_at = answers_due_at + ${shift} WHERE id = $1`,
    `UPDATE dialogues SET announced = announced || jsonb_build_object(
       'starts_at', to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'),
       'ends_at', to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')) WHERE id = $1`,
    `UPDATE reminder_rules SET due_at = due_at + ${shift}, useful_until = useful_until + ${shift} WHERE dialogue_id = $1`,
    `UPDATE mails SET useful_until = useful_until + ${shift} WHERE dialogue_id = $1`,
    `UPDATE delegations SET nominations_close_at = nominations_close_at + ${shift} WHERE dialogue_id = $1`,
  ]) {
    await api.dataSource.query(statement, [id]);
  }
}

/** All instants that were derived, by what they belong to. */
async function derivedOf(id: string): Promise<unknown> {
  const [derived] = await api.dataSource.query(
    `SELECT jsonb_build_object('starts', starts_at, 'ends', ends_at, 'answers', answers_due_at,
       'reminders', (SELECT jsonb_agg(ARRAY[due_at, useful_until] ORDER BY due_at) FROM reminder_rules WHERE dialogue_id = d.id),
       'mails', (SELECT jsonb_agg(useful_until ORDER BY id) FROM mails WHERE dialogue_id = d.id),
       'delegations', (SELECT jsonb_agg(nominations_close_at) FROM delegations WHERE dialogue_id = d.id)) AS instants
     FROM dialogues d WHERE id = $1`,
    [id],
  );
  return derived.instants;
}

describe('a zone whose rules change', () => {
  test.each([
    ['Africa/Cairo', `${YEAR}-06-10`, -1, 'gave up summer time, which then came back'],
    ['Africa/Casablanca', `${YEAR}-06-20`, 1, 'gave up the hour that it kept but for Ramadan'],
    ['Europe/Madrid', `${YEAR}-12-10`, 1, 'was to keep summer time for good'],
  ])('in %s on %s moves what comes with the clock of the room', async (zone, day, hours) => {
    const { id } = await publishDialogue(api, {
      time_zone: zone,
      starts_at_local: `${day}T11:00`,
      ends_at_local: `${day}T13:00`,
    });
    const reminders = await api.replace(`/v1/dialogues/${id}/reminder-rules`, {
      rules: ['P1D', 'PT1H'].map((before) => ({ before, audience: 'everyone' })),
    });
    expect(reminders.statusCode).toBe(200);
    const deadline = await api.request('PATCH', `/v1/dialogues/${id}`, {
      answers_due_at_local: `${YEAR}-01-20T18:00`,
    });
    expect(deadline.statusCode).toBe(200);
    await inviteList(api, id, listOf(2));
    const closes = `${YEAR}-01-10T18:00`;
    await api.dataSource.query(
      `INSERT INTO delegations (dialogue_id, organisation, nominations_close_at_local, nominations_close_at)
       VALUES ($1, 'Institute', $2, $3)`,
      // By Temporal: the database has rules of its own, of another edition perhaps.
      [id, closes, new Date(Temporal.PlainDateTime.from(closes).toZonedDateTime(zone).epochMilliseconds)],
    );
    const right = await derivedOf(id);
    const before = await rowOf(id);
    await asOtherRulesHadIt(id, -hours);
    expect(await derivedOf(id)).not.toEqual(right);

    expect(await rules.follow()).toBe(1);
    expect(await derivedOf(id)).toEqual(right);
    const after = await rowOf(id);
    expect(after.schedule_revision).toBe(before.schedule_revision + 1);
    expect(after.version).toBe(before.version + 1);
    // Whoever comes is told, and calendars follow.
    expect(after.announcement_due_at).toEqual(expect.any(Date));
    const [line] = await api.dataSource.query(
      `SELECT actor, details FROM audit_entries WHERE dialogue_id = $1 AND action = 'dialogue.zone_rules_followed'`,
      [id],
    );
    expect(line).toMatchObject({
      actor: 'system',
      details: { reason: expect.stringContaining(zone), rules: process.versions.tz },
    });
    expect(await rules.follow()).toBe(0);
  });

  test('leaves alone what is over or cancelled, and does a draft without telling anybody', async () => {
    const schedule = {
      time_zone: 'Africa/Cairo',
      starts_at_local: `${YEAR}-06-10T11:00`,
      ends_at_local: `${YEAR}-06-10T13:00`,
    };
    const over = await publishDialogue(api, schedule);
    const cancelled = await publishDialogue(api, schedule);
    const draft = await publishDialogue(api, schedule);
    await api.dataSource.query(
      `UPDATE dialogues SET starts_at = '2021-06-10T09:00Z', ends_at = '2021-06-10T11:00Z' WHERE id = $1`,
      [over.id],
    );
    await asOtherRulesHadIt(cancelled.id, 1);
    await api.dataSource.query(`UPDATE dialogues SET state = 'cancelled' WHERE id = $1`, [cancelled.id]);
    await asOtherRulesHadIt(draft.id, 1);
    await api.dataSource.query(`UPDATE dialogues SET state = 'draft' WHERE id = $1`, [draft.id]);

    expect(await rules.follow()).toBe(1);
    expect(await rowOf(draft.id)).toMatchObject({
      announcement_due_at: null,
      starts_at: new Date(`${YEAR}-06-10T08:00Z`),
    });
    expect(await rowOf(over.id)).toMatchObject({ starts_at: new Date('2021-06-10T09:00Z') });
  });

  test('is not put back by a process that still has the older rules', async () => {
    const { id } = await publishDialogue(api);
    await asOtherRulesHadIt(id, 1);
    expect(await rules.follow('2999a')).toBe(1);
    await asOtherRulesHadIt(id, 1);
    expect(await rules.follow('2998z')).toBe(0);
    expect(await rules.follow('2999b')).toBe(1);
  });

  test('makes two processes that notice at once move it once', async () => {
    const { id } = await publishDialogue(api);
    const before = await rowOf(id);
    await asOtherRulesHadIt(id, 1);
    const moved = await Promise.all([rules.follow(), rules.follow(), rules.follow()]);
    expect(moved.toSorted()).toEqual([0, 0, 1]);
    expect((await rowOf(id)).schedule_revision).toBe(before.schedule_revision + 1);
  });
});
