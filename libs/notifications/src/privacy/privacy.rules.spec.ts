import { staleCode } from './privacy.rules';

test('a code is mailed while it is the one that works', () => {
  const good = { used: false, expired: false, newest: true };
  expect(staleCode(good)).toBeNull();
  expect(staleCode({ ...good, used: true })).toMatch(/used/);
  expect(staleCode({ ...good, expired: true })).toMatch(/expired/);
  expect(staleCode({ ...good, newest: false })).toMatch(/newer/);
});
