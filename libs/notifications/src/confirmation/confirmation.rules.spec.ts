import {
  renewed,
  staleJoinLink,
  staleRegistrationLink,
  staleTransition,
  staleWithdrawal,
} from './confirmation.rules';

describe('a mail about a registration', () => {
  const facts = {
    tellsOf: 'confirmed',
    transitionId: 'one',
    registration: { state: 'confirmed', transitionId: 'one' },
    dialogue: { state: 'published' },
  } as const;

  test('is sent while what it tells is so, also when the dialogue is postponed', () => {
    expect(staleTransition(facts)).toBeNull();
    expect(staleTransition({ ...facts, dialogue: { state: 'postponed' } })).toBeNull();
  });

  test('is stale once the registration stands otherwise', () => {
    expect(staleTransition({ ...facts, registration: { state: 'withdrawn', transitionId: 'two' } })).toMatch(
      /withdrawn/,
    );
  });

  test('is stale once they left and came back: the second confirmation is a mail of its own', () => {
    expect(staleTransition({ ...facts, registration: { state: 'confirmed', transitionId: 'two' } })).toMatch(
      /later/,
    );
  });

  test('is stale once the dialogue is cancelled', () => {
    expect(staleTransition({ ...facts, dialogue: { state: 'cancelled' } })).toMatch(/cancelled/);
  });
});

describe('the refusal of someone who was confirmed', () => {
  const facts = {
    tellsOf: 'refused',
    transitionId: 'one',
    registration: { state: 'refused', transitionId: 'one' },
    dialogue: { state: 'cancelled' },
  } as const;

  test('takes the entry out of the calendar also when the dialogue is cancelled: the cancellation does not', () => {
    expect(staleTransition({ ...facts, endsEntry: true })).toBeNull();
    expect(staleTransition(facts)).toMatch(/cancelled/);
  });
});

describe('the mail of a withdrawal', () => {
  const facts = { registration: { state: 'withdrawn' }, wasConfirmed: true, newerQueued: false } as const;

  test('takes the entry out of the calendar, whatever came after, unless they are confirmed again', () => {
    expect(staleWithdrawal(facts)).toBeNull();
    expect(staleWithdrawal({ ...facts, newerQueued: true })).toBeNull();
    expect(staleWithdrawal({ ...facts, registration: { state: 'waitlisted' } })).toBeNull();
    expect(staleWithdrawal({ ...facts, registration: { state: 'unconfirmed' } })).toBeNull();
    expect(staleWithdrawal({ ...facts, registration: { state: 'confirmed' } })).toMatch(/confirmed again/);
  });

  test('without an entry is stale once they are registered again or a later one tells the same', () => {
    const without = { ...facts, wasConfirmed: false };
    expect(staleWithdrawal(without)).toBeNull();
    expect(staleWithdrawal({ ...without, registration: { state: 'waitlisted' } })).toMatch(/waitlisted/);
    expect(staleWithdrawal({ ...without, newerQueued: true })).toMatch(/later/);
  });
});

describe('a link sent again', () => {
  const facts = {
    registration: { state: 'confirmed', linkGeneration: 2 },
    dialogue: { state: 'published' },
    newerQueued: false,
    generation: null,
  } as const;
  const inState = (state: 'withdrawn' | 'unconfirmed') => ({ state, linkGeneration: 2 });

  test('is sent to whoever is known, once', () => {
    expect(staleRegistrationLink(facts)).toBeNull();
    expect(staleRegistrationLink({ ...facts, registration: inState('withdrawn') })).toBeNull();
    expect(staleRegistrationLink({ ...facts, newerQueued: true })).toMatch(/again/);
  });

  test('is not sent to an address that nobody confirmed, nor for a cancelled dialogue', () => {
    expect(staleRegistrationLink({ ...facts, registration: inState('unconfirmed') })).toMatch(
      /not confirmed/,
    );
    expect(staleRegistrationLink({ ...facts, dialogue: { state: 'cancelled' } })).toMatch(/cancelled/);
  });

  test('that is new is sent whatever else was asked for, as long as it is the one that holds', () => {
    expect(staleRegistrationLink({ ...facts, generation: 2, newerQueued: true })).toBeNull();
    expect(staleRegistrationLink({ ...facts, generation: 1 })).toMatch(/revoked/);
    const key = 'registration-link:3f2a91bc-1111-4000-8000-000000000001';
    expect(renewed(`${key}:generation:12`)).toBe(12);
    expect(renewed(`${key}:generation:12:again:1`)).toBe(12);
    expect(renewed(`${key}:202701280900`)).toBeNull();
  });
});

describe('a new link to join', () => {
  const facts = {
    registration: { state: 'confirmed', joinGeneration: 2 },
    dialogue: { state: 'published' },
    hasLink: true,
    generation: 2,
  } as const;

  test('is sent to anyone who takes part and joins online', () => {
    expect(staleJoinLink(facts)).toBeNull();
    expect(
      staleJoinLink({ ...facts, registration: { state: 'under_review', joinGeneration: 2 } }),
    ).toBeNull();
  });

  test.each([
    ['they withdrew', { registration: { state: 'withdrawn', joinGeneration: 2 } }, /withdrawn/],
    ['it was revoked in turn', { registration: { state: 'confirmed', joinGeneration: 3 } }, /revoked/],
    ['the dialogue is postponed', { dialogue: { state: 'postponed' } }, /postponed/],
    ['the dialogue is cancelled', { dialogue: { state: 'cancelled' } }, /cancelled/],
    ['there is nothing to join', { hasLink: false }, /no link/],
  ] as const)('is stale when %s', (_, otherwise, why) => {
    expect(staleJoinLink({ ...facts, ...otherwise })).toMatch(why);
  });
});
