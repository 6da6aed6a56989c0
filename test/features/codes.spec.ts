import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

describe('codes of States and languages', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  let people = 0;
  const person = (changes: object = {}) => ({
    name: `Person ${(people += 1)}`,
    email: `person.${people}@codes.example`,
    language: 'fr',
    time_zone: 'Africa/Cairo',
    ...changes,
  });
  const problems = (answer: { json(): { errors?: { field: string; code: string; detail: string }[] } }) =>
    (answer.json().errors ?? []).map(({ field, code, detail }) => [field, code, detail]);
  const registered = async () => {
    const { id, slug } = await publishDialogue(api);
    await inviteList(api, id, listOf(1));
    const who = { dialogueId: id, email: 'person.1@ministry.example' };
    await api.submit(`${await linkOf(api, 'invitation', who)}/acceptance`, answers);
    const [row] = await api.dataSource.query('SELECT id FROM registrations WHERE dialogue_id = $1', [id]);
    return { dialogueId: id, slug, id: row.id as string, page: await linkOf(api, 'registration', who) };
  };
  const open = async () => (await publishDialogue(api, { registration: 'open' })).slug;
  const delegation = async () => {
    const { id } = await publishDialogue(api);
    const added = await api.request('POST', `/v1/dialogues/${id}/delegations`, {
      organisation: `Agency ${(people += 1)}`,
      seats: 3,
    });
    return added.json().id as string;
  };

  /** Everything that takes a country and a language, and where it names them. */
  const entrances: [string, string, (codes: object) => Promise<Awaited<ReturnType<TestApi['request']>>>][] = [
    ['the directory', '', (codes) => api.request('POST', '/v1/people', person(codes))],
    [
      'a change of the directory',
      '',
      async (codes) => {
        const { id } = (await api.request('POST', '/v1/people', person())).json();
        return api.request('PATCH', `/v1/people/${id}`, codes);
      },
    ],
    [
      'the open link',
      '',
      async (codes) =>
        api.request(
          'POST',
          `/v1/public/dialogues/${await open()}/registrations`,
          person({ affiliation: 'UN', ...codes }),
          { token: null },
        ),
    ],
    [
      'the correction of a registration',
      '',
      async (codes) => api.request('PATCH', `/v1/registrations/${(await registered()).id}`, codes),
    ],
    [
      'nominations',
      'nominees.0.',
      async (codes) =>
        api.request('POST', `/v1/delegations/${await delegation()}/nominations`, {
          nominees: [{ ...person(), time_zone: undefined, ...codes }],
        }),
    ],
  ];

  test.each(entrances)(
    'that do not exist are refused by %s, which says what to write',
    async (_, path, enter) => {
      for (const [country, remedy] of [
        ['UK', 'Use GB for United Kingdom of Great Britain and Northern Ireland.'],
        ['SU', 'is not in use any more.'],
        ['Maroc', 'Use MA for Morocco.'],
        ['XK', 'Use the two letters of a State or area'],
      ] as const) {
        const refused = await enter({ country });
        expect([country, refused.statusCode]).toEqual([country, 422]);
        expect(problems(refused)).toEqual([
          [`${path}country`, 'country_unknown', expect.stringContaining(remedy)],
        ]);
      }
      for (const [language, remedy] of [
        ['english', 'Use en for English.'],
        ['Frnech', 'Use fr for French.'],
        ['fr-UK', 'Use a tag such as fr'],
        ['xx', 'Use a tag such as fr'],
      ] as const) {
        const refused = await enter({ language });
        expect([language, refused.statusCode]).toEqual([language, 422]);
        expect(problems(refused)).toEqual([
          [`${path}language`, 'language_unknown', expect.stringContaining(remedy)],
        ]);
      }
    },
  );

  test('that do not exist are no working languages of a dialogue', async () => {
    const { id } = await publishDialogue(api);
    const refused = await api.request('PATCH', `/v1/dialogues/${id}`, {
      working_languages: ['en', 'arabisch'],
    });
    expect(problems(refused)).toEqual([
      ['working_languages.1', 'language_unknown', expect.stringContaining('Use ar for Arabic.')],
    ]);
  });

  test('are written the same way however they are sent', async () => {
    const added = await api.request('POST', '/v1/people', person({ country: 'ma', language: 'PT-br' }));
    expect(added.json()).toMatchObject({ country: 'MA', language: 'pt-BR' });
  });

  test('that were stored before and do not exist stay when a form is saved, and when they are sent back', async () => {
    const { page, id } = await registered();
    await api.dataSource.query(
      `UPDATE registrations SET country = 'SU', language = 'tlh', time_zone = 'EST' WHERE id = $1`,
      [id],
    );
    const form = (await api.request('GET', page, undefined, { token: null })).body;
    const sent = Object.fromEntries(
      ['country', 'language', 'time_zone'].map((name) => {
        const select = new RegExp(`<select[^>]* name="${name}".*?</select>`, 's').exec(form)![0];
        return [name, /<option value="([^"]*)" selected/.exec(select)?.[1]];
      }),
    );
    expect(sent).toEqual({ country: 'SU', language: 'tlh', time_zone: 'EST' });
    const saved = await api.submit(`${page}/registration`, {
      ...answers,
      ...(sent as Record<string, string>),
      affiliation: 'Another ministry',
    });
    expect(saved.statusCode).toBe(303);
    const [row] = await api.dataSource.query(
      'SELECT affiliation, country, language, time_zone FROM registrations WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ affiliation: 'Another ministry', ...sent });

    const { id: personId } = (await api.request('POST', '/v1/people', person())).json();
    await api.dataSource.query(`UPDATE people SET country = 'YU', language = 'frnech' WHERE id = $1`, [
      personId,
    ]);
    const changed = await api.request('PATCH', `/v1/people/${personId}`, {
      country: 'YU',
      language: 'frnech',
      capacity: 'chair',
    });
    expect(changed.json()).toMatchObject({ country: 'YU', language: 'frnech', capacity: 'chair' });
    const other = await api.request('PATCH', `/v1/people/${personId}`, { country: 'SU' });
    expect(other.statusCode).toBe(422);
  });

  test('an option that was chosen and is offered no more stays when the form is saved', async () => {
    const { page, id, dialogueId } = await registered();
    const ask = async (...values: string[]) => {
      const options = values.map((value) => ({ value, label: { en: `Meal ${value}` } }));
      const questions = ['meal', 'days'].map((code) => ({
        code,
        kind: code === 'meal' ? 'choice' : 'choices',
        label: { en: code },
        options,
        purge_on: null,
      }));
      const put = await api.replace(`/v1/dialogues/${dialogueId}/questions`, { questions });
      if (put.statusCode !== 200) throw new Error(put.body);
    };
    await ask('fish', 'rice');
    const chosen = 'answers.meal=fish&answers.days=fish&answers.days=rice';
    const save = (extra: string) =>
      api.app.inject({
        method: 'POST',
        url: `${page}/registration`,
        payload: `${new URLSearchParams(answers).toString()}&${extra}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    expect((await save(chosen)).statusCode).toBe(303);
    await ask('rice', 'bread');
    const form = (await api.request('GET', page, undefined, { token: null })).body;
    expect(form).toMatch(/<option value="fish" selected/);
    expect(form).toMatch(/<input type="checkbox"[^>]* value="fish" checked/);
    expect((await save(chosen)).statusCode).toBe(303);
    const stored = (await api.request('GET', `/v1/registrations/${id}`)).json();
    expect(stored.answers).toEqual({ meal: 'fish', days: ['fish', 'rice'] });
    // Nobody else can choose it.
    expect((await save('answers.meal=meat')).statusCode).toBe(422);
  });

  test('are the same in the form as in the API, and the export is read in again', async () => {
    const page = (await api.request('GET', `/d/${await open()}?lang=en`, undefined, { token: null })).body;
    const select = /<select[^>]* name="country".*?<\/select>/s.exec(page)![0];
    const offered = [...select.matchAll(/<option value="([^"]+)"/g)].map(([, code]) => code!);
    expect(offered).toHaveLength(249);
    expect(offered.filter((code) => ['UK', 'SU', 'XK', 'AN'].includes(code))).toEqual([]);
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    await api.request(
      'POST',
      `/v1/public/dialogues/${slug}/registrations`,
      person({ affiliation: 'UN', country: 'KR', language: 'pt-BR' }),
      { token: null },
    );
    const exported = await api.request('GET', `/v1/dialogues/${id}/registrations/export?format=csv`);
    expect(exported.statusCode).toBe(200);
    const again = await api.request('POST', `/v1/dialogues/${id}/imports`, exported.rawPayload);
    expect(again.statusCode).toBe(201);
    const { rows } = (await api.request('GET', `/v1/imports/${again.json().id}`)).json();
    expect(rows[0].person).toMatchObject({ country: 'KR', language: 'pt-BR' });
  });
});
