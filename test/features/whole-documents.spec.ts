import { startApi, type TestApi } from '../support/api';
import { publishDialogue } from '../support/participants';
import { populate, type World } from '../support/populated';
import { isBlocked, until } from '../support/until';

/*
 * A PUT replaces everything that is there, so it has to say what its writer had read: no colleague's work is lost.
 *
 * A NEW PUT NEEDS AN ENTRY in `DOCUMENTS`, or the first test fails and names it.
 */

interface Written {
  /** Two bodies, neither of which is what is there at first. */
  bodies: (world: World) => [object, object];
  /** Whether it may be missing, and is created with `If-None-Match: *`. */
  mayBeMissing?: boolean;
  query?: string;
}

const roles: Written = { bodies: () => [{ roles: ['approver', 'viewer'] }, { roles: ['approver'] }] };

const DOCUMENTS: Record<string, Written> = {
  '/v1/dialogues/{id}/agenda': {
    bodies: ({ ids }) => [
      { sessions: [{ id: ids.session, title: 'One', minutes: 20, items: [] }] },
      { sessions: [{ id: ids.session, title: 'Other', minutes: 20, items: [] }] },
    ],
  },
  '/v1/dialogues/{id}/places': { bodies: () => [{ places: 30 }, { places: 40 }] },
  '/v1/dialogues/{id}/questions': {
    bodies: () => [
      { questions: [] },
      { questions: [{ code: 'diet', kind: 'text', label: { en: 'Diet?' } }] },
    ],
    query: '?discard_answers=true',
  },
  '/v1/dialogues/{id}/reminder-rules': {
    bodies: () => [{ rules: [{ before: 'P2D', audience: 'everyone' }] }, { rules: [] }],
  },
  '/v1/dialogues/{id}/chasing-rules': {
    bodies: () => [
      { rules: [{ counted: 'after_invitation', duration: 'P6D', tells: 'invitee' }] },
      { rules: [] },
    ],
  },
  '/v1/dialogues/{id}/attendance': {
    bodies: ({ ids }) => [{ registration_ids: [ids.registration] }, { registration_ids: [] }],
  },
  '/v1/dialogues/{id}/delegations': {
    bodies: ({ ids }) =>
      [4, 3].map((seats) => ({
        delegations: [{ mechanism: 'M-alpha', seats, focal_point: ids.focalPoint }],
      })) as [object, object],
  },
  '/v1/dialogues/{id}/note': { bodies: () => [{ introduction: 'One' }, { introduction: 'Other' }] },
  '/v1/dialogues/{id}/privacy-notice': {
    bodies: () => [{ texts: { en: 'One.' } }, { texts: { en: 'Other.' } }],
    mayBeMissing: true,
  },
  '/v1/dialogues/{id}/mail-wordings/{kind}/{language}': {
    bodies: () => [{ subject: 'One: {title}' }, { subject: 'Other: {title}' }],
    mayBeMissing: true,
  },
  '/v1/dialogues/{id}/roles/{organiser_id}': roles,
  '/v1/processes/{id}/roles/{organiser_id}': roles,
  '/v1/imports/{id}/mapping': { bodies: () => [{ mapping: { name: 'name' } }, { mapping: {} }] },
};

/** Documents of a dialogue that are there, empty, as soon as it is drafted. */
const FROM_THE_START = [
  'agenda',
  'places',
  'questions',
  'reminder-rules',
  'chasing-rules',
  'attendance',
  'delegations',
  'note',
];

