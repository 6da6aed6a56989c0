import { startApi, type TestApi } from '../support/api';
import { Pairs } from './pairs';

let api: TestApi;
let pairs: Pairs;
beforeAll(async () => {
  api = await startApi();
  pairs = await Pairs.open(api);
});
afterAll(() => api.close());

const AGENDA = 'PUT /v1/dialogues/:id/agenda';
const DIALOGUE = 'PATCH /v1/dialogues/:id';

test('routes that hold the same table are found by what they ask of the database', async () => {
  const watched = await pairs.watch([AGENDA, DIALOGUE, 'DELETE /v1/tokens/:id']);
  expect(watched.map(({ route, isCarriedOut }) => [route, isCarriedOut])).toEqual([
    [AGENDA, true],
    [DIALOGUE, true],
    ['DELETE /v1/tokens/:id', true],
  ]);
  const [agenda, dialogue, token] = watched.map(({ holds }) => holds);
  expect(agenda).toEqual(expect.arrayContaining(['agenda_items', 'agenda_sessions', 'dialogues']));
  expect(dialogue).toContain('dialogues');
  expect(token).toContain('api_tokens');
  expect(token).not.toContain('dialogues');
});

test('a route that answers 500 beside another is told, with what was wrong, and others are not', async () => {
  await api.dataSource.query(
    `CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken for a test'; END $$`,
  );
  await api.dataSource.query(
    'CREATE TRIGGER broken BEFORE DELETE OR UPDATE ON agenda_sessions FOR EACH ROW EXECUTE FUNCTION break()',
  );
  expect(await pairs.play(AGENDA, DIALOGUE, 0)).toEqual([
    expect.stringMatching(
      /^PUT \/v1\/dialogues\/:id\/agenda answered 500 beside PATCH \/v1\/dialogues\/:id: .*internal_error.*broken for a test/s,
    ),
  ]);
  await api.dataSource.query('DROP TRIGGER broken ON agenda_sessions');
  expect(await pairs.play(AGENDA, DIALOGUE, 0)).toEqual([]);
});

test('everything is put back after each pair', async () => {
  const read = () =>
    api.dataSource.query('SELECT id, version, title FROM dialogues ORDER BY id') as Promise<unknown[]>;
  const before = await read();
  expect(await pairs.play(DIALOGUE, 'DELETE /v1/delegations/:id', 0)).toEqual([]);
  expect(await read()).toEqual(before);
});
