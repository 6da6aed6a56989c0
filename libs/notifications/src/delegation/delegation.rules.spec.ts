import { staleDelegationMail, staleDelegationNews } from './delegation.rules';

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

describe('news for a focal point that wait', () => {
  const news = {
    kind: 'change',
    delegation: { linkGeneration: 1, asked: true },
    dialogue: { state: 'published', started: false },
    generation: 1,
    newerQueued: false,
  } as const;
  const revoked = { linkGeneration: 2, asked: true };

  test('are sent while they say what is so', () => {
    expect(staleDelegationNews(news)).toBeNull();
  });

  test.each([
    ['its link is revoked', { delegation: revoked }],
    ['somebody else is the focal point', { delegation: { linkGeneration: 1, asked: false } }],
    ['the dialogue is cancelled', { dialogue: { state: 'cancelled', started: false } }],
    ['the dialogue has started', { dialogue: { state: 'published', started: true } }],
    ['a later change is told', { newerQueued: true }],
  ] as const)('are stale once %s', (_, change) => {
    expect(staleDelegationNews({ ...news, ...change })).toEqual(expect.any(String));
  });

  test.each([
    ['postponement', 'postponed'],
    ['cancellation', 'cancelled'],
  ] as const)('need no link for a %s, which holds while it is so', (kind, state) => {
    const linkless = { ...news, kind, delegation: revoked };
    expect(staleDelegationNews({ ...linkless, dialogue: { state, started: true } })).toBeNull();
    expect(staleDelegationNews(linkless)).toEqual(expect.any(String));
  });
});
