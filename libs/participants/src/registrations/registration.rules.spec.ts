import { mayAnswer, mayRegister, standing } from './registration.rules';

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
