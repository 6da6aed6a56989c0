import { staleSummary } from './summary.rules';

test('the note is mailed to the confirmed, once, and not before it is published', () => {
  const facts = { published: true, registration: { state: 'confirmed' }, newerQueued: false } as const;
  expect(staleSummary(facts)).toBeNull();
  expect(staleSummary({ ...facts, published: false })).toMatch(/not published/);
  expect(staleSummary({ ...facts, registration: { state: 'withdrawn' } })).toMatch(/withdrawn/);
  expect(staleSummary({ ...facts, newerQueued: true })).toMatch(/later/);
});
