import { startApi, type TestApi } from '../support/api';
import { publishDialogue } from '../support/participants';

describe('rules to chase the silent', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const put = (id: string, rules: object[], options = {}) =>
    api.replace(`/v1/dialogues/${id}/chasing-rules`, { rules }, options);
  const FIVE_DAYS = { counted: 'after_invitation', duration: 'P5D', tells: 'invitee' };
  const THREE_BEFORE = { counted: 'before_deadline', duration: 'P3D', tells: 'invitee' };
  const TELL = { counted: 'before_deadline', duration: 'P1D', tells: 'focal_point' };

  test('are set as a whole and stand in the order in which they fall due; what stays keeps its age', async () => {
    const { id } = await publishDialogue(api);
    const set = await put(id, [TELL, THREE_BEFORE, { ...FIVE_DAYS, duration: 'P1W' }, FIVE_DAYS, FIVE_DAYS]);
    expect(set.statusCode).toBe(200);
    expect(set.json().rules).toMatchObject([
      FIVE_DAYS,
      { ...FIVE_DAYS, duration: 'P7D' },
      THREE_BEFORE,
      TELL,
    ]);
    const ids = () =>
      api.dataSource.query(
        `SELECT id, effective_at FROM chasing_rules WHERE dialogue_id = $1 AND duration = 'P5D'`,
        [id],
      );
    const before = await ids();
    const again = await put(id, [FIVE_DAYS, TELL]);
    expect(again.json().rules).toMatchObject([FIVE_DAYS, TELL]);
    expect(await ids()).toEqual(before);
    expect((await api.request('GET', `/v1/dialogues/${id}/chasing-rules`)).json()).toEqual(again.json());
    expect((await put(id, [])).json()).toEqual({ rules: [] });
  });

  test('that are not right are refused by field, and then nothing changes', async () => {
    const { id } = await publishDialogue(api);
    await put(id, [FIVE_DAYS]);
    const wrong = await put(id, [FIVE_DAYS, { ...TELL, duration: '3 days' }]);
    expect([wrong.statusCode, wrong.json().errors]).toMatchObject([
      422,
      [{ field: 'rules.1.duration', code: 'duration_invalid' }],
    ]);
    expect((await put(id, [{ ...TELL, tells: 'everyone' }])).statusCode).toBe(422);
    expect((await api.request('GET', `/v1/dialogues/${id}/chasing-rules`)).json().rules).toMatchObject([
      FIVE_DAYS,
    ]);
  });

  test('are for the organisers of the dialogue alone', async () => {
    const { id } = await publishDialogue(api);
    const { token } = await api.newOrganiser();
    expect((await put(id, [FIVE_DAYS], { token })).statusCode).toBe(404);
    const read = await api.request('GET', `/v1/dialogues/${id}/chasing-rules`, undefined, { token });
    expect(read.statusCode).toBe(404);
    await api.request('POST', `/v1/dialogues/${id}/cancellation`, {});
    expect((await put(id, [FIVE_DAYS])).json().code).toBe('dialogue_cancelled');
  });
});
