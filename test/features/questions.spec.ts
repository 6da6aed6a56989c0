import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

describe('questions', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const diet = {
    code: 'diet',
    kind: 'choice',
    label: { en: 'Meals', ar: 'الوجبات', fr: 'Repas' },
    options: [
      { value: 'any', label: { en: 'Anything', fr: 'Tout' } },
      { value: 'other', label: { en: 'Something else', fr: 'Autre chose' } },
    ],
    required: true,
  };
  const ask = (id: string, questions: object[], query = '') =>
    api.request('PUT', `/v1/dialogues/${id}/questions${query}`, { questions });
  const problems = (response: { json(): { errors: { field: string; code: string }[] } }) =>
    response.json().errors.map(({ field, code }) => `${field}: ${code}`);

  test('are kept as they were written, in their order, and found again', async () => {
    const { id } = await publishDialogue(api);
    const written = await ask(id, [
      diet,
      {
        code: 'other_diet',
        kind: 'text',
        label: { en: 'Which meals?' },
        asked_if: { of: 'diet', is: ['other'] },
      },
      { code: 'passport', kind: 'file', label: { en: 'Passport' }, sensitive: true, purge_on: '2090-01-31' },
    ]);
    expect(written.statusCode).toBe(200);
    const { questions } = written.json();
    expect(questions).toMatchObject([
      { code: 'diet', required: true, asked_if: null, options: diet.options, label: diet.label },
      { code: 'other_diet', asked_if: { of: 'diet', is: ['other'] }, required: false, sensitive: false },
      { code: 'passport', sensitive: true, purge_on: '2090-01-31', purged_at: null, file_bytes: 2_000_000 },
    ]);
    expect(questions[2].file_types).toContain('application/pdf');
    expect((await api.request('GET', `/v1/dialogues/${id}/questions`)).json()).toEqual({ questions });
    const swapped = await ask(id, [{ code: 'arrival', kind: 'date', label: { en: 'Arrival' } }, diet]);
    expect(swapped.json().questions.map(({ code }: { code: string }) => code)).toEqual(['arrival', 'diet']);
  });

  test('are refused with all that is wrong at once', async () => {
    const { id } = await publishDialogue(api);
    const response = await ask(id, [
      { code: 'email', kind: 'text', label: { en: 'Address' } },
      { code: 'fruit', kind: 'choice', label: { fr: 'Fruit' } },
      { code: 'fruit', kind: 'date', label: { en: 'Twice' }, asked_if: { of: 'later', is: ['x'] } },
      { code: 'later', kind: 'text', label: { en: 'Later', xx_yy: 'no' }, purge_on: '2020-01-01' },
      { code: 'seat', kind: 'text', label: { en: 'Seat' }, asked_if: { of: 'attends', is: ['by_boat'] } },
      { ...diet, asked_if: { of: 'role', is: ['member'] }, file_types: ['application/pdf'] },
    ]);
    expect(response.statusCode).toBe(422);
    expect(problems(response)).toEqual([
      'questions.0.code: code_taken',
      'questions.1.options: options_missing',
      'questions.1.label: language_missing',
      'questions.2.code: code_twice',
      'questions.2.asked_if.of: condition_unknown',
      'questions.3.purge_on: day_past',
      'questions.3.label: language_unknown',
      'questions.4.asked_if.is: condition_value_unknown',
      'questions.5.file_types: file_types_of_kind',
    ]);
    expect(
      problems(await ask(id, [{ code: 'x', kind: 'file', label: { en: 'X' }, file_types: ['text/html'] }])),
    ).toEqual(['questions.0.file_types: not_allowed']);
  });

  test('belong to those who manage the dialogue', async () => {
    const { id } = await publishDialogue(api);
    const { token } = await api.newOrganiser();
    expect(
      (await api.request('PUT', `/v1/dialogues/${id}/questions`, { questions: [] }, { token })).statusCode,
    ).toBe(404);
    expect((await api.request('GET', `/v1/dialogues/${id}/questions`, undefined, { token })).statusCode).toBe(
      404,
    );
  });

  const pdf = Buffer.from('%PDF-1.7 of a passport');
  const hybrid = { kind: 'hybrid', platform: 'Kudo', room: 'Hall 1', join_url: 'https://meet.example/hall' };
  const passport = {
    code: 'passport_no',
    kind: 'text',
    label: { en: 'Passport number', ar: 'رقم جواز السفر' },
    required: true,
    sensitive: true,
    asked_if: { of: 'attends', is: ['in_person'] },
  };
  const other = {
    code: 'other_diet',
    kind: 'text',
    label: { en: 'Which meals?' },
    required: true,
    asked_if: { of: 'diet', is: ['other'] },
  };
  const email = 'person.1@ministry.example';
  /** A dialogue that asks, with somebody who is invited. */
  const prepare = async (questions: object[], changes: object = {}) => {
    const dialogue = await publishDialogue(api, changes);
    await inviteList(api, dialogue.id, listOf(2));
    const asked = await ask(dialogue.id, questions);
    if (asked.statusCode !== 200) throw new Error(asked.body);
    const link = await linkOf(api, 'invitation', { dialogueId: dialogue.id, email });
    const accept = (fields: Record<string, string>) =>
      api.submit(`${link}/acceptance?lang=en`, { ...answers, ...fields });
    const registration = () => linkOf(api, 'registration', { dialogueId: dialogue.id, email });
    return { ...dialogue, link, accept, registration };
  };
  const page = async (path: string) => (await api.request('GET', path, undefined, { token: null })).body;
  const answered = async (dialogueId: string): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      (
        await api.dataSource.query(
          `SELECT q.code, a.value FROM answers a JOIN questions q ON q.id = a.question_id
           WHERE q.dialogue_id = $1 ORDER BY q.position`,
          [dialogueId],
        )
      ).map(({ code, value }: { code: string; value: unknown }) => [code, value]),
    );
  /** Posts a form with files, as a browser does. */
  const upload = async (path: string, fields: Record<string, string | File>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const request = new Request('http://plenary.example', { method: 'POST', body: form });
    return api.app.inject({
      method: 'POST',
      url: path,
      payload: Buffer.from(await request.arrayBuffer()),
      headers: { 'content-type': request.headers.get('content-type')! },
    });
  };

  test('hold where they are required and asked, tell what is wrong by field, and keep what was typed', async () => {
    const { id, link, accept } = await prepare([diet, other, passport], { venue: hybrid });
    const shown = await page(`${link}?lang=en`);
    expect(shown).toContain('Only if you attend in the room.');
    expect(shown).toMatch(/Only if your answer to “\u2068Meals\u2069” is \u2068Something else\u2069\./);
    expect(shown).toContain('name="attends"');
    const wrong = await accept({ attends: 'in_person', 'answers.diet': 'other', 'answers.passport_no': ' ' });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('href="#answers.other_diet"');
    expect(wrong.body).toContain('href="#answers.passport_no"');
    expect(wrong.body).not.toContain('href="#answers.diet"');
    expect(wrong.body).toMatch(/value="other" selected/);
    expect((await accept({ attends: '', 'answers.diet': 'any' })).body).toContain('href="#attends"');
    expect(await answered(id)).toEqual({});
    const right = await accept({
      attends: 'virtual',
      'answers.diet': 'any',
      'answers.other_diet': 'typed, but not asked',
      'answers.passport_no': 'AB 123',
    });
    expect(right.statusCode).toBe(303);
    expect(await answered(id)).toEqual({ diet: 'any' });
  });

  test('are asked again in the form to change, with earlier answers, and drop what is no longer asked', async () => {
    const { id, accept, registration } = await prepare([diet, other]);
    await accept({ 'answers.diet': 'other', 'answers.other_diet': 'No <fish>' });
    const link = await registration();
    const shown = await page(`${link}?lang=en`);
    expect(shown).toContain('>No &lt;fish></textarea>');
    // What the form does not name stays.
    expect((await api.submit(link, { ...answers, capacity: 'observer' })).statusCode).toBe(303);
    expect(await answered(id)).toEqual({ diet: 'other', other_diet: 'No <fish>' });
    await api.submit(link, { ...answers, 'answers.diet': 'any', 'answers.other_diet': 'No <fish>' });
    expect(await answered(id)).toEqual({ diet: 'any' });
    await api.submit(`${link}/withdrawal`, {});
    await api.submit(`${link}/registration`, {
      ...answers,
      'answers.diet': 'other',
      'answers.other_diet': 'Halal',
    });
    expect(await answered(id)).toEqual({ diet: 'other', other_diet: 'Halal' });
    const audited: { details: { questions: string[] } }[] = await api.dataSource.query(
      `SELECT details FROM audit_entries WHERE dialogue_id = $1 AND action = 'registration.answered' ORDER BY id`,
      [id],
    );
    expect(audited.map(({ details }) => details.questions)).toEqual([
      ['diet', 'other_diet'],
      ['diet', 'other_diet'],
      ['diet', 'other_diet'],
    ]);
  });

  test('are read in the reader’s language, else in the dialogue’s first, which the page says', async () => {
    const { link } = await prepare([diet, other]);
    const arabic = await page(`${link}?lang=ar`);
    expect(arabic).toContain('<bdi>الوجبات</bdi>');
    expect(arabic).toContain('<bdi lang="en" dir="ltr">Which meals?</bdi>');
    expect(arabic).toContain('lang="en" dir="ltr">Anything</option>');
  });

  test('never show a sensitive answer again, which may be replaced or removed', async () => {
    const secret = { ...passport, asked_if: null, required: false };
    const { id, accept, registration } = await prepare([secret]);
    await accept({ 'answers.passport_no': 'AB123' });
    const link = await registration();
    const shown = await page(`${link}?lang=en`);
    expect(shown).not.toContain('AB123');
    expect(shown).toContain('You have answered this already.');
    await api.submit(link, { ...answers, 'answers.passport_no': '' });
    expect(await answered(id)).toEqual({ passport_no: 'AB123' });
    await api.submit(link, { ...answers, 'answers.passport_no': 'CD456' });
    expect(await answered(id)).toEqual({ passport_no: 'CD456' });
    await api.submit(link, { ...answers, 'answers.passport_no': '', 'answers.passport_no.remove': 'yes' });
    expect(await answered(id)).toEqual({});
  });

  test('take a file, judge it by its content and size, and keep the rest of what was typed', async () => {
    const scan = {
      code: 'scan',
      kind: 'file',
      label: { en: 'Scan' },
      required: true,
      file_types: ['application/pdf'],
      file_bytes: 1_000,
    };
    const { id, link, registration } = await prepare([scan, diet]);
    expect(await page(link)).toContain('enctype="multipart/form-data"');
    const send = (content: Buffer | string, fields: Record<string, string> = {}) =>
      upload(`${link}/acceptance?lang=en`, {
        ...answers,
        'answers.diet': 'any',
        ...fields,
        'answers.scan': new File([content as never], 'Pass جواز.pdf', { type: 'application/pdf' }),
      });
    const page422 = await send('<html>', { functional_title: 'Minister of State' });
    expect(page422.statusCode).toBe(422);
    expect(page422.body).toContain('this file is of a type that is not taken');
    expect(page422.body).toContain('Please choose the file again.');
    expect(page422.body).toContain('value="Minister of State"');
    expect((await send(Buffer.concat([pdf, Buffer.alloc(1_000)]))).body).toContain('this file is too large');
    const huge = await send(Buffer.concat([pdf, Buffer.alloc(11_000_000)]), {
      functional_title: 'Minister of State',
    });
    expect(huge.statusCode).toBe(422);
    expect(huge.body).toContain('this file is too large');
    expect(huge.body).toContain('value="Minister of State"');
    expect((await send(pdf)).statusCode).toBe(303);
    expect(await answered(id)).toEqual({ scan: 'Pass جواز.pdf', diet: 'any' });

    const own = await registration();
    const shown = await page(`${own}?lang=en`);
    expect(shown).toContain('Pass جواز.pdf');
    expect(shown).not.toContain('of a passport');
    // A browser sends an empty part where no file is chosen: the one from before stays.
    await upload(own, { ...answers, 'answers.scan': new File([], '') });
    expect(await answered(id)).toMatchObject({ scan: 'Pass جواز.pdf' });
    await upload(own, { ...answers, 'answers.scan': new File([pdf], 'second.pdf') });
    expect(await answered(id)).toMatchObject({ scan: 'second.pdf' });

    const [{ id: registrationId }] = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json()
      .items;
    const file = await api.request('GET', `/v1/registrations/${registrationId}/answers/scan/file`);
    expect(file.rawPayload).toEqual(pdf);
    expect(file.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="second.pdf"; filename*=UTF-8''second.pdf`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    const { token } = await api.newOrganiser();
    for (const [code, of] of [
      ['scan', token],
      ['diet', undefined],
      ['nothing', undefined],
    ] as const) {
      const answer = await api.request(
        'GET',
        `/v1/registrations/${registrationId}/answers/${code}/file`,
        undefined,
        { ...(of && { token: of }) },
      );
      expect([code, answer.statusCode]).toEqual([code, 404]);
    }
  });

  test('come with a form of bounded size, and with files on pages only', async () => {
    const { link } = await prepare([{ code: 'scan', kind: 'file', label: { en: 'Scan' } }]);
    const files = Object.fromEntries(
      Array.from({ length: 11 }, (_, index) => [`file${index}`, new File([pdf], 'x.pdf')]),
    );
    const tooMany = await upload(`${link}/acceptance`, { ...answers, ...files });
    expect(tooMany.statusCode).toBe(413);
    expect(tooMany.headers['content-type']).toContain('text/html');
    expect((await upload(`${link}/acceptance`, { ...answers, name: 'x'.repeat(200_000) })).statusCode).toBe(
      413,
    );
    expect((await upload('/v1/dialogues', { title: 'x' })).statusCode).toBe(415);
    expect((await upload('/sign-in', { email: 'a@b.example' })).statusCode).toBe(415);
  });

  test('are asked of whoever registers by the open link, on the page and as JSON', async () => {
    const scan = { code: 'scan', kind: 'file', label: { en: 'Scan' } };
    const { id, slug } = await prepare([diet, other, scan], { registration: 'open' });
    const newcomer = { name: 'Dima Saliba', email: 'dima@un.example', affiliation: 'UN' };
    const json = (given: object, name = newcomer.name) =>
      api.request(
        'POST',
        `/v1/public/dialogues/${slug}/registrations`,
        { ...newcomer, name, answers: given },
        { token: null },
      );
    expect(problems(await json({}))).toEqual(['answers.diet: required']);
    expect(problems(await json({ diet: 'any', shoes: '42', scan: 'x.pdf', other_diet: 7 }))).toEqual([
      'answers.shoes: question_unknown',
      'answers.scan: file_by_form',
      'answers.other_diet: wrong_type',
    ]);
    expect((await json({ diet: 'any', other_diet: 'not asked' })).statusCode).toBe(201);
    expect(await answered(id)).toEqual({ diet: 'any' });
    // Who is known already is answered alike, and nothing of theirs changes.
    const confirmation = await linkOf(api, 'registration', { dialogueId: id, email: newcomer.email });
    await api.submit(`${confirmation}/confirmation`, {});
    expect((await json({ diet: 'other', other_diet: 'of a stranger' })).statusCode).toBe(201);
    expect(await answered(id)).toEqual({ diet: 'any' });

    expect((await upload(`/d/${slug}/registrations?lang=en`, newcomer)).statusCode).toBe(422);
    const sent = await upload(`/d/${slug}/registrations?lang=en`, {
      ...newcomer,
      name: 'Rafiq Anabtawi',
      'answers.diet': 'any',
      'answers.scan': new File([pdf], 'x.pdf'),
    });
    expect([sent.statusCode, sent.headers.location]).toEqual([303, `/d/${slug}/registrations?lang=en`]);
  });

  test('of an unconfirmed stranger are no answers of the person who is invited', async () => {
    const { id, slug, link, accept } = await prepare([other, { ...diet, required: false }].toReversed(), {
      registration: 'open',
    });
    await api.request(
      'POST',
      `/v1/public/dialogues/${slug}/registrations`,
      {
        name: 'Person 1',
        email,
        affiliation: 'Anybody',
        answers: { diet: 'other', other_diet: 'of a stranger' },
      },
      { token: null },
    );
    expect(await page(link)).not.toContain('of a stranger');
    expect((await accept({})).statusCode).toBe(303);
    expect(await answered(id)).toEqual({});
  });

  test('keep their answers through an edit, and go or change their kind only when that is said', async () => {
    const { id, accept } = await prepare([diet, other]);
    await accept({ 'answers.diet': 'other', 'answers.other_diet': 'Halal' });
    const renamed = await ask(id, [{ ...other, asked_if: null, label: { en: 'What do you eat?' } }, diet]);
    expect(renamed.statusCode).toBe(200);
    expect(await answered(id)).toEqual({ diet: 'other', other_diet: 'Halal' });
    const gone = await ask(id, [diet]);
    expect(gone.statusCode).toBe(409);
    expect(gone.json()).toMatchObject({
      code: 'answers_would_be_lost',
      errors: [{ field: 'questions.other_diet', detail: 'other_diet has 1 answer.' }],
    });
    expect((await ask(id, [diet, { ...other, kind: 'date' }])).statusCode).toBe(409);
    expect((await ask(id, [diet, { ...other, kind: 'date' }], '?discard_answers=true')).statusCode).toBe(200);
    expect(await answered(id)).toEqual({ diet: 'other' });
  });
});
