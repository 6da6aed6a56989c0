import { readChasingRules } from './chasing.rules';

const rule = { counted: 'after_invitation', duration: 'P5D', tells: 'invitee' } as const;

test('rules are written in one way, and each stands once', () => {
  expect(readChasingRules([{ ...rule, duration: 'P1W' }, { ...rule, duration: 'P7D' }, rule])).toEqual({
    rules: [{ ...rule, duration: 'P7D' }, rule],
  });
});

test.each(['5 days', '-P1D', 'P0D', 'P2Y'])('%s is no duration to chase after', (duration) => {
  expect(readChasingRules([rule, { ...rule, duration }])).toMatchObject({
    errors: [{ field: 'rules.1.duration', code: 'duration_invalid' }],
  });
});