describe('a whole document', () => {
  let api: TestApi;
  let world: World;
  beforeAll(async () => {
    api = await startApi();
    world = await populate(api, 'alpha', api.organiser);
  });
  afterAll(() => api.close());

  const addressOf = (path: string) =>
    path
      .replace('/dialogues/{id}', `/dialogues/${world.ids.dialogue}`)
      .replace('/processes/{id}', `/processes/${world.ids.process}`)
      .replace('/imports/{id}', `/imports/${world.ids.import}`)
      .replace('{organiser_id}', world.organisers.colleague.id)
      .replace('{kind}/{language}', 'invitation/en');
  const codeOf = (answer: Awaited<ReturnType<TestApi['request']>>) =>
    answer.statusCode < 300 ? answer.statusCode : `${answer.statusCode} ${answer.json().code}`;
  const etag = async (url: string) => (await api.request('GET', url)).headers.etag;
  const etagsOf = async (id: string, names: string[]) =>
    Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name, await etag(`/v1/dialogues/${id}/${name}`)] as const),
      ),
    );
  const door = async (id: string) =>
    api.dataSource.query(
      `UPDATE dialogues SET starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour' WHERE id = $1`,
      [id],
    );
  const arrive = (registrationId: string, dialogueId = world.ids.dialogue) =>
    api.request('POST', `/v1/dialogues/${dialogueId}/arrivals`, { registration_id: registrationId });

  test('is every one that OpenAPI has a PUT for, with If-Match and the ETag of its GET described', async () => {
    const { paths } = (await api.request('GET', '/openapi.json')).json();
    const puts = Object.keys(paths).filter((path) => paths[path].put);
    expect(puts.toSorted()).toEqual(Object.keys(DOCUMENTS).toSorted());
    for (const path of puts) {
      const { get, put } = paths[path];
      const headers = put.parameters
        .filter((one: { in: string }) => one.in === 'header')
        .map(({ name, required }: { name: string; required: boolean }) => ({ name, required }));
      const expected = DOCUMENTS[path]!.mayBeMissing
        ? [
            { name: 'If-Match', required: false },
            { name: 'If-None-Match', required: false },
          ]
        : [{ name: 'If-Match', required: true }];
      expect([path, headers]).toEqual([path, expected]);
      expect([path, Object.keys(put.responses)]).toEqual([path, expect.arrayContaining(['412', '428'])]);
      expect([path, get?.responses['200'].headers?.ETag]).toEqual([path, expect.anything()]);
      expect([path, put.responses['200'].headers?.ETag]).toEqual([path, expect.anything()]);
    }
  });

  test.each(Object.keys(DOCUMENTS))(
    'that a colleague wrote is not wiped by a PUT of %s that has not read it',
    async (path) => {
      const { bodies, mayBeMissing, query = '' } = DOCUMENTS[path]!;
      const url = addressOf(path);
      const [one, other] = bodies(world);
      const put = (body: object, headers: Record<string, string>) =>
        api.request('PUT', url + query, body, { headers });

      expect(codeOf(await put(one, {}))).toBe('428 precondition_required');
      const before = await api.reading(url);
      const written = await put(one, before.headers);
      expect([written.statusCode, written.body]).toEqual([200, expect.any(String)]);
      const read = await api.request('GET', url);
      expect([read.headers.etag, written.headers.etag]).toEqual([
        expect.stringMatching(/^"[\w-]+"$/),
        read.headers.etag,
      ]);

      const asRead = String(read.headers.etag);
      const refused = await Promise.all([
        put(other, {}),
        put(other, { 'if-match': '*' }),
        put(other, { 'if-match': ' * ' }),
        put(other, { 'if-match': asRead.replaceAll('"', '') }),
        put(other, before.headers),
        put(other, { 'if-none-match': '*' }),
      ]);
      expect(refused.map(codeOf)).toEqual([
        '428 precondition_required',
        '428 precondition_required',
        '428 precondition_required',
        '400 if_match_malformed',
        '412 changed_meanwhile',
        mayBeMissing ? '412 changed_meanwhile' : '428 precondition_required',
      ]);
      const after = await api.request('GET', url);
      expect([after.body, after.headers.etag]).toEqual([read.body, read.headers.etag]);

      // The version is compared where it is raised: of two who read the same one is refused, in either order.
      const together = await Promise.all([1, 2, 3].map(() => put(other, { 'if-match': asRead })));
      expect(together.map(codeOf).toSorted()).toEqual([
        200,
        '412 changed_meanwhile',
        '412 changed_meanwhile',
      ]);
    },
  );

  test('that is empty has an ETag from the start, and is replaced with it, not created', async () => {
    const { id } = await publishDialogue(api);
    for (const name of FROM_THE_START) {
      const url = `/v1/dialogues/${id}/${name}`;
      const body = (await api.request('GET', url)).json();
      const empty = {
        agenda: { sessions: [] },
        places: {},
        questions: { questions: [] },
        'reminder-rules': { rules: [] },
        'chasing-rules': { rules: [] },
        attendance: { registration_ids: [] },
        delegations: { delegations: [] },
        note: {},
      }[name]!;
      const asRead = await api.reading(url);
      expect([name, body, Object.keys(asRead.headers)]).toEqual([name, body, ['if-match']]);
      const created = await api.request('PUT', url, empty, { headers: { 'if-none-match': '*' } });
      expect([name, codeOf(created)]).toEqual([name, '428 precondition_required']);
      expect([name, codeOf(await api.request('PUT', url, empty, asRead))]).toEqual([name, 200]);
      // The same once more would be a second edit of what was read before the first.
      expect([name, codeOf(await api.request('PUT', url, empty, asRead))]).toEqual([
        name,
        '412 changed_meanwhile',
      ]);
    }
  });

  test.each([
    ['mail-wordings/invitation/en', { subject: 'One' }, { subject: 'Other' }],
    ['privacy-notice', { texts: { en: 'One.' } }, { texts: { en: 'Other.' } }],
  ])(
    'that may be missing, such as %s, is created by one of two, and then replaced',
    async (name, one, other) => {
      const { id } = await publishDialogue(api);
      const url = `/v1/dialogues/${id}/${name}`;
      const put = (body: object, headers: Record<string, string>) =>
        api.request('PUT', url, body, { headers });
      expect(await etag(url)).toBeUndefined();
      const elsewhere = String(await etag(`/v1/dialogues/${id}/agenda`));
      expect(codeOf(await put(one, { 'if-match': elsewhere }))).toBe('412 changed_meanwhile');
      // What is no version at all is not taken for none.
      expect(codeOf(await put(one, { 'if-match': '"null"' }))).toBe('412 changed_meanwhile');
      expect(codeOf(await put(one, { 'if-none-match': elsewhere }))).toBe('400 if_none_match_malformed');
      const both = { 'if-match': elsewhere, 'if-none-match': '*' };
      expect(codeOf(await put(one, both))).toBe('400 preconditions_contradict');
      const created = await Promise.all([
        put(one, { 'if-none-match': '*' }),
        put(other, { 'if-none-match': '*' }),
      ]);
      expect(created.map(codeOf).toSorted()).toEqual([200, '412 changed_meanwhile']);
      expect(codeOf(await put(other, { 'if-match': String(await etag(url)) }))).toBe(200);
    },
  );

  test('that was removed and written again by others is not the one that was read', async () => {
    const { id } = await publishDialogue(api);
    const words = `/v1/dialogues/${id}/mail-wordings/invitation/en`;
    await api.replace(words, { subject: 'One' });
    const asRead = await api.reading(words);
    expect((await api.request('DELETE', words)).statusCode).toBe(204);
    await api.replace(words, { subject: 'One' });
    expect(codeOf(await api.request('PUT', words, { subject: 'Mine' }, asRead))).toBe(
      '412 changed_meanwhile',
    );
    expect(codeOf(await api.request('DELETE', words, undefined, asRead))).toBe('412 changed_meanwhile');
    expect((await api.request('DELETE', words, undefined, await api.reading(words))).statusCode).toBe(204);

    const colleague = await api.newOrganiser();
    const give = () =>
      api.request('POST', `/v1/dialogues/${id}/roles`, { email: colleague.email, roles: ['viewer'] });
    const role = `/v1/dialogues/${id}/roles/${colleague.id}`;
    await give();
    const asGiven = await api.reading(role);
    expect((await api.request('DELETE', role)).statusCode).toBe(204);
    await give();
    expect(codeOf(await api.request('PUT', role, { roles: ['owner'] }, asGiven))).toBe(
      '412 changed_meanwhile',
    );
  });

  test('has a version of its own, which no edit of another raises', async () => {
    const { id } = await publishDialogue(api);
    const names = ['', ...FROM_THE_START].map((name) => name && `/${name}`);
    const etags = async () =>
      Object.fromEntries(
        await Promise.all(
          names.map(async (name) => [name, await etag(`/v1/dialogues/${id}${name}`)] as const),
        ),
      );
    const edits: [string, object][] = [
      ['/agenda', { sessions: [{ title: 'Welcome', minutes: 20 }] }],
      ['/places', { places: 30 }],
      ['/questions', { questions: [{ code: 'diet', kind: 'text', label: { en: 'Diet?' } }] }],
      ['/reminder-rules', { rules: [{ before: 'P2D', audience: 'everyone' }] }],
      ['/chasing-rules', { rules: [{ counted: 'after_invitation', duration: 'P6D', tells: 'invitee' }] }],
      ['/attendance', { registration_ids: [] }],
      ['/delegations', { delegations: [{ organisation: 'An agency', seats: 2 }] }],
      ['/note', { introduction: 'Written.' }],
      ['', { title: 'Renamed' }],
    ];
    for (const [name, body] of edits) {
      const before = await etags();
      const url = `/v1/dialogues/${id}${name}`;
      const done =
        name === ''
          ? await api.request('PATCH', url, body, await api.reading(url))
          : await api.replace(url, body);
      expect([name, done.statusCode]).toEqual([name, 200]);
      const after = await etags();
      expect([name, names.filter((one) => after[one] !== before[one])]).toEqual([name, [name]]);
    }
    // The number of places is shown with the dialogue, and may be changed there: that makes both stale.
    const places = await api.reading(`/v1/dialogues/${id}/places`);
    await api.request('PATCH', `/v1/dialogues/${id}`, { places: 50 });
    expect(codeOf(await api.request('PUT', `/v1/dialogues/${id}/places`, { places: 60 }, places))).toBe(
      '412 changed_meanwhile',
    );
  });

  test('that organisers write does not become stale by what participants do', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open', places: 5 });
    await api.replace(`/v1/dialogues/${id}/agenda`, { sessions: [{ title: 'Welcome', minutes: 20 }] });
    const names = [...FROM_THE_START, ''];
    const before = await etagsOf(id, names);
    const registered = await api.request(
      'POST',
      `/v1/public/dialogues/${slug}/registrations`,
      { name: 'Hoda Mansy', email: 'hoda@ministry.example', affiliation: 'Ministry' },
      { token: null },
    );
    expect(registered.statusCode).toBe(201);
    const [{ id: registrationId }] = await api.dataSource.query(
      'SELECT id FROM registrations WHERE dialogue_id = $1',
      [id],
    );
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const link = `/r/${api.app.get(Links).compose('registration', registrationId as string, 1)}`;
    expect((await api.submit(`${link}/confirmation`, {})).statusCode).toBe(303);
    expect((await api.submit(`${link}/withdrawal`, {})).statusCode).toBe(303);
    expect(await etagsOf(id, names)).toEqual(before);
  });

  test('of a copied dialogue is the copy’s own: it is replaced with its own ETag, and the source stays as it was', async () => {
    const { id } = await publishDialogue(api);
    const notice = { texts: { en: 'One.' } };
    await api.replace(`/v1/dialogues/${id}/agenda`, { sessions: [{ title: 'Welcome', minutes: 20 }] });
    await api.replace(`/v1/dialogues/${id}/agenda`, { sessions: [{ title: 'Welcome', minutes: 30 }] });
    await api.replace(`/v1/dialogues/${id}/mail-wordings/invitation/en`, { subject: 'One' });
    await api.replace(`/v1/dialogues/${id}/privacy-notice`, notice);
    const names = [...FROM_THE_START, 'mail-wordings/invitation/en', 'privacy-notice'];
    const before = await etagsOf(id, names);
    const copied = await api.request('POST', `/v1/dialogues/${id}/copies`, {
      starts_at_local: '2060-01-28T11:00',
    });
    const copy = copied.json().id as string;
    for (const [name, body] of [
      ['agenda', { sessions: [{ title: 'Of the copy', minutes: 20 }] }],
      ['mail-wordings/invitation/en', { subject: 'Of the copy' }],
      ['privacy-notice', { texts: { en: 'Of the copy.' } }],
    ] as const) {
      const url = `/v1/dialogues/${copy}/${name}`;
      // What was copied is there: it is replaced, not created.
      expect([name, Object.keys((await api.reading(url)).headers)]).toEqual([name, ['if-match']]);
      expect([name, codeOf(await api.replace(url, body))]).toEqual([name, 200]);
    }
    expect(await etagsOf(id, names)).toEqual(before);
  });

  describe('that others add to', () => {
    test('an arrival, a departure and one taken back make the attendance stale, and nobody who came is removed', async () => {
      await door(world.ids.dialogue);
      const url = `/v1/dialogues/${world.ids.dialogue}/attendance`;
      await api.replace(url, { registration_ids: [] });
      const acts: [string, () => Promise<{ statusCode: number }>][] = [
        ['arrival', () => arrive(world.ids.registration)],
        [
          'departure',
          () =>
            api.request('POST', `/v1/dialogues/${world.ids.dialogue}/departures`, {
              registration_id: world.ids.registration,
            }),
        ],
        [
          'correction',
          () =>
            api.request('DELETE', `/v1/dialogues/${world.ids.dialogue}/arrivals/${world.ids.registration}`),
        ],
      ];
      for (const [what, act] of acts) {
        const asRead = await api.reading(url);
        expect([what, (await act()).statusCode < 300]).toEqual([what, true]);
        const replaced = await api.request('PUT', url, { registration_ids: [] }, asRead);
        expect([what, codeOf(replaced)]).toEqual([what, '412 changed_meanwhile']);
      }
      // Of somebody who is on the list already, too.
      await api.replace(url, { registration_ids: [world.ids.registration] });
      const asRead = await api.reading(url);
      await arrive(world.ids.registration);
      expect(codeOf(await api.request('PUT', url, { registration_ids: [] }, asRead))).toBe(
        '412 changed_meanwhile',
      );
      const [row] = (await api.request('GET', url)).json().attendances;
      expect(row).toMatchObject({ registration_id: world.ids.registration, arrived_at: expect.any(String) });
    });

    test('who arrives while the attendance is being replaced stays: between the comparison and the write nothing slips in', async () => {
      await door(world.ids.dialogue);
      const url = `/v1/dialogues/${world.ids.dialogue}/attendance`;
      const { registration, nominee } = world.ids;
      await api.replace(url, { registration_ids: [nominee] });
      const asRead = await api.reading(url);
      // Holds the replacement after its comparison, where it raises the version.
      const holder = api.dataSource.createQueryRunner();
      await holder.startTransaction();
      await holder.query(
        `SELECT FROM document_versions WHERE dialogue_id = $1 AND document = 'attendance' FOR UPDATE`,
        [world.ids.dialogue],
      );
      const replacing = api.request('PUT', url, { registration_ids: [] }, asRead);
      await until(() => isBlocked(api.dataSource), 'the replacement waits');
      // Somebody who is not on the list is noted meanwhile; somebody who is on it waits until it is replaced.
      expect((await arrive(registration)).statusCode).toBe(201);
      const arriving = arrive(nominee);
      await until(() => isBlocked(api.dataSource, 2), 'the arrival waits, too');
      await holder.commitTransaction();
      await holder.release();
      expect([codeOf(await replacing), (await arriving).statusCode]).toEqual([200, 201]);
      const { registration_ids: came } = (await api.request('GET', url)).json();
      expect(came.toSorted()).toEqual([registration, nominee].toSorted());
    });

    test('a nomination, and a delegation that a colleague adds or edits, make the list of delegations stale', async () => {
      const { id } = await publishDialogue(api);
      const url = `/v1/dialogues/${id}/delegations`;
      const added = await api.request('POST', url, { organisation: 'An agency', seats: 3 });
      const delegation = `/v1/delegations/${added.json().id as string}`;
      const nominee = { name: 'Hoda Mansy', email: 'hoda@agency.example', role: 'member' };
      const acts: [string, () => Promise<{ statusCode: number; body: string }>][] = [
        ['nomination', () => api.request('POST', `${delegation}/nominations`, { nominees: [nominee] })],
        [
          'removal',
          async () => {
            const [named] = (await api.request('GET', delegation)).json().nominees;
            return api.request('POST', `${delegation}/removals`, { nominee_ids: [named.id] });
          },
        ],
        ['another delegation', () => api.request('POST', url, { organisation: 'Another', seats: 1 })],
        ['edit', () => api.request('PATCH', delegation, { seats: 2 })],
        ['release', () => api.request('POST', `${delegation}/release`)],
      ];
      for (const [what, act] of acts) {
        const asRead = await api.reading(url);
        const done = await act();
        expect([what, done.statusCode < 300, done.body]).toEqual([what, true, done.body]);
        const replaced = await api.request('PUT', url, { delegations: [] }, asRead);
        expect([what, codeOf(replaced)]).toEqual([what, '412 changed_meanwhile']);
      }
    });
  });
});
