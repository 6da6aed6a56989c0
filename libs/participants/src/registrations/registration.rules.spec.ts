import {
  afterMattering,
  holdsPlace,
  isActive,
  mattersForApproval,
  mayAnswer,
  mayRegister,
  standing,
  takesPart,
} from './registration.rules';

describe('registering', () => {
  test('is possible while the dialogue is published and not over', () => {
    expect(mayRegister({ state: 'published', over: false })).toBe(true);
    expect(mayRegister({ state: 'published', over: true })).toBe(false);
    expect(mayRegister({ state: 'postponed', over: false })).toBe(false);
    expect(mayRegister({ state: 'draft', over: false })).toBe(false);
  });

  test('is refused with the reason that says most', () => {
    expect(standing({ state: 'cancelled', over: true })).toBe('dialogue_cancelled');
    expect(standing({ state: 'postponed', over: true })).toBe('dialogue_postponed');
    expect(standing({ state: 'published', over: true })).toBe('dialogue_over');
  });
});

describe('withdrawing, declining and changing', () => {
  test('is possible while a new date is being looked for, though its old end has passed', () => {
    expect(mayAnswer({ state: 'postponed', over: true })).toBe(true);
  });

  test('is over with the dialogue, and when it is cancelled', () => {
    expect(mayAnswer({ state: 'published', over: true })).toBe(false);
    expect(mayAnswer({ state: 'cancelled', over: false })).toBe(false);
  });
});

describe('where someone stands', () => {
  test('holds a place when confirmed, under review or offered, and takes part in the first two', () => {
    const states = [
      'unconfirmed',
      'awaiting_approval',
      'waitlisted',
      'offered',
      'confirmed',
      'under_review',
    ] as const;
    expect(states.filter(holdsPlace)).toEqual(['offered', 'confirmed', 'under_review']);
    expect(states.filter(takesPart)).toEqual(['confirmed', 'under_review']);
    expect([...states, 'refused' as const, 'withdrawn' as const].filter((state) => !isActive(state))).toEqual(
      ['unconfirmed', 'refused', 'withdrawn'],
    );
  });
});

describe('a change after approval', () => {
  const approved = { name: 'Chiara de Santis', mechanismId: 'one', capacity: 'Member', role: null };

  test('matters when it is of name, mechanism, capacity or role', () => {
    expect(mattersForApproval(approved, { ...approved, name: 'Paolo de Santis' })).toBe(true);
    expect(mattersForApproval(approved, { ...approved, mechanismId: 'two' })).toBe(true);
    expect(mattersForApproval(approved, { ...approved, capacity: null })).toBe(true);
    expect(mattersForApproval(approved, { ...approved, role: 'member' })).toBe(true);
  });

  test('does not when only case or white space is put right', () => {
    expect(
      mattersForApproval(approved, { ...approved, name: 'Chiara  De Santis', capacity: ' member' }),
    ).toBe(false);
  });

  test('puts who takes part under review and who waits back to approval; an offer stands as approved', () => {
    expect(afterMattering('confirmed')).toBe('under_review');
    expect(afterMattering('under_review')).toBe('under_review');
    expect(afterMattering('waitlisted')).toBe('awaiting_approval');
    expect(afterMattering('offered')).toBeNull();
  });
});
