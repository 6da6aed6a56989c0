import { staleInvitation, staleInvitationCancellation } from './invitation.rules';

const facts = {
  invitation: { state: 'sent', linkGeneration: 1 },
  dialogue: { state: 'published', started: false },
  generation: 1,
} as const;

describe('an invitation that waits', () => {
  test('is sent while it asks something', () => {
    expect(staleInvitation(facts)).toBeNull();
  });

  test.each([
    ['it is accepted', { invitation: { state: 'accepted', linkGeneration: 1 } }],
    ['it is declined', { invitation: { state: 'declined', linkGeneration: 1 } }],
    ['its link is revoked', { invitation: { state: 'sent', linkGeneration: 2 } }],
    ['the dialogue is cancelled', { dialogue: { state: 'cancelled', started: false } }],
    ['the dialogue is postponed', { dialogue: { state: 'postponed', started: false } }],
    ['the dialogue has started', { dialogue: { state: 'published', started: true } }],
  ] as const)('is stale once %s', (_, change) => {
    expect(staleInvitation({ ...facts, ...change })).toEqual(expect.any(String));
  });
});

describe('the cancellation for the invited', () => {
  const cancelled = { ...facts, dialogue: { state: 'cancelled', started: false } } as const;

  test('is told to the silent only', () => {
    expect(staleInvitationCancellation(cancelled)).toBeNull();
    expect(staleInvitationCancellation(facts)).toEqual(expect.any(String));
    const declined = { state: 'declined', linkGeneration: 1 } as const;
    expect(staleInvitationCancellation({ ...cancelled, invitation: declined })).toEqual(expect.any(String));
  });
});
