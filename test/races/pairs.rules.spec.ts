import { failures, holdsOf, pairsOf, type Watched } from './pairs.rules';

const watched = (route: string, holds: string[], isCarriedOut = true): Watched => ({
  route,
  holds,
  isCarriedOut,
  status: isCarriedOut ? 200 : 409,
  ms: 1,
});

test('a route that answers 500 or 503 beside another is told with both routes, the detail and the log', () => {
  const answer = (statusCode: number, body = '{}') => ({ statusCode, body });
  expect(failures(['PUT /a', 'DELETE /b'], [answer(204), answer(409)], [])).toEqual([]);
  const [one, ...others] = failures(
    ['PUT /a', 'DELETE /b'],
    [answer(200), answer(500, '{"code":"internal_error"}')],
    ['TypeError: undefined'],
  );
  expect(one).toBe('DELETE /b answered 500 beside PUT /a: {"code":"internal_error"} TypeError: undefined');
  expect(others).toEqual([]);
  expect(failures(['PUT /a', 'PUT /a'], [answer(503), answer(500)], [])).toHaveLength(2);
});

test('a table that is written, deleted from or locked is seen, one that is only read or only added to is not', () => {
  expect(
    holdsOf([
      'SELECT 1 FROM people',
      'WITH a AS (INSERT INTO invitations (id) VALUES ($1)), b AS (UPDATE registrations r SET state = 1) DELETE FROM answers',
      'INSERT INTO audit_entries (id) VALUES ($1)',
      'SELECT FROM dialogues d JOIN places p ON true FOR NO KEY UPDATE OF p',
      'UPDATE "notes" SET version = 2',
    ]),
  ).toEqual(['answers', 'dialogues', 'invitations', 'notes', 'places', 'registrations']);
});

test('pairs that share a table are played where both are carried out, and a route meets itself', () => {
  const before = [watched('A', ['x']), watched('B', ['x', 'y'], false), watched('C', ['z'])];
  const after = [watched('A', ['x']), watched('B', ['y', 'x']), watched('C', [], false)];
  expect(pairsOf([before, after])).toEqual([
    { routes: ['A', 'A'], situation: 0 },
    { routes: ['A', 'B'], situation: 1 },
    { routes: ['B', 'B'], situation: 1 },
    { routes: ['C', 'C'], situation: 0 },
  ]);
});
