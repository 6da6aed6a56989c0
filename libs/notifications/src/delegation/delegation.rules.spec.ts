import { staleDelegationMail } from './delegation.rules';

const facts = {
  kind: 'empty',
  delegation: { linkGeneration: 1, closed: false, empty: 2, silent: 1 },
  dialogue: { state: 'published', started: false },
  generation: 1,
} as const;

describe('a mail to a focal point that waits', () => {
  test.each(['request', 'empty', 'silence'] as const)('is sent while it says what is so (%s)', (kind) => {
    expect(staleDelegationMail({ ...facts, kind })).toBeNull();
  });

  test.each([
    ['its link is revoked', { generation: 2 }],
    ['the dialogue is cancelled', { dialogue: { state: 'cancelled', started: false } }],
    ['the dialogue is postponed', { dialogue: { state: 'postponed', started: false } }],
    ['the dialogue has started', { dialogue: { state: 'published', started: true } }],
    ['nominations are closed', { delegation: { ...facts.delegation, closed: true } }],
    ['every seat has a nominee', { delegation: { ...facts.delegation, empty: 0 } }],
    ['every nominee has answered', { kind: 'silence', delegation: { ...facts.delegation, silent: 0 } }],
  ] as const)('is stale once %s', (_, change) => {
    expect(staleDelegationMail({ ...facts, ...change })).toEqual(expect.any(String));
  });

  test('tells who is silent also when nominations are closed', () => {
    const delegation = { ...facts.delegation, closed: true, empty: 0 };
    expect(staleDelegationMail({ ...facts, kind: 'silence', delegation })).toBeNull();
  });
});
