import { startApi, type TestApi } from '../support/api';
import { publishDialogue } from '../support/participants';

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
});
