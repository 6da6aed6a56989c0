import { staleInvitation, staleInvitationCancellation, staleInvitationNews } from './invitation.rules';

const facts = {
  invitation: { state: 'sent', registered: false, linkGeneration: 1 },
  dialogue: { state: 'published', started: false },
  generation: 1,
} as const;

describe('an invitation that waits', () => {
  test('is sent while it asks something', () => {
    expect(staleInvitation(facts)).toBeNull();
  });

  test.each([
    ['it is accepted', { invitation: { state: 'accepted', registered: false, linkGeneration: 1 } }],
    ['it is declined', { invitation: { state: 'declined', registered: false, linkGeneration: 1 } }],
    [
      'they are taken off the delegation',
      { invitation: { state: 'removed', registered: false, linkGeneration: 1 } },
    ],
    [
      'they registered by the open link',
      { invitation: { state: 'sent', registered: true, linkGeneration: 1 } },
    ],
    ['its link is revoked', { invitation: { state: 'sent', registered: false, linkGeneration: 2 } }],
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
    const registered = { state: 'sent', registered: true, linkGeneration: 1 } as const;
    expect(staleInvitationCancellation({ ...cancelled, invitation: registered })).toEqual(expect.any(String));
    const declined = { state: 'declined', registered: false, linkGeneration: 1 } as const;
    expect(staleInvitationCancellation({ ...cancelled, invitation: declined })).toEqual(expect.any(String));
  });
});

describe('news for the invited', () => {
  const news = { ...facts, isPostponement: false, newerQueued: false } as const;
  const postponed = { ...facts.dialogue, state: 'postponed' } as const;

  test('are told while they are so', () => {
    expect(staleInvitationNews(news)).toBeNull();
    expect(staleInvitationNews({ ...news, isPostponement: true, dialogue: postponed })).toBeNull();
  });

  test.each([
    ['they have answered', { invitation: { state: 'declined', registered: false, linkGeneration: 1 } }],
    [
      'they registered by the open link',
      { invitation: { state: 'sent', registered: true, linkGeneration: 1 } },
    ],
    ['there is a new date', { isPostponement: true }],
    ['it is postponed', { dialogue: postponed }],
    ['it has started', { dialogue: { state: 'published', started: true } }],
    ['a later mail tells of a later change', { newerQueued: true }],
  ] as const)('are stale once %s', (_, change) => {
    expect(staleInvitationNews({ ...news, ...change })).toEqual(expect.any(String));
  });
});
