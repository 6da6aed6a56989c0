import readXlsxFile from 'read-excel-file/node';
import { startApi, type TestApi, type TestOrganiser } from '../support/api';
import {
  answers,
  inviteList,
  linkOf,
  listOf,
  publishDialogue,
  type TestDialogue,
} from '../support/participants';

describe('at the door', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ environment: { DATABASE_CONNECTIONS: '20' } });
  });
  afterAll(() => api.close());

  const person = (number: number) => `person.${number}@ministry.example`;
  const room = { venue: { kind: 'in_person', room: 'Hall 3' } };
  const online = { venue: { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/room' } };

  /** A dialogue with so many who accepted, that started so many minutes ago (ahead: negative). */
  const prepare = async (
    people: number,
    { startedMinutesAgo = 30, changes = room as object } = {},
  ): Promise<TestDialogue & { ids: string[] }> => {
    const dialogue = await publishDialogue(api, changes);
    await inviteList(api, dialogue.id, listOf(people));
    for (let number = 1; number <= people; number++) {
      const link = await linkOf(api, 'invitation', { dialogueId: dialogue.id, email: person(number) });
      await api.submit(`${link}/acceptance`, answers);
    }
    await api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() - $2 * interval '1 minute', ends_at = now() + (120 - $2) * interval '1 minute'
       WHERE id = $1`,
      [dialogue.id, startedMinutesAgo],
    );
    const rows: { id: string }[] = await api.dataSource.query(
      'SELECT id FROM registrations WHERE dialogue_id = $1 ORDER BY email',
      [dialogue.id],
    );
    return { ...dialogue, ids: rows.map(({ id }) => id) };
  };
  const token = (purpose: 'check-in' | 'join', id: string, generation = 1): string => {
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    return api.app.get(Links).compose(purpose, id, generation);
  };
  const spoken = (id: string) => `${id.slice(0, 4)}-${id.slice(4, 8)}`.toUpperCase();
  const arrive = (dialogueId: string, body: object, officer?: TestOrganiser) =>
    api.request('POST', `/v1/dialogues/${dialogueId}/arrivals`, body, officer && { token: officer.token });
  /** Another officer of the dialogue. */
  const officerOf = async (dialogueId: string, name: string, role = 'rapporteur'): Promise<TestOrganiser> => {
    const officer = await api.newOrganiser(name);
    await api.dataSource.query(
      'INSERT INTO dialogue_roles (dialogue_id, organiser_id, roles) VALUES ($1, $2, ARRAY[$3])',
      [dialogueId, officer.id, role],
    );
    return officer;
  };
  /** The cookie of an officer's browser. */
  const browserOf = async ({ id }: { id: string }): Promise<Record<string, string>> => {
    const { hashSecret, newSecret } = require('@app/platform') as typeof import('@app/platform');
    const session = newSecret();
    const [row] = await api.dataSource.query(
      `INSERT INTO sessions (organiser_id, secret_hash, expires_at) VALUES ($1, $2, now() + interval '1 hour') RETURNING id`,
      [id, hashSecret(session)],
    );
    return { cookie: `plenary_session=${row.id}.${session}`, 'sec-fetch-site': 'same-origin' };
  };
  const open = (url: string, headers: Record<string, string> = {}) =>
    api.app.inject({ method: 'GET', url, headers });

  test('a code checks its owner in, whether the scanner gives the address or the person says it', async () => {
    const { id, ids } = await prepare(3);
    const scanned = await arrive(id, { code: `http://plenary.example/c/${token('check-in', ids[0]!)}` });
    expect([scanned.statusCode, scanned.json()]).toEqual([
      201,
      expect.objectContaining({ registration_id: ids[0], name: 'Person 1', how: 'code', late: true }),
    ]);
    expect((await arrive(id, { code: ids[1]!.slice(0, 8).toUpperCase() })).json()).toMatchObject({
      registration_id: ids[1],
      how: 'code',
    });
    expect((await arrive(id, { registration_id: ids[2] })).json()).toMatchObject({ how: 'list' });
    const { attendances, registration_ids } = (
      await api.request('GET', `/v1/dialogues/${id}/attendance`)
    ).json();
    expect(registration_ids.toSorted()).toEqual([...ids].toSorted());
    for (const row of attendances) expect(row).toMatchObject({ present: true, left_at: null });
  });

  test('of two officers at once one writes the arrival, and the other is told when and by whom', async () => {
    const { id, ids } = await prepare(1);
    const officers = await Promise.all(
      Array.from({ length: 8 }, (_, number) => officerOf(id, `Officer at door ${number}`)),
    );
    const answered = await Promise.all(
      officers.map((officer) => arrive(id, { registration_id: ids[0] }, officer)),
    );
    const [first, ...others] = answered.toSorted((one, other) => one.statusCode - other.statusCode);
    expect(first!.statusCode).toBe(201);
    const { arrived_at: at, noted_by: by } = first!.json();
    for (const other of others) {
      expect([other.statusCode, other.json().code]).toEqual([409, 'already_arrived']);
      expect(other.json().detail).toContain(`at ${at} by ${by}`);
    }
    const written = await api.dataSource.query(
      `SELECT action FROM audit_entries WHERE dialogue_id = $1 AND action = 'attendance.arrived'`,
      [id],
    );
    expect(written).toHaveLength(1);
  });

  test('only who is confirmed comes in, and the others are told why', async () => {
    const { id, ids } = await prepare(4);
    const states = ['waitlisted', 'withdrawn', 'under_review', 'refused'];
    for (const [index, state] of states.entries()) {
      await api.dataSource.query(
        `UPDATE registrations SET state = $2, confirmed_at = CASE WHEN $2 = 'under_review' THEN confirmed_at END,
           waitlist_number = CASE WHEN $2 = 'waitlisted' THEN 1 END,
           substitutes_for = CASE WHEN $2 = 'under_review' THEN $3::uuid END WHERE id = $1`,
        [ids[index], state, ids[1]],
      );
    }
    const told = await Promise.all(ids.map((registration_id) => arrive(id, { registration_id })));
    expect(told.map((answer) => [answer.statusCode, answer.json().code])).toEqual(
      states.map(() => [409, 'not_confirmed']),
    );
    expect(told.map((answer) => answer.json().detail)).toEqual([
      expect.stringContaining('waiting list'),
      expect.stringContaining('withdrawn'),
      expect.stringContaining('not approved yet'),
      expect.stringContaining('refused'),
    ]);
    expect(await api.dataSource.query('SELECT 1 FROM attendances WHERE dialogue_id = $1', [id])).toEqual([]);
  });

  test('who is approved anew comes in, and a substitute once somebody approved them', async () => {
    const { id, ids } = await prepare(3);
    const [changed, substitute, delegate] = ids as [string, string, string];
    await api.dataSource.query('UPDATE dialogues SET approvals_needed = 1 WHERE id = $1', [id]);
    await api.dataSource.query(
      `UPDATE registrations SET state = 'under_review', approval_round = 1,
         substitutes_for = CASE WHEN id = $2 THEN $3::uuid END WHERE id IN ($1, $2)`,
      [changed, substitute, delegate],
    );
    const all = (registration_ids: string[]) =>
      api.replace(`/v1/dialogues/${id}/attendance`, { registration_ids });
    const comes = async (registration_id: string) => (await arrive(id, { registration_id })).statusCode;
    const headers = await browserOf(api.organiser);
    expect((await open(`/door/${id}`, headers)).body).toContain('0 of 2 have arrived.');
    expect([await comes(changed), await comes(substitute)]).toEqual([201, 409]);
    expect((await all([changed])).statusCode).toBeLessThan(300);
    expect((await all([changed, substitute])).json().code).toBe('unknown_registration');
    const button = async (registrationId: string) =>
      (await open(`/c/${token('check-in', registrationId)}`, headers)).body;
    expect(await button(substitute)).toContain('Not approved yet');
    expect(await button(substitute)).not.toContain('value="arrival"');
    // Approved, and changed again since.
    await api.dataSource.query(
      `INSERT INTO approvals (registration_id, round, organiser_id, decision) VALUES ($1, 1, $2, 'approved')`,
      [substitute, api.organiser.id],
    );
    expect(await comes(substitute)).toBe(409);
    await api.dataSource.query('UPDATE registrations SET approval_round = 2 WHERE id = $1', [substitute]);
    expect(await button(substitute)).toContain('value="arrival"');
    expect(await comes(substitute)).toBe(201);
    expect((await all([changed, substitute])).statusCode).toBeLessThan(300);
  });

  test('a code of another dialogue is told to be one, and nothing of its owner', async () => {
    const [here, there] = [await prepare(1), await prepare(1)];
    const answer = await arrive(here.id, { code: token('check-in', there.ids[0]!) });
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'code_of_another_dialogue']);
    expect(answer.body).not.toContain('Person');
    expect(answer.body).not.toContain(there.ids[0]);
    expect((await arrive(here.id, { registration_id: there.ids[0] })).statusCode).toBe(404);
    for (const code of [
      token('join', here.ids[0]!),
      token('check-in', here.ids[0]!, 2),
      'nonsense',
      there.ids[0]!.slice(0, 8),
    ]) {
      expect((await arrive(here.id, { code })).json().code).toBe('code_unknown');
    }
    expect((await arrive(here.id, {})).json().code).toBe('code_or_registration');
  });

  test('nobody comes in before the day, after the end, or to a dialogue that is not held', async () => {
    const { id, ids } = await prepare(1, { startedMinutesAgo: -12 * 60 - 5 });
    const refused = async () => (await arrive(id, { registration_id: ids[0] })).json();
    expect(await refused()).toMatchObject({
      code: 'door_closed',
      detail: expect.stringContaining('too early'),
    });
    const shift = (minutes: number) =>
      api.dataSource.query(
        `UPDATE dialogues SET starts_at = now() + $2 * interval '1 minute',
           ends_at = now() + ($2 + 120) * interval '1 minute' WHERE id = $1`,
        [id, minutes],
      );
    await shift(-121);
    expect(await refused()).toMatchObject({ code: 'door_closed', detail: expect.stringContaining('over') });
    await shift(60);
    await api.request('POST', `/v1/dialogues/${id}/postponement`, { reason: 'The venue is shut.' });
    expect(await refused()).toMatchObject({
      code: 'door_closed',
      detail: expect.stringContaining('postponed'),
    });
  });

  test('who leaves is noted, comes back with the first arrival kept, and a mistake is taken back', async () => {
    const { id, ids } = await prepare(1, { startedMinutesAgo: -30 });
    const [registration_id] = ids;
    const leave = () => api.request('POST', `/v1/dialogues/${id}/departures`, { registration_id });
    expect((await leave()).json().code).toBe('not_there');
    const { arrived_at: at, late } = (await arrive(id, { registration_id })).json();
    expect(late).toBe(false);
    const left = await leave();
    expect([left.statusCode, left.json().arrived_at]).toEqual([201, at]);
    expect(left.json().left_at).not.toBeNull();
    expect((await leave()).json().code).toBe('not_there');
    expect((await arrive(id, { registration_id })).json()).toMatchObject({ arrived_at: at, left_at: null });
    const takeBack = () => api.request('DELETE', `/v1/dialogues/${id}/arrivals/${registration_id}`);
    expect((await takeBack()).statusCode).toBe(204);
    expect((await takeBack()).statusCode).toBe(404);
    expect((await api.request('GET', `/v1/dialogues/${id}/attendance`)).json()).toEqual({
      registration_ids: [],
      attendances: [],
    });
  });

  test('an officer neither notes nor reads by its id who came to another dialogue', async () => {
    const [here, there] = [await prepare(1), await prepare(1)];
    await arrive(there.id, { registration_id: there.ids[0] });
    const stranger = await officerOf(here.id, 'Officer of here');
    const as = { token: stranger.token };
    const body = { registration_id: there.ids[0]! };
    const attendances = () =>
      api.dataSource.query('SELECT * FROM attendances WHERE dialogue_id = $1', [there.id]);
    const before = await attendances();
    const departure = await api.request('POST', `/v1/dialogues/${here.id}/departures`, body, as);
    expect(departure.statusCode).toBe(404);
    expect((await arrive(here.id, body, stranger)).statusCode).toBe(404);
    const replaced = await api.replace(
      `/v1/dialogues/${here.id}/attendance`,
      { registration_ids: there.ids },
      as,
    );
    expect(replaced.json().code).toBe('unknown_registration');
    const takeBack = `/v1/dialogues/${here.id}/arrivals/${there.ids[0]}`;
    expect((await api.request('DELETE', takeBack, undefined, as)).statusCode).toBe(404);
    const browser = await browserOf(stranger);
    for (const what of ['arrival', 'departure', 'correction']) {
      const acted = await api.submit(`/door/${here.id}`, { ...body, what }, browser);
      expect([what, acted.statusCode]).toEqual([what, 404]);
      expect(acted.body).not.toContain('Person');
    }
    expect(await attendances()).toEqual(before);
  });

  test('replacing the attendance keeps the time of who stays on it', async () => {
    const { id, ids } = await prepare(3);
    const { arrived_at: at } = (await arrive(id, { registration_id: ids[0] })).json();
    await arrive(id, { registration_id: ids[1] });
    const replaced = await api.replace(`/v1/dialogues/${id}/attendance`, {
      registration_ids: [ids[0], ids[2]],
    });
    const byId = Object.fromEntries(
      replaced.json().attendances.map((row: { registration_id: string }) => [row.registration_id, row]),
    );
    expect(Object.keys(byId).toSorted()).toEqual([ids[0]!, ids[2]!].toSorted());
    expect(byId[ids[0]!].arrived_at).toBe(at);
    expect(byId[ids[2]!]).toMatchObject({ arrived_at: null, present: true, late: false });
  });

  test('viewers and strangers change nothing at the door', async () => {
    const { id, ids } = await prepare(1);
    const viewer = await officerOf(id, 'A viewer', 'viewer');
    const stranger = await api.newOrganiser();
    const body = { registration_id: ids[0]! };
    expect((await arrive(id, body, viewer)).json().code).toBe('role_insufficient');
    expect((await arrive(id, body, stranger)).statusCode).toBe(404);
    const code = `/c/${token('check-in', ids[0]!)}`;
    for (const [who, status] of [
      [viewer, 403],
      [stranger, 404],
    ] as const) {
      const headers = await browserOf(who);
      for (const url of [code, `/door/${id}`]) {
        const page = await open(url, headers);
        // Who has no right there may still be the one whose code it is, and sees of it what its owner does.
        const isCode = url === code;
        expect([url, page.statusCode]).toEqual([url, isCode ? 200 : status]);
        expect(page.body.includes('Person 1')).toBe(isCode);
        expect(page.body).not.toMatch(/<button|name="what"/);
        expect((await api.submit(url, { ...body, what: 'arrival' }, headers)).statusCode).toBe(status);
      }
    }
    expect(await api.dataSource.query('SELECT 1 FROM attendances WHERE dialogue_id = $1', [id])).toEqual([]);
  });

  describe('the check-in link', () => {
    const failures = async (): Promise<number> => {
      const [row] = await api.dataSource.query(
        `SELECT coalesce(sum(points), 0)::int AS count FROM rate_limits WHERE key LIKE 'failures:%'`,
      );
      return row.count;
    };

    test('said "Show this code" and had none: it shows the code that the mail has, and the name', async () => {
      const { encodeQR } = await import('qr');
      const { id, ids } = await prepare(1);
      const link = `/c/${token('check-in', ids[0]!)}`;
      const page = await open(link);
      expect([page.statusCode, page.headers['cache-control']]).toEqual([200, 'no-store']);
      expect(page.body).toContain('Show this code at the door');
      expect(page.body).toContain('Person 1');
      expect(page.body).toContain(spoken(ids[0]!));
      expect(page.body).not.toMatch(/<button|name="what"/);
      // What a scanner reads from the picture, run by run.
      const [, path] = /<svg role="img".*?<path d="([^"]+)"/s.exec(page.body)!;
      const dark = new Set(
        [...path!.matchAll(/M(\d+) (\d+)h(\d+)/g)].flatMap(([, x, y, run]) =>
          Array.from({ length: Number(run) }, (_, step) => `${Number(x) + step} ${y}`),
        ),
      );
      const meant = encodeQR(`http://plenary.example${link}`, 'raw', { ecc: 'medium', border: 4 });
      expect(meant.map((row, y) => row.map((_, x) => dark.has(`${x} ${y}`)))).toEqual(meant);
      const posted = await api.submit(link, { what: 'arrival' });
      expect(posted.statusCode).toBe(403);
      expect(await api.dataSource.query('SELECT 1 FROM attendances WHERE dialogue_id = $1', [id])).toEqual(
        [],
      );
    });

    test('is read in the language of its owner, or in another', async () => {
      const { ids } = await prepare(1);
      await api.dataSource.query(`UPDATE registrations SET language = 'fr' WHERE id = $1`, [ids[0]]);
      const link = `/c/${token('check-in', ids[0]!)}`;
      expect((await open(link)).body).toContain('Présentez ce code à l’entrée');
      expect((await open(`${link}?lang=ar`)).body).toContain('dir="rtl"');
    });

    test('answered 200 to every token: one that is not ours is 404, tells nothing and counts as a failure', async () => {
      const { id, ids } = await prepare(1);
      const wrong = {
        'made up': 'x'.repeat(65),
        'no token': 'x',
        'of the right person': token('check-in', ids[0]!).slice(0, 22) + 'A'.repeat(43),
        'of another purpose': token('join', ids[0]!),
        'of a generation to come': token('check-in', ids[0]!, 2),
      };
      for (const headers of [{}, await browserOf(api.organiser)]) {
        for (const [what, secret] of Object.entries(wrong)) {
          const before = await failures();
          const page = await open(`/c/${secret}`, headers);
          expect([what, page.statusCode, (await failures()) - before]).toEqual([what, 404, 1]);
          expect(page.body).not.toMatch(/Person 1|<svg|Show this code/);
        }
      }
      const good = `/c/${token('check-in', ids[0]!)}`;
      const before = await failures();
      expect((await open(good)).statusCode).toBe(200);
      expect(await failures()).toBe(before);
      await api.request('DELETE', `/v1/registrations/${ids[0]}/link`);
      expect((await open(good)).statusCode).toBe(404);
      await api.dataSource.query('UPDATE dialogues SET published_at = NULL WHERE id = $1', [id]);
      expect((await open(`/c/${token('check-in', ids[0]!, 2)}`)).statusCode).toBe(404);
    });

    test('shows no code to who is not let in, and says why', async () => {
      const { ids } = await prepare(1);
      await api.dataSource.query(
        `UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL WHERE id = $1`,
        [ids[0]],
      );
      const page = await open(`/c/${token('check-in', ids[0]!)}`);
      expect([page.statusCode, page.body]).toEqual([200, expect.stringContaining('Has withdrawn')]);
      expect(page.body).not.toMatch(/<svg|Show this code/);
    });
  });

  test('an officer checks in with one button on the page of the code', async () => {
    const { id, ids } = await prepare(1);
    const headers = await browserOf(api.organiser);
    const url = `/c/${token('check-in', ids[0]!)}`;
    const before = await open(url, headers);
    expect(before.body).toContain('Check in');
    expect(before.headers['referrer-policy']).toBe('same-origin');
    const done = await api.submit(url, { what: 'arrival' }, headers);
    expect([done.statusCode, done.headers.location]).toEqual([303, url]);
    expect((await open(url, headers)).body).toMatch(/Checked in at \d\d:\d\d by/);
    const second = await officerOf(id, 'Second officer');
    const again = await api.submit(url, { what: 'arrival' }, await browserOf(second));
    expect(again.headers.location).toBe(`${url}?already`);
    expect((await open(`${url}?already`, await browserOf(second))).body).toMatch(
      /Already there: Checked in at \d\d:\d\d by/,
    );
    // From elsewhere the cookie does not count.
    const forged = await api.submit(
      url,
      { what: 'correction' },
      { ...headers, 'sec-fetch-site': 'cross-site' },
    );
    expect(forged.statusCode).toBe(403);
  });

  test('the list finds by part of a name or by the code, page by page', async () => {
    const { id, ids } = await prepare(2);
    await api.dataSource.query(
      `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state, confirmed_at)
       SELECT $1, 'Delegate ' || n, 'delegate ' || lpad(n::text, 3, '0'), n || '@d.example', n || '@d.example', 'en', 'UTC',
         'confirmed', now() FROM generate_series(1, 60) AS n`,
      [id],
    );
    const headers = await browserOf(api.organiser);
    const found = await open(`/door/${id}?q=PERSON%202`, headers);
    expect(found.body).toContain('Person 2');
    expect(found.body).not.toContain('Person 1');
    expect((await open(`/door/${id}?q=${ids[0]!.slice(0, 8)}`, headers)).body).toContain('Person 1');
    for (const typed of ['2%20person', 'P%C3%A9rson%202']) {
      expect((await open(`/door/${id}?q=${typed}`, headers)).body).toContain('Person 2');
    }
    expect((await open(`/door/${id}?q=nobody%20at%20all`, headers)).body).toContain('Nobody is found.');
    const first = (await open(`/door/${id}`, headers)).body;
    const next = /href="(\/door\/[^"]+cursor=[^"]+)"/.exec(first)![1]!.replaceAll('&amp;', '&');
    const second = (await open(next, headers)).body;
    expect(first.match(/<h2><bdi>/g)).toHaveLength(50);
    expect(second.match(/<h2><bdi>/g)).toHaveLength(12);
    expect(second).toContain('Person 2');
    const done = await api.submit(
      `/door/${id}?q=person`,
      { registration_id: ids[1]!, what: 'arrival' },
      headers,
    );
    expect(done.headers.location).toBe(`/door/${id}?q=person`);
    expect((await open(`/door/${id}?q=person`, headers)).body).toContain('1 of 62 have arrived.');
    const anonymous = await open(`/door/${id}`);
    expect([anonymous.statusCode, anonymous.headers.location]).toEqual([303, '/sign-in']);
  });

  describe('who is not signed in', () => {
    const signInLink = async () => {
      const { AccountsService } = require('@app/accounts') as typeof import('@app/accounts');
      return new URL(await api.app.get(AccountsService).newSignInLink(api.organiser.id)).pathname;
    };

    test('comes back to the code or the list after signing in, once', async () => {
      const { id, ids } = await prepare(1);
      for (const path of [`/c/${token('check-in', ids[0]!)}`, `/door/${id}`]) {
        const asked = await open(`${path}?q=person`);
        const kept = String(asked.headers['set-cookie']);
        expect(kept).toMatch(/^plenary_return=[^;]+; Max-Age=900; Path=\/sign-in; HttpOnly; SameSite=Lax$/);
        const cookie = kept.split(';')[0]!;
        const signedIn = await api.submit(await signInLink(), {}, { cookie });
        expect([signedIn.statusCode, signedIn.headers.location]).toEqual([303, path]);
        const cookies = signedIn.headers['set-cookie'] as string[];
        expect(cookies).toContainEqual(expect.stringMatching(/^plenary_return=; .*Expires=Thu, 01 Jan 1970/));
        const session = cookies.find((one) => one.startsWith('plenary_session='))!.split(';')[0]!;
        const back = await open(path, { cookie: session });
        expect([back.statusCode, back.headers['set-cookie']]).toEqual([200, undefined]);
        expect(back.body).toContain('Person 1');
      }
    });

    test('is led nowhere else, whatever the browser sends', async () => {
      for (const path of [
        'https://evil.example',
        '//evil.example',
        '/\\evil.example',
        '/door//evil.example',
        '/door/../organiser',
        '/c/x\r\nset-cookie: a=b',
        '/c/x?next=//evil.example',
        '/sign-out',
        '',
      ]) {
        const cookie = `plenary_return=${encodeURIComponent(path)}`;
        const signedIn = await api.submit(await signInLink(), {}, { cookie });
        expect([path, signedIn.headers.location]).toEqual([path, '/organiser']);
      }
    });
  });

  test('organisers find the way to the door on their page, on the day and where they may note arrivals', async () => {
    const today = await prepare(1);
    const ahead = await prepare(1, { startedMinutesAgo: -3 * 1_440 });
    const cancelled = await prepare(1);
    await api.dataSource.query(`UPDATE dialogues SET state = 'cancelled' WHERE id = $1`, [cancelled.id]);
    const doors = async (organiser: { id: string }) => {
      const { body } = await open('/organiser', await browserOf(organiser));
      return [today, ahead, cancelled].map(({ id }) => body.includes(`href="/door/${id}"`));
    };
    expect(await doors(api.organiser)).toEqual([true, false, false]);
    expect(await doors(await officerOf(today.id, 'Rapporteur'))).toEqual([true, false, false]);
    expect(await doors(await officerOf(today.id, 'Viewer', 'viewer'))).toEqual([false, false, false]);
  });

  test('who comes to the room is told nothing of a link to join, confirmed or not', async () => {
    const { id } = await publishDialogue(api, {
      venue: { kind: 'hybrid', room: 'Hall 3', platform: 'Kudo', join_url: 'https://meet.example/room' },
    });
    await inviteList(api, id, listOf(2));
    for (const [number, attends] of [
      [1, 'in_person'],
      [2, 'virtual'],
    ] as const) {
      const link = await linkOf(api, 'invitation', { dialogueId: id, email: person(number) });
      const before = (await open(link)).body;
      // Nothing is known of where they attend yet.
      expect(before).toContain('Confirmed participants receive the link to join.');
      await api.submit(`${link}/acceptance`, { ...answers, attends });
    }
    const said = async (number: number) => {
      const { body } = await open(
        await linkOf(api, 'registration', { dialogueId: id, email: person(number) }),
      );
      return ['receive the link to join', 'link to join is for confirmed'].filter((words) =>
        body.includes(words),
      );
    };
    expect([await said(1), await said(2)]).toEqual([[], ['link to join is for confirmed']]);
    await api.dataSource.query(`UPDATE registrations SET state = 'under_review' WHERE dialogue_id = $1`, [
      id,
    ]);
    expect([await said(1), await said(2)]).toEqual([[], ['receive the link to join']]);
  });

  describe('online', () => {
    const came = (id: string) =>
      api.dataSource.query(
        `SELECT noted_how, noted_by, arrived_at IS NOT NULL AS arrived FROM attendances WHERE dialogue_id = $1`,
        [id],
      );

    test('opening the personal link notes nothing; its button notes the arrival once and leads to the platform', async () => {
      const { id, ids } = await prepare(1, { startedMinutesAgo: 5, changes: online });
      const link = `/j/${token('join', ids[0]!)}`;
      const page = await open(link);
      expect([page.statusCode, page.body]).toEqual([200, expect.stringContaining('Join the meeting')]);
      expect(page.body).not.toContain('meet.example');
      // Browsers hold the answer to a form against the policy of its page.
      expect(page.headers['content-security-policy']).toContain("form-action 'self' https:");
      expect(await came(id)).toEqual([]);
      const [first, second] = await Promise.all([api.submit(link, {}), api.submit(link, {})]);
      for (const { statusCode, headers } of [first, second]) {
        expect([statusCode, headers.location]).toEqual([303, 'https://meet.example/room']);
      }
      expect(await came(id)).toEqual([{ noted_how: 'online', noted_by: `link:${ids[0]}`, arrived: true }]);
    });

    test('the page before the hour had the platform’s own address: its button tries the platform, and nobody has come', async () => {
      const { id, ids } = await prepare(1, { startedMinutesAgo: -90, changes: online });
      const link = `/j/${token('join', ids[0]!)}`;
      const page = await open(link);
      expect(page.body).toContain('The meeting opens on');
      expect(page.body).toContain('does not count as your arrival');
      expect(page.body).toContain('<button');
      expect(page.body).not.toContain('meet.example');
      const tried = await api.submit(link, {});
      expect([tried.statusCode, tried.headers.location]).toEqual([303, 'https://meet.example/room']);
      expect(tried.body).not.toContain('meet.example');
      expect(await came(id)).toEqual([]);
      // The same button counts once the hour has come.
      await api.dataSource.query(
        `UPDATE dialogues SET starts_at = now() + interval '59 minutes' WHERE id = $1`,
        [id],
      );
      expect((await api.submit(link, {})).statusCode).toBe(303);
      expect(await came(id)).toHaveLength(1);
    });

    test('who is not confirmed, or comes when all is over or nothing is held, is not led to the platform', async () => {
      const { id, ids } = await prepare(1, { startedMinutesAgo: -90, changes: online });
      const link = `/j/${token('join', ids[0]!)}`;
      for (const change of [
        `UPDATE dialogues SET state = 'postponed' WHERE id = $1`,
        `UPDATE dialogues SET state = 'cancelled' WHERE id = $1`,
        `UPDATE dialogues SET state = 'published', starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour'
         WHERE id = $1`,
        `WITH ahead AS (UPDATE dialogues SET starts_at = now() + interval '2 hours', ends_at = now() + interval '4 hours' WHERE id = $1)
         UPDATE registrations SET state = 'awaiting_approval', confirmed_at = NULL WHERE dialogue_id = $1`,
      ]) {
        await api.dataSource.query(change, [id]);
        for (const answer of [await open(link), await api.submit(link, {})]) {
          expect([change, answer.statusCode]).toEqual([change, 200]);
          expect(`${answer.body}${JSON.stringify(answer.headers)}`).not.toContain('meet.example');
        }
      }
      expect(await came(id)).toEqual([]);
    });

    test('joins nobody who is not confirmed, and tells them no link', async () => {
      const { id, ids } = await prepare(1, { startedMinutesAgo: 5, changes: online });
      const link = `/j/${token('join', ids[0]!)}`;
      await api.dataSource.query(
        `UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL WHERE id = $1`,
        [ids[0]],
      );
      for (const answer of [await open(link), await api.submit(link, {})]) {
        expect([answer.statusCode, answer.body]).toEqual([
          200,
          expect.stringContaining('confirmed participants only'),
        ]);
        expect(answer.body).not.toContain('meet.example');
      }
      expect(await came(id)).toEqual([]);
    });

    test('joins whoever is approved anew, and no substitute whom nobody approved', async () => {
      const { id, ids } = await prepare(2, { startedMinutesAgo: 5, changes: online });
      await api.dataSource.query(
        `UPDATE registrations SET state = 'under_review', approval_round = 1,
           substitutes_for = CASE WHEN id = $2 THEN $3::uuid END WHERE dialogue_id = $1`,
        [id, ids[1], ids[0]],
      );
      const [first, second] = [`/j/${token('join', ids[0]!)}`, `/j/${token('join', ids[1]!)}`];
      expect((await api.submit(first, {})).headers.location).toBe('https://meet.example/room');
      expect((await open(second)).body).toContain('confirmed participants only');
      expect((await api.submit(second, {})).body).not.toContain('meet.example');
      expect(await came(id)).toHaveLength(1);
    });

    test('a wrong link, a revoked one and one for another purpose open nothing', async () => {
      const { ids } = await prepare(1, { startedMinutesAgo: 5, changes: online });
      for (const secret of [token('check-in', ids[0]!), token('join', ids[0]!, 2), 'x'.repeat(65)]) {
        expect((await open(`/j/${secret}`)).statusCode).toBe(404);
        expect((await api.submit(`/j/${secret}`, {})).statusCode).toBe(404);
      }
    });

    test.each([
      ['DELETE', 'join-link', 204],
      ['POST', 'join-link', 202],
      ['DELETE', 'link', 204],
      ['POST', 'link', 202],
    ] as const)(
      'a link that was forwarded could not be revoked: %s /v1/registrations/{id}/%s ends it',
      async (method, what, status) => {
        const { id, ids } = await prepare(2, { startedMinutesAgo: 5, changes: online });
        const [forwarded, others] = ids.map((one) => `/j/${token('join', one)}`);
        const page = await linkOf(api, 'registration', { dialogueId: id, email: person(1) });
        const revoked = await api.request(method, `/v1/registrations/${ids[0]}/${what}`);
        expect(revoked.statusCode).toBe(status);
        expect((await open(forwarded!)).statusCode).toBe(404);
        expect((await api.submit(forwarded!, {})).statusCode).toBe(404);
        expect((await open(others!)).statusCode).toBe(200);
        // The personal link goes on alone where only the link to join was revoked, and leads to the new one.
        const own = await open(page);
        const isAlone = what === 'join-link';
        expect(own.statusCode).toBe(isAlone ? 200 : 404);
        expect(own.body.includes(`href="/j/${token('join', ids[0]!, 2)}"`)).toBe(isAlone);
        expect((await open(`/c/${token('check-in', ids[0]!)}`)).statusCode).toBe(
          what === 'join-link' ? 200 : 404,
        );
        const joined = await api.submit(`/j/${token('join', ids[0]!, 2)}`, {});
        expect(joined.headers.location).toBe('https://meet.example/room');
        expect(await came(id)).toHaveLength(1);
      },
    );

    test('no revocation brings a link back, in whatever order links are revoked', async () => {
      const { ids } = await prepare(1, { startedMinutesAgo: 5, changes: online });
      const tokens = [token('join', ids[0]!)];
      for (const what of ['join-link', 'link', 'join-link', 'join-link', 'link']) {
        await api.request('DELETE', `/v1/registrations/${ids[0]}/${what}`);
        tokens.push(token('join', ids[0]!, tokens.length + 1));
        const opened = await Promise.all(tokens.map((one) => open(`/j/${one}`)));
        expect(opened.map(({ statusCode }) => statusCode)).toEqual([...tokens.slice(1).map(() => 404), 200]);
      }
    });

    test('a new link to join is refused where there is nothing to join, and the old one stays', async () => {
      const inRoom = await prepare(1);
      const { id, ids } = await prepare(1, { startedMinutesAgo: -90, changes: online });
      const renew = async (registrationId: string) => {
        const answer = await api.request('POST', `/v1/registrations/${registrationId}/join-link`);
        return [answer.statusCode, answer.json().code];
      };
      expect(await renew(inRoom.ids[0]!)).toEqual([409, 'no_link_to_join']);
      expect(await renew('3f2a91bc-1111-4000-8000-000000000001')).toEqual([404, 'not_found']);
      const set = (sql: string) => api.dataSource.query(sql, [id]);
      await set(
        `UPDATE registrations SET state = 'waitlisted', waitlist_number = 1, confirmed_at = NULL WHERE dialogue_id = $1`,
      );
      expect(await renew(ids[0]!)).toEqual([409, 'not_confirmed']);
      await set(
        `UPDATE registrations SET state = 'confirmed', waitlist_number = NULL, confirmed_at = now() WHERE dialogue_id = $1`,
      );
      for (const state of ['cancelled', 'postponed']) {
        await set(`UPDATE dialogues SET state = '${state}' WHERE id = $1`);
        expect(await renew(ids[0]!)).toEqual([409, `dialogue_${state}`]);
      }
      await set(`UPDATE dialogues SET state = 'published' WHERE id = $1`);
      expect((await open(`/j/${token('join', ids[0]!)}`)).statusCode).toBe(200);
      // Revoking it asks for nothing.
      await set(`UPDATE dialogues SET state = 'postponed' WHERE id = $1`);
      expect((await api.request('DELETE', `/v1/registrations/${ids[0]}/join-link`)).statusCode).toBe(204);
      expect((await open(`/j/${token('join', ids[0]!)}`)).statusCode).toBe(404);
      expect((await api.request('DELETE', `/v1/registrations/${inRoom.ids[0]}/join-link`)).statusCode).toBe(
        204,
      );
      const mails = await api.dataSource.query(
        `SELECT 1 FROM mails WHERE kind = 'join-link' AND dialogue_id = ANY($1)`,
        [[id, inRoom.id]],
      );
      expect(mails).toEqual([]);
    });
  });

  test('the page of who comes to a room shows the code, and of who joins online the personal link', async () => {
    const inRoom = await prepare(1, { startedMinutesAgo: -600 });
    const virtual = await prepare(1, { startedMinutesAgo: -600, changes: online });
    const pageOf = async ({ id }: { id: string }) =>
      (await open(await linkOf(api, 'registration', { dialogueId: id, email: person(1) }))).body;
    const [seen, screen] = [await pageOf(inRoom), await pageOf(virtual)];
    expect(seen).toContain('<svg role="img"');
    expect(seen).toContain(inRoom.ids[0]!.slice(0, 4).toUpperCase());
    expect(seen).not.toContain('/j/');
    expect(screen).toContain(`href="/j/${token('join', virtual.ids[0]!)}"`);
    expect(screen).not.toContain('<svg role="img"');
    expect(screen).not.toContain('meet.example');
  });

  test('the export has everyone who is confirmed or came, with times of the hosts, as CSV and XLSX', async () => {
    const { id, ids } = await prepare(3);
    await api.dataSource.query(
      `UPDATE registrations SET name = '=HYPERLINK("x")', name_key = '=hyperlink("x")' WHERE id = $1`,
      [ids[1]],
    );
    await arrive(id, { registration_id: ids[0] });
    await api.dataSource.query(
      `UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL WHERE id = $1`,
      [ids[2]],
    );
    const url = `/v1/dialogues/${id}/attendance/export`;
    const csv = await api.request('GET', url);
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    const [head, ...lines] = csv.body.trimEnd().split('\n');
    expect(head).toContain('arrived_at,left_at,late,how,noted_by');
    expect(lines).toHaveLength(2);
    expect(csv.body).toContain(`"'=HYPERLINK(""x"")"`);
    expect(lines.find((line) => line.includes('Person 1'))).toMatch(
      /yes,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[23]:00,,yes,list,Organiser 1/,
    );
    const xlsx = await api.request('GET', `${url}?format=xlsx`);
    const rows = await readXlsxFile(xlsx.rawPayload);
    expect(JSON.stringify(rows)).toContain('=HYPERLINK(\\"x\\")');
    expect((await api.request('GET', `${url}?format=pdf`)).statusCode).toBe(422);
    const stranger = await api.newOrganiser();
    expect((await api.request('GET', url, undefined, { token: stranger.token })).statusCode).toBe(404);
  });

  test('the annex lists those who came, and everyone confirmed where no attendance was kept', async () => {
    const { id, ids } = await prepare(2);
    const names = async () => {
      const { body } = await api.request('GET', `/v1/dialogues/${id}/note/preview`);
      return body.slice(body.indexOf('id="annex"')).match(/Person \d/g);
    };
    expect(await names()).toEqual(['Person 1', 'Person 2']);
    await arrive(id, { registration_id: ids[1] });
    expect(await names()).toEqual(['Person 2']);
    await api.request('DELETE', `/v1/dialogues/${id}/arrivals/${ids[1]}`);
    expect(await names()).toEqual(['Person 1', 'Person 2']);
  });
});
