import { staleSignIn } from './sign-in.rules';

test('a one-time link is mailed while it would sign someone in', () => {
  expect(staleSignIn({ used: false, expired: false })).toBeNull();
  expect(staleSignIn({ used: true, expired: false })).toMatch(/used/);
  expect(staleSignIn({ used: false, expired: true })).toMatch(/expired/);
});
