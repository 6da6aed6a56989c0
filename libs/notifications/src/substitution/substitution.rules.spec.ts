import { staleRefusal } from './substitution.rules';

describe('telling a delegate that a substitute was refused', () => {
  const published = { state: 'published' } as const;

  test('is warranted while they have the seat', () => {
    expect(staleRefusal({ registration: { state: 'confirmed' }, dialogue: published })).toBeNull();
  });

  test('is stale once they gave the seat up, or the dialogue is cancelled', () => {
    expect(staleRefusal({ registration: { state: 'withdrawn' }, dialogue: published })).toMatch(/withdrawn/);
    expect(staleRefusal({ registration: { state: 'confirmed' }, dialogue: { state: 'cancelled' } })).toMatch(
      /cancelled/,
    );
  });
});
