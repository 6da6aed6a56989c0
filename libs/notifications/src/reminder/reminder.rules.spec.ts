import { staleReminder } from './reminder.rules';

const startsAt = new Date('2027-01-28T09:00:00Z');
const facts = {
  registration: { state: 'confirmed', participationCount: 1 },
  dialogue: { state: 'published', startsAt },
  participationCount: 1,
  startsAt,
} as const;

describe('a reminder that waits', () => {
  test('is sent while it reminds of what will be', () => {
    expect(staleReminder(facts)).toBeNull();
  });

  test('is sent to whoever is under review: they keep their place', () => {
    expect(
      staleReminder({ ...facts, registration: { state: 'under_review', participationCount: 1 } }),
    ).toBeNull();
    expect(staleReminder({ ...facts, registration: { state: 'offered', participationCount: 1 } })).toMatch(
      /offered/,
    );
  });

  test('is sent when the dialogue was moved and moved back', () => {
    const back = new Date('2027-01-28T11:00:00+02:00');
    expect(staleReminder({ ...facts, dialogue: { state: 'published', startsAt: back } })).toBeNull();
  });

  test.each([
    ['they withdrew', { registration: { state: 'withdrawn', participationCount: 1 } }],
    ['they withdrew and came back', { registration: { state: 'confirmed', participationCount: 2 } }],
    ['the dialogue is cancelled', { dialogue: { state: 'cancelled', startsAt } }],
    ['the dialogue is postponed', { dialogue: { state: 'postponed', startsAt } }],
    ['the dialogue moved', { dialogue: { state: 'published', startsAt: new Date('2027-01-28T10:00:00Z') } }],
  ] as const)('is stale once %s', (_, change) => {
    expect(staleReminder({ ...facts, ...change })).toEqual(expect.any(String));
  });
});
