import { startApi, type TestApi } from '../support/api';

/** A day that is far enough and has no change of clocks near. */
const DAY = `${new Date().getUTCFullYear() + 1}-01-28`;

const draft = {
  title: 'Dialogue with inter-state consultation mechanisms',
  purpose: 'Prepare the review conference.',
  starts_at_local: `${DAY}T11:00`,
  ends_at_local: `${DAY}T13:00`,
  time_zone: 'Africa/Cairo',
  venue: { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/dialogue' },
  hosts: ['Agency for Migration'],
  working_languages: ['en', 'ar'],
  documents: [{ title: 'Guidance note', url: 'https://docs.example/note.pdf' }],
  places: 60,
  registration: 'open',
};

describe('an organiser keeps dialogues', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ environment: { CHANGE_GATHERING_SECONDS: '180' } });
  });
  afterAll(() => api.close());

  const make = async (changes: object = {}) =>
    (await api.request('POST', '/v1/dialogues', { ...draft, ...changes })).json();
  const act = (id: string, noun: string, body?: object) =>
    api.request('POST', `/v1/dialogues/${id}/${noun}`, body);
  const patch = (id: string, body: object, asRead = {}) =>
    api.request('PATCH', `/v1/dialogues/${id}`, body, asRead);
  const row = async (id: string) =>
    (await api.dataSource.query('SELECT * FROM dialogues WHERE id = $1', [id]))[0] as Record<string, never>;

  test('drafts one: wall time and zone are kept, the instant follows', async () => {
    const answer = await api.request('POST', '/v1/dialogues', draft);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.etag).toBe('"1"');
    expect(answer.json()).toMatchObject({
      ...draft,
      state: 'draft',
      starts_at: `${DAY}T09:00:00.000Z`,
      ends_at: `${DAY}T11:00:00.000Z`,
      slug: expect.stringMatching(/^dialogue-with-inter-state-consultation-mechanisms-[0-9a-f]{8}$/),
      counts: { confirmed: 0, waitlisted: 0 },
    });
    const read = await api.request('GET', answer.headers.location as string);
    expect(read.json()).toEqual(answer.json());
  });

  test.each([
    [{ time_zone: 'Cairo' }, 'time_zone', 'time_zone_unknown'],
    [{ ends_at_local: `${DAY}T10:00` }, 'ends_at_local', 'end_not_after_start'],
    [
      { starts_at_local: '2020-01-28T11:00', ends_at_local: '2020-01-28T13:00' },
      'starts_at_local',
      'in_the_past',
    ],
    [{ starts_at_local: `${DAY}T11:00Z` }, 'starts_at_local', 'wall_time_malformed'],
    [{ venue: { kind: 'in_person' } }, 'venue.room', 'missing'],
    [{ working_languages: ['english please'] }, 'working_languages.0', 'language_unknown'],
    [{ hosts: [] }, 'hosts', 'empty'],
    [{ title: undefined }, 'title', 'missing'],
    [{ venue: null }, 'venue', 'wrong_type'],
    [{ documents: [{ title: 'x', url: 'javascript:alert(1)' }] }, 'documents.0.url', 'url_invalid'],
    [{ places: 1.5 }, 'places', 'wrong_type'],
  ])('refuses %j by its field', async (changes, field, code) => {
    const answer = await api.request('POST', '/v1/dialogues', { ...draft, ...changes });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors).toEqual([{ field, code, detail: expect.any(String) }]);
  });

  test('keeps the zone under its proper name', async () => {
    expect(await make({ time_zone: 'africa/cairo' })).toMatchObject({ time_zone: 'Africa/Cairo' });
  });

  test('publishes it, tells nobody of edits before, and knows what was announced', async () => {
    const { id } = await make();
    await patch(id, { title: 'Another title', starts_at_local: `${DAY}T11:30` });
    const published = await act(id, 'publication');
    expect([published.statusCode, published.json().state]).toEqual([200, 'published']);
    expect(await row(id)).toMatchObject({
      announcement_due_at: null,
      schedule_revision: 1,
      announced: { state: 'published', starts_at: `${DAY}T09:30:00.000Z`, time_zone: 'Africa/Cairo' },
    });
    const again = await act(id, 'publication');
    expect(again.json()).toEqual(published.json());
  });

  test('a new time or place is to be told, a new title only when asked for', async () => {
    const { id } = await make();
    await act(id, 'publication');
    expect((await patch(id, { title: 'New title' })).json()).toMatchObject({
      schedule_revision: 1,
      announcement_due_at: null,
    });
    const before = Date.now();
    const moved = (await patch(id, { starts_at_local: `${DAY}T10:00` })).json();
    const after = Date.now();
    expect(moved).toMatchObject({ state: 'published', schedule_revision: 2, version: 4 });
    const gathering = 180_000;
    // The database's now, which is the same machine's, to the millisecond.
    expect(Date.parse(moved.announcement_due_at)).toBeGreaterThanOrEqual(before + gathering - 1);
    expect(Date.parse(moved.announcement_due_at)).toBeLessThanOrEqual(after + gathering + 1);
    const elsewhere = (await patch(id, { venue: { kind: 'in_person', room: 'Room 1' } })).json();
    expect(elsewhere.schedule_revision).toBe(3);
    expect(new Date(elsewhere.announcement_due_at) > new Date(moved.announcement_due_at)).toBe(true);
    expect((await row(id)).announced).toMatchObject({ starts_at: `${DAY}T09:00:00.000Z` });

    const { id: other } = await make();
    await act(other, 'publication');
    const told = (await patch(other, { title: 'Told', announce: true })).json();
    expect(told).toMatchObject({ schedule_revision: 1, announcement_due_at: expect.any(String) });
    expect((await row(other)).announce_requested).toBe(true);
  });

  test('the same venue written in another order is no change', async () => {
    const { id } = await make();
    await act(id, 'publication');
    const { join_url, platform, kind } = draft.venue;
    expect((await patch(id, { venue: { join_url, platform, kind } })).json()).toMatchObject({
      schedule_revision: 1,
      announcement_due_at: null,
    });
  });

  test('postponed, it waits for a new time, which publishes it again', async () => {
    const { id } = await make();
    expect((await act(id, 'postponement')).json().code).toBe('dialogue_draft');
    await act(id, 'publication');
    const postponed = (await act(id, 'postponement', { reason: 'The chair is ill.' })).json();
    expect(postponed).toMatchObject({
      state: 'postponed',
      reason: 'The chair is ill.',
      schedule_revision: 2,
    });
    expect(new Date(postponed.announcement_due_at).getTime()).toBeLessThanOrEqual(Date.now());
    expect((await act(id, 'publication')).json().code).toBe('dialogue_postponed');
    expect((await patch(id, { title: 'New title' })).json().state).toBe('postponed');
    const again = (
      await patch(id, { starts_at_local: `${DAY}T11:00`, ends_at_local: `${DAY}T13:00` })
    ).json();
    expect(again).toMatchObject({ state: 'published', reason: null, schedule_revision: 3 });
  });

  test('cancelled, it stays so', async () => {
    const { id } = await make();
    await act(id, 'publication');
    const misspelt = await act(id, 'cancellation', { raison: 'No quorum.' });
    expect([misspelt.statusCode, misspelt.json().errors[0].field]).toEqual([422, 'raison']);
    const cancelled = (await act(id, 'cancellation', { reason: 'No quorum.' })).json();
    expect(cancelled).toMatchObject({ state: 'cancelled', reason: 'No quorum.', schedule_revision: 2 });
    const refused = await Promise.all([
      patch(id, { title: 'x' }),
      act(id, 'publication'),
      act(id, 'postponement'),
      act(id, 'cancellation'),
      api.replace(`/v1/dialogues/${id}/agenda`, { sessions: [] }),
      api.replace(`/v1/dialogues/${id}/reminder-rules`, { rules: [] }),
    ]);
    expect(refused.map((answer) => [answer.statusCode, answer.json().code])).toEqual(
      refused.map(() => [409, 'dialogue_cancelled']),
    );
  });

  test('what has begun keeps its start, and what is over keeps time and place', async () => {
    const { id } = await make();
    await act(id, 'publication');
    const shift = (from: string, to: string) =>
      api.dataSource.query(
        `UPDATE dialogues SET starts_at = now() + $2::interval, ends_at = now() + $3::interval WHERE id = $1`,
        [id, from, to],
      );
    const later = { starts_at_local: '2099-01-28T11:00', ends_at_local: '2099-01-28T13:00' };

    await shift('-10 minutes', '50 minutes');
    expect((await patch(id, later)).json()).toMatchObject({ status: 409, code: 'dialogue_begun' });
    expect((await patch(id, { venue: { kind: 'in_person', room: 'Room B' } })).statusCode).toBe(200);

    await shift('-70 minutes', '-10 minutes');
    const refused = await Promise.all([
      patch(id, later),
      patch(id, { venue: { kind: 'in_person', room: 'Room C' } }),
      act(id, 'postponement'),
      act(id, 'cancellation'),
    ]);
    expect(refused.map((answer) => [answer.statusCode, answer.json().code])).toEqual(
      refused.map(() => [409, 'dialogue_over']),
    );
    expect((await patch(id, { title: 'Its title on record' })).statusCode).toBe(200);
  });

  test('two edits at once: the second is told', async () => {
    const { id } = await make();
    const asRead = await api.reading(`/v1/dialogues/${id}`);
    const answers = await Promise.all([
      patch(id, { title: 'One' }, asRead),
      patch(id, { title: 'Other' }, asRead),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 412]);
    expect((await patch(id, {}, await api.reading(`/v1/dialogues/${id}`))).json().version).toBe(2);
  });

  test('the same create twice makes one dialogue', async () => {
    const create = () =>
      api.request(
        'POST',
        '/v1/dialogues',
        { ...draft, title: 'Once' },
        { headers: { 'idempotency-key': 'once' } },
      );
    const [first, second] = [await create(), await create()];
    expect(second.json().id).toBe(first.json().id);
    expect(await api.dataSource.query(`SELECT FROM dialogues WHERE title = 'Once'`)).toHaveLength(1);
  });

  test('lists them, the latest first, page by page', async () => {
    const { token } = await api.newOrganiser();
    for (const hour of ['09', '11', '10']) {
      await api.request(
        'POST',
        '/v1/dialogues',
        { ...draft, title: hour, starts_at_local: `${DAY}T${hour}:00` },
        { token },
      );
    }
    const first = (await api.request('GET', '/v1/dialogues?limit=2', undefined, { token })).json();
    expect(first.items.map(({ title }: { title: string }) => title)).toEqual(['11', '10']);
    const rest = await api.request('GET', `/v1/dialogues?limit=2&cursor=${first.next_cursor}`, undefined, {
      token,
    });
    expect(rest.json()).toMatchObject({ items: [{ title: '09', places: 60 }], next_cursor: null });
  });

  test('another organiser finds nothing of it', async () => {
    const { id } = await make();
    const { token } = await api.newOrganiser();
    const paths = ['', '/agenda', '/reminder-rules', '/mails'];
    for (const path of paths) {
      const answer = await api.request('GET', `/v1/dialogues/${id}${path}`, undefined, { token });
      expect([path, answer.statusCode]).toEqual([path, 404]);
    }
    const changes = [
      await api.request('PATCH', `/v1/dialogues/${id}`, { title: 'x' }, { token }),
      await api.request('POST', `/v1/dialogues/${id}/cancellation`, undefined, { token }),
      await api.replace(`/v1/dialogues/${id}/agenda`, { sessions: [] }, { token }),
    ];
    expect(changes.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404]);
    expect((await row(id)).version).toBe(1);
  });

  describe('its agenda', () => {
    const session = (title: string, minutes: number, items: object[] = []) => ({ title, minutes, items });
    const put = (id: string, sessions: object[], asRead = {}) =>
      api.replace(`/v1/dialogues/${id}/agenda`, { sessions }, asRead);

    test('has times that follow from durations, and warns where it does not fit', async () => {
      const { id } = await make();
      const answer = await put(id, [
        session('Welcome', 20, [
          { title: 'Opening', minutes: 7, speakers: ['Patrizia Godenzi'] },
          { title: 'Background', minutes: 14, moderator: 'Anahit Sargsyan' },
        ]),
        { ...session('Discussion', 120), moderator: 'Anahit Sargsyan', guiding_questions: ['What next?'] },
      ]);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers.etag).toBe('"2"');
      expect(answer.json()).toMatchObject({
        sessions: [
          {
            position: 1,
            starts_at: `${DAY}T09:00:00.000Z`,
            items: [
              { position: 1, speakers: ['Patrizia Godenzi'], ends_at: `${DAY}T09:07:00.000Z` },
              { position: 2, moderator: 'Anahit Sargsyan', speakers: [], starts_at: `${DAY}T09:07:00.000Z` },
            ],
          },
          { position: 2, starts_at: `${DAY}T09:20:00.000Z`, guiding_questions: ['What next?'], items: [] },
        ],
        warnings: [{ code: 'agenda_longer_than_dialogue' }, { code: 'items_longer_than_session' }],
      });
      expect((await api.request('GET', `/v1/dialogues/${id}/agenda`)).json()).toEqual(answer.json());
    });

    test('keeps the ids of sessions by position, or by the id given when they move', async () => {
      const { id } = await make();
      const [a, b, c] = (await put(id, [session('A', 1), session('B', 1), session('C', 1)])).json().sessions;
      const renamed = (await put(id, [session('A2', 1), session('B', 1)])).json().sessions;
      expect(renamed.map((kept: { id: string }) => kept.id)).toEqual([a.id, b.id]);
      const moved = (
        await put(id, [{ ...session('B', 1), id: b.id }, session('New', 1), { ...session('A', 1), id: a.id }])
      ).json().sessions;
      expect(
        moved.map((one: { id: string; title: string }) => [one.id === a.id, one.id === b.id, one.title]),
      ).toEqual([
        [false, true, 'B'],
        [false, false, 'New'],
        [true, false, 'A'],
      ]);
      const unknown = await put(id, [{ ...session('C', 1), id: c.id }]);
      expect([unknown.statusCode, unknown.json().code]).toEqual([422, 'session_unknown']);
    });

    test('has a version of its own: anyone who edits the dialogue meanwhile is not refused, nor refuses anybody', async () => {
      const { id } = await make();
      const [dialogue, agenda] = await Promise.all(
        [`/v1/dialogues/${id}`, `/v1/dialogues/${id}/agenda`].map((url) => api.reading(url)),
      );
      expect((await put(id, [session('A', 1)], agenda)).statusCode).toBe(200);
      expect((await put(id, [session('B', 1)], agenda)).statusCode).toBe(412);
      expect((await patch(id, { title: 'x' }, dialogue)).statusCode).toBe(200);
      expect((await patch(id, { title: 'y' }, dialogue)).statusCode).toBe(412);
    });

    test('refuses what is wrong by its path', async () => {
      const { id } = await make();
      const answer = await put(id, [session('A', 0, [{ title: '', minutes: 5, speaker: 'X' }])]);
      expect(
        answer.json().errors.map(({ field, code }: { field: string; code: string }) => [field, code]),
      ).toEqual([
        ['sessions.0.minutes', 'out_of_range'],
        ['sessions.0.items.0.speaker', 'unknown_field'],
        ['sessions.0.items.0.title', 'empty'],
      ]);
    });
  });

  describe('its reminder rules', () => {
    const put = (id: string, rules: object[]) => api.replace(`/v1/dialogues/${id}/reminder-rules`, { rules });
    const everyone = (before: string) => ({ before, audience: 'everyone' });

    test('are derived, written one way, and move with the dialogue', async () => {
      const { id } = await make();
      const answer = await put(id, [everyone('PT60M'), everyone('P1D'), everyone('PT1H')]);
      expect(answer.json().rules).toEqual([
        {
          ...everyone('P1D'),
          due_at: `${DAY.slice(0, 8)}27T09:00:00.000Z`,
          useful_until: `${DAY}T08:00:00.000Z`,
        },
        { ...everyone('PT1H'), due_at: `${DAY}T08:00:00.000Z`, useful_until: `${DAY}T09:00:00.000Z` },
      ]);
      await patch(id, { starts_at_local: `${DAY}T12:00` });
      expect((await api.request('GET', `/v1/dialogues/${id}/reminder-rules`)).json().rules).toMatchObject([
        { due_at: `${DAY.slice(0, 8)}27T10:00:00.000Z` },
        { due_at: `${DAY}T09:00:00.000Z`, useful_until: `${DAY}T10:00:00.000Z` },
      ]);
    });

    test('one that is kept stays as it is, one that is gone is gone', async () => {
      const { id } = await make();
      const rules = async () =>
        api.dataSource.query(
          'SELECT id, before, effective_at FROM reminder_rules WHERE dialogue_id = $1 ORDER BY before',
          [id],
        );
      await put(id, [everyone('P1D'), everyone('PT1H')]);
      const [day] = await rules();
      await put(id, [everyone('P1D'), everyone('PT2H')]);
      expect(await rules()).toEqual([day, expect.objectContaining({ before: 'PT2H' })]);
      expect((await put(id, [])).json()).toEqual({ rules: [] });
    });

    test('refuse an offset that is none', async () => {
      const { id } = await make();
      const answer = await put(id, [everyone('P1D'), everyone('1 hour'), everyone('-PT1H')]);
      expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual([
        'rules.1.before',
        'rules.2.before',
      ]);
    });
  });

  test('sees every mail of it, filtered and counted', async () => {
    const { id } = await make();
    await api.dataSource.query(
      `INSERT INTO mails (kind, dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key, state, answer, attempts)
       SELECT 'invitation', $1::uuid, gen_random_uuid(), 'N ' || n, 'N' || n || '@mission.example', 'en', $1::text || n,
         CASE n WHEN 3 THEN 'failed' ELSE 'queued' END, CASE n WHEN 3 THEN '550 5.1.1 unknown' END, n
       FROM generate_series(1, 3) AS n`,
      [id],
    );
    const mails = (query: string) => api.request('GET', `/v1/dialogues/${id}/mails${query}`);
    const first = (await mails('?limit=2')).json();
    expect(first).toMatchObject({
      items: [
        {
          recipient: 'N3@mission.example',
          state: 'failed',
          answer: '550 5.1.1 unknown',
          about: 'invitation',
        },
        { recipient: 'N2@mission.example', state: 'queued', next_attempt_at: expect.any(String) },
      ],
      counts: [
        { kind: 'invitation', state: 'failed', count: 1 },
        { kind: 'invitation', state: 'queued', count: 2 },
      ],
    });
    expect((await mails(`?limit=2&cursor=${first.next_cursor}`)).json()).toMatchObject({
      items: [{ recipient: 'N1@mission.example' }],
      next_cursor: null,
    });
    expect((await mails('?state=failed&recipient=n3@mission.example')).json().items).toHaveLength(1);
    expect((await mails('?state=lost')).statusCode).toBe(422);
  });

  test('says how registration goes: approval, offers, substitutes, the deadline for answers, how long data are kept', async () => {
    const { id, ...drafted } = await make();
    expect(drafted).toMatchObject({
      approvals_needed: 0,
      promotion: 'at_once',
      offer_for: 'P2D',
      substitution: 'closed',
      answers_due_at_local: null,
      retention_days: null,
    });
    const settings = {
      approvals_needed: 2,
      promotion: 'offer',
      offer_for: 'PT36H',
      substitution: 'approved',
      answers_due_at_local: `${DAY.slice(0, 8)}20T18:00`,
      retention_days: 90,
    };
    const changed = await patch(id, settings);
    expect(changed.json()).toMatchObject({
      ...settings,
      answers_due_at: `${DAY.slice(0, 8)}20T16:00:00.000Z`,
    });

    // The deadlines follow the host's clock into another zone.
    await api.dataSource.query(
      `INSERT INTO delegations (dialogue_id, organisation, nominations_close_at_local, nominations_close_at)
       VALUES ($1, 'Bali Process', $2, $3)`,
      [id, `${DAY.slice(0, 8)}10T12:00`, `${DAY.slice(0, 8)}10T10:00Z`],
    );
    const moved = await patch(id, { time_zone: 'Asia/Jakarta' });
    expect(moved.json().answers_due_at).toBe(`${DAY.slice(0, 8)}20T11:00:00.000Z`);
    const [{ closes }] = await api.dataSource.query(
      'SELECT nominations_close_at AS closes FROM delegations WHERE dialogue_id = $1',
      [id],
    );
    expect((closes as Date).toISOString()).toBe(`${DAY.slice(0, 8)}10T05:00:00.000Z`);

    expect((await patch(id, { answers_due_at_local: null, retention_days: null })).json()).toMatchObject({
      answers_due_at_local: null,
      answers_due_at: null,
      retention_days: null,
    });
    expect((await patch(id, { answers_due_at_local: 'tomorrow' })).json().code).toBe('wall_time_malformed');
    expect((await patch(id, { approvals_needed: 10 })).statusCode).toBe(422);
  });

  test('every change leaves a line of who did it, from where', async () => {
    const { id } = await make();
    await act(id, 'publication');
    await patch(id, { starts_at_local: `${DAY}T12:00` });
    const lines = await api.dataSource.query(
      'SELECT actor, origin, action FROM audit_entries WHERE dialogue_id = $1 ORDER BY id',
      [id],
    );
    const who = { actor: `organiser:${api.organiser.id}`, origin: '127.0.0.1' };
    expect(lines).toEqual([
      { ...who, action: 'dialogue.drafted' },
      { ...who, action: 'dialogue.published' },
      { ...who, action: 'dialogue.changed' },
    ]);
  });
});
