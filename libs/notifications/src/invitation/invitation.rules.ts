import type { DialogueState } from '@app/dialogues';
import type { InvitationState } from '@app/participants';

const REGISTERED = 'They are registered already.';

/** What decides whether someone is still to be asked. */
export interface InvitationFacts {
  /** `registered`: whether they are registered without having answered it, as by the open link. */
  invitation: { state: InvitationState; registered: boolean; linkGeneration: number };
  dialogue: { state: DialogueState; started: boolean };
  /** The generation of the link that this mail was to carry. */
  generation: number;
}

/** Why an invitation is no longer warranted; null when it is. */
export function staleInvitation({ invitation, dialogue, generation }: InvitationFacts): string | null {
  if (invitation.state === 'accepted' || invitation.state === 'declined')
    return 'The invitation is answered.';
  if (invitation.state === 'removed') return 'They are not nominated any more.';
  if (invitation.registered) return REGISTERED;
  if (invitation.linkGeneration !== generation) return 'The link it was to carry is revoked.';
  if (dialogue.state !== 'published') return `The dialogue is ${dialogue.state}.`;
  if (dialogue.started) return 'The dialogue has started.';
  return null;
}

/** What decides whether an invited person is still to be told of another time or place, or of a postponement. */
export interface InvitationNewsFacts extends Pick<InvitationFacts, 'invitation' | 'dialogue'> {
  isPostponement: boolean;
  /** Whether a later mail of this kind waits for the same person. */
  newerQueued: boolean;
}

/** Why such news are no longer warranted; null when they are. */
export function staleInvitationNews(facts: InvitationNewsFacts): string | null {
  const { invitation, dialogue, isPostponement, newerQueued } = facts;
  // Whoever accepted is told as a registrant, and whoever declined need not be.
  if (invitation.state !== 'sent') return 'The invitation is answered.';
  if (invitation.registered) return REGISTERED;
  if (dialogue.state !== (isPostponement ? 'postponed' : 'published')) {
    return `The dialogue is ${dialogue.state} by now.`;
  }
  if (!isPostponement && dialogue.started) return 'The dialogue has started.';
  return newerQueued ? 'A later mail tells of a later change.' : null;
}

/** Why telling an invited person of the cancellation is no longer warranted; null when it is. */
export function staleInvitationCancellation({
  invitation,
  dialogue,
}: Pick<InvitationFacts, 'invitation' | 'dialogue'>): string | null {
  if (dialogue.state !== 'cancelled') return 'The dialogue is not cancelled any more.';
  // Whoever accepted is told as a registrant, and whoever declined need not be.
  if (invitation.state !== 'sent') return 'The invitation is answered.';
  if (invitation.registered) return REGISTERED;
  return null;
}
