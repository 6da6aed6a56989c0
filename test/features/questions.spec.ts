import { startApi, type TestApi } from '../support/api';
import { isBlocked, until } from '../support/until';
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
    api.replace(`/v1/dialogues/${id}/questions${query}`, { questions });
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
      (await api.replace(`/v1/dialogues/${id}/questions`, { questions: [] }, { token })).statusCode,
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
      Array.from({ length: 101 }, (_, index) => [`file${index}`, new File([pdf], 'x.pdf')]),
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

  test('keep what somebody answered by the open link when they then accept an invitation', async () => {
    const scan = { code: 'scan', kind: 'file', label: { en: 'Scan' }, required: true };
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    await ask(id, [scan, diet]);
    await upload(`/d/${slug}/registrations`, {
      name: 'Person 1',
      email,
      affiliation: 'Ministry',
      'answers.diet': 'any',
      'answers.scan': new File([pdf], 'first.pdf'),
    });
    await api.submit(`${await linkOf(api, 'registration', { dialogueId: id, email })}/confirmation`, {});
    await inviteList(api, id, listOf(1));
    const link = await linkOf(api, 'invitation', { dialogueId: id, email });
    expect((await api.submit(`${link}/acceptance`, { ...answers, 'answers.diet': 'other' })).statusCode).toBe(
      303,
    );
    expect(await answered(id)).toEqual({ scan: 'first.pdf', diet: 'other' });
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

  describe('with sensitive answers', () => {
    const sensitive = { ...passport, asked_if: null };
    const topics = {
      code: 'topics',
      kind: 'choices',
      label: { en: 'Topics' },
      options: ['a', 'b'].map((value) => ({ value, label: { en: value.toUpperCase() } })),
    };
    const prepareSensitive = async () => {
      const prepared = await prepare([
        topics,
        sensitive,
        { ...sensitive, code: 'scan', kind: 'file', required: false },
      ]);
      const fields = new URLSearchParams({ ...answers, 'answers.passport_no': '=AB123' });
      for (const topic of ['', 'a', 'b']) fields.append('answers.topics', topic);
      await api.app.inject({
        method: 'POST',
        url: `${prepared.link}/acceptance`,
        payload: fields.toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      const { items } = (await api.request('GET', `/v1/dialogues/${prepared.id}/registrations`)).json();
      const viewer = await api.newOrganiser();
      await api.dataSource.query(
        `INSERT INTO dialogue_roles (dialogue_id, organiser_id, roles, sees_sensitive) VALUES ($1, $2, '{organiser}', false)`,
        [prepared.id, viewer.id],
      );
      const reads = async () =>
        (
          await api.dataSource.query(
            `SELECT details->>'how' AS how, actor, subject_id, details->'questions' AS questions FROM audit_entries
             WHERE dialogue_id = $1 AND action = 'answers.sensitive_read' ORDER BY id`,
            [prepared.id],
          )
        ).map(({ how }: { how: string }) => how);
      return { ...prepared, registrationId: items[0].id as string, viewer, reads };
    };

    test('shows them to whoever may see them, and writes that they were read', async () => {
      const { id, registrationId, reads } = await prepareSensitive();
      expect(await reads()).toEqual([]);
      const one = await api.request('GET', `/v1/registrations/${registrationId}`);
      expect(one.json()).toMatchObject({
        id: registrationId,
        state: 'confirmed',
        answers: { topics: ['a', 'b'], passport_no: '=AB123' },
        answers_withheld: [],
      });
      const list = await api.request('GET', `/v1/dialogues/${id}/registrations?answers=true`);
      expect(list.json().items[0].answers).toEqual({ topics: ['a', 'b'], passport_no: '=AB123' });
      const csv = await api.request('GET', `/v1/dialogues/${id}/participants.csv`);
      expect(csv.headers['answers-withheld']).toBeUndefined();
      const [head, row] = csv.body.trim().split('\n');
      expect(head).toMatch(/,topics,passport_no,scan$/);
      // What a spreadsheet would execute is text.
      expect(row).toMatch(/,a; b,'=AB123,$/);
      expect(await reads()).toEqual(['view', 'list', 'export']);
      await api.request('GET', `/v1/dialogues/${id}/registrations`);
      expect(await reads()).toHaveLength(3);
      await api.dataSource.query(
        `DELETE FROM answers a USING questions q WHERE q.id = a.question_id AND q.dialogue_id = $1 AND q.sensitive`,
        [id],
      );
      await api.request('GET', `/v1/registrations/${registrationId}`);
      expect(await reads()).toHaveLength(3);
    });

    test('withholds them from everybody else, says so, and writes nothing', async () => {
      const { id, registrationId, viewer, reads } = await prepareSensitive();
      const as = { token: viewer.token };
      const one = await api.request('GET', `/v1/registrations/${registrationId}`, undefined, as);
      expect(one.json()).toMatchObject({
        answers: { topics: ['a', 'b'] },
        answers_withheld: ['passport_no', 'scan'],
      });
      const list = await api.request('GET', `/v1/dialogues/${id}/registrations?answers=true`, undefined, as);
      expect(list.json()).toMatchObject({ answers_withheld: ['passport_no', 'scan'] });
      const csv = await api.request('GET', `/v1/dialogues/${id}/participants.csv`, undefined, as);
      expect(csv.headers['answers-withheld']).toBe('passport_no, scan');
      expect(csv.body.split('\n')[0]).toMatch(/,topics$/);
      const file = await api.request(
        'GET',
        `/v1/registrations/${registrationId}/answers/scan/file`,
        undefined,
        as,
      );
      expect([file.statusCode, file.json().code]).toEqual([403, 'role_insufficient']);
      for (const { body } of [one, list, csv, file]) expect(body).not.toContain('AB123');
      expect(await reads()).toEqual([]);
    });

    test('does not lay them open to whoever calls the question something else', async () => {
      const { id, viewer } = await prepareSensitive();
      const open = [topics, { ...sensitive, sensitive: false }];
      const change = (token: string) =>
        api.replace(`/v1/dialogues/${id}/questions?discard_answers=true`, { questions: open }, { token });
      expect((await change(viewer.token)).statusCode).toBe(403);
      expect((await change(api.organiser.token)).statusCode).toBe(200);
    });
  });

  test('whose day of purging has come lose their answers and files once, and are asked no more', async () => {
    const { Questions } = require('@app/participants') as typeof import('@app/participants');
    const secret = { ...passport, asked_if: null, purge_on: '2090-01-31' };
    const { id, link, accept, registration } = await prepare([
      diet,
      secret,
      { ...secret, code: 'scan', kind: 'file', required: false },
      { ...secret, code: 'later', required: false, purge_on: '2090-02-01' },
    ]);
    await upload(`${link}/acceptance`, {
      ...answers,
      'answers.diet': 'any',
      'answers.passport_no': 'AB123',
      'answers.later': 'stays',
      'answers.scan': new File([pdf], 'scan.pdf'),
    });
    const purge = () => Promise.all([1, 2].map(() => api.app.get(Questions).purge()));
    const files = () =>
      api.dataSource.query(
        'SELECT f.name FROM answer_files f JOIN questions q ON q.id = f.question_id WHERE q.dialogue_id = $1',
        [id],
      );
    expect(await files()).toEqual([{ name: 'scan.pdf' }]);
    await purge();
    expect(Object.keys(await answered(id))).toEqual(['diet', 'passport_no', 'scan', 'later']);
    await api.dataSource.query(
      `UPDATE questions SET purge_on = (now() AT TIME ZONE 'UTC')::date WHERE dialogue_id = $1 AND code IN ('passport_no', 'scan')`,
      [id],
    );
    // The day has come: whatever were answered now would be kept against what was promised.
    expect(await page(link)).not.toContain('answers.passport_no');
    await purge();
    await purge();
    expect(await answered(id)).toEqual({ diet: 'any', later: 'stays' });
    expect(await files()).toEqual([]);
    const audited = await api.dataSource.query(
      `SELECT actor, details FROM audit_entries WHERE dialogue_id = $1 AND action = 'answers.purged'`,
      [id],
    );
    expect(audited).toEqual([
      { actor: 'system', details: { questions: ['passport_no', 'scan'], answers: 2 } },
    ]);
    const { questions } = (await api.request('GET', `/v1/dialogues/${id}/questions`)).json();
    expect(questions.map(({ purged_at }: { purged_at: string | null }) => purged_at !== null)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(
      (await api.submit(await registration(), { ...answers, 'answers.passport_no': 'CD456' })).statusCode,
    ).toBe(303);
    expect(await answered(id)).toEqual({ diet: 'any', later: 'stays' });
    // With a later day it is asked anew.
    await ask(
      id,
      questions.map(({ purged_at: _, ...question }: { purged_at: unknown }) => ({
        ...question,
        purge_on: '2090-03-01',
        ...((question as { kind: string }).kind !== 'file' && { file_types: undefined }),
      })),
    );
    expect((await accept({})).body).toContain('href="#answers.passport_no"');
  });

  test('that end or go while somebody answers take no answer, and wait for one that is being written', async () => {
    const { askingOf, writeAnswers } = require('@app/participants') as typeof import('@app/participants');
    const { id, accept } = await prepare([
      diet,
      other,
      { ...other, code: 'third', asked_if: null, required: false },
    ]);
    await accept({ 'answers.diet': 'any' });
    const [{ id: registrationId }] = await api.dataSource.query(
      'SELECT id FROM registrations WHERE dialogue_id = $1',
      [id],
    );
    const asking = await askingOf(api.dataSource, { registrationId });
    const values = { diet: 'other', other_diet: 'Halal', third: 'typed' };
    await api.dataSource.query(
      `UPDATE questions SET purge_on = (now() AT TIME ZONE 'UTC')::date WHERE dialogue_id = $1 AND code = 'third'`,
      [id],
    );
    let removal: ReturnType<typeof ask> | undefined;
    await api.dataSource.transaction(async (manager) => {
      await writeAnswers(manager, registrationId, asking, { values, files: {} });
      let isAnswered = false;
      removal = ask(id, [diet]).finally(() => (isAnswered = true));
      // It waits for the answers that are being written; one that did not wait would be answered.
      await until(async () => isAnswered || (await isBlocked(api.dataSource)), 'a session that waits');
    });
    const refused = await removal!;
    expect([refused.statusCode, refused.json().detail]).toEqual([
      409,
      expect.stringContaining('other_diet has 1 answer.'),
    ]);
    expect(await answered(id)).toEqual({ diet: 'other', other_diet: 'Halal' });
    expect((await ask(id, [diet], '?discard_answers=true')).statusCode).toBe(200);
    await api.dataSource.transaction((manager) =>
      writeAnswers(manager, registrationId, asking, { values, files: {} }),
    );
    expect(await answered(id)).toEqual({ diet: 'other' });
  });

  test('that hang on a seat are asked of whoever has it, and how a delegation attends is asked of nobody in it', async () => {
    const speech = {
      code: 'speech',
      kind: 'text',
      label: { en: 'Title of your speech' },
      required: true,
      asked_if: { of: 'role', is: ['head_of_delegation'] },
    };
    const { id, link } = await prepare([speech, passport], { venue: hybrid });
    const seat = (role: string, attends: string | null) =>
      api.dataSource.query(
        `WITH g AS (INSERT INTO delegations (dialogue_id, organisation, attends) VALUES ($1, $2, $3) RETURNING id)
         UPDATE invitations SET delegation_id = (SELECT id FROM g), role = $2 WHERE dialogue_id = $1`,
        [id, role, attends],
      );
    const wrong = async () => {
      const { body } = await api.submit(`${link}/acceptance?lang=en`, { ...answers, affiliation: '' });
      return [...body.matchAll(/href="#((?:answers|attends)[^"]*)"/g)].map(([, field]) => field);
    };
    await seat('head_of_delegation', 'in_person');
    expect(await wrong()).toEqual(['answers.speech', 'answers.passport_no']);
    const shown = await page(`${link}?lang=en`);
    expect(shown).toContain('Title of your speech');
    expect(shown).not.toContain('name="attends"');
    expect(shown).not.toContain('Only if');
    await seat('adviser', null);
    expect(await wrong()).toEqual(['attends']);
    expect(await page(`${link}?lang=en`)).not.toContain('Title of your speech');
  });

  test('need the privacy notice accepted by whoever registers, in the version that was read', async () => {
    const { id, link, accept, registration } = await prepare([]);
    const write = (text: string) =>
      api.replace(`/v1/dialogues/${id}/privacy-notice`, { texts: { en: text } });
    await write('We keep little.');
    expect(await page(`${link}?lang=en`)).toContain('name="privacy_notice" value="1"');
    expect((await accept({})).body).toContain('href="#privacy_notice"');
    await write('We keep less.');
    const changed = await accept({ privacy_notice: '1' });
    expect(changed.statusCode).toBe(422);
    expect(changed.body).toContain('it was changed meanwhile');
    expect((await accept({ privacy_notice: '2' })).statusCode).toBe(303);
    const [row] = await api.dataSource.query(
      'SELECT privacy_notice_version, privacy_notice_accepted_at FROM registrations WHERE dialogue_id = $1',
      [id],
    );
    expect(row).toEqual({ privacy_notice_version: 2, privacy_notice_accepted_at: expect.any(Date) });
    expect(await page(await registration())).not.toContain('name="privacy_notice"');
    // A new version does not keep anybody from correcting what they said.
    await write('We keep nothing.');
    expect((await api.submit(await registration(), { ...answers, capacity: 'chair' })).statusCode).toBe(303);
  });

  test('and registrations by the open link are bounded by dialogue and origin, known or not', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    const elsewhere = await publishDialogue(api, { registration: 'open' });
    const register = (name: string, of = slug) =>
      api.request(
        'POST',
        `/v1/public/dialogues/${of}/registrations`,
        { name, email: `${name.toLowerCase()}@un.example`, affiliation: 'UN' },
        { token: null },
      );
    await register('Known');
    await api.submit(
      `${await linkOf(api, 'registration', { dialogueId: id, email: 'known@un.example' })}/confirmation`,
      {},
    );
    await api.dataSource.query(`UPDATE rate_limits SET points = 199 WHERE key LIKE $1`, [
      `registrations:${id}:%`,
    ]);
    expect((await register('Last')).statusCode).toBe(201);
    for (const name of ['Known', 'Unknown']) {
      const refused = await register(name);
      expect([refused.statusCode, refused.json().code]).toEqual([429, 'too_many_registrations']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    }
    const form = await api.submit(
      `/d/${slug}/registrations?lang=en`,
      { name: 'Else', email: 'else@un.example', affiliation: 'UN' },
      { 'accept-language': 'fr' },
    );
    expect(form.statusCode).toBe(429);
    expect(form.body).toContain('Trop d’inscriptions');
    expect((await register('Unknown', elsewhere.slug)).statusCode).toBe(201);
    const [{ count }] = await api.dataSource.query(
      `SELECT count(*)::int FROM mails WHERE dialogue_id = $1 AND kind = 'address-confirmation'`,
      [id],
    );
    expect(count).toBe(2);
  });
});
