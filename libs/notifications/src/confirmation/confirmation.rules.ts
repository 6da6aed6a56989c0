import type { DialogueState } from '@app/dialogues';
import type { RegistrationState } from '@app/participants';

/** What decides whether the mail about a change of a registration's state is still to be sent. */
export interface TransitionFacts {
  /** The state that the mail tells of. */
  tellsOf: RegistrationState;
  /** The transition that caused it; it stands in the mail's key. */
  transitionId: string;
  registration: { state: RegistrationState; transitionId: string };
  dialogue: { state: DialogueState };
  /** Whether it takes an entry out of a calendar, as the refusal of someone who was confirmed. */
  endsEntry?: boolean;
}

/**
 * Why a mail about a transition is no longer warranted; null when it is. A later transition has a mail of its own, and
 * so has the cancellation, which does not go to whoever was refused before: their entry is taken out by the refusal. A postponement does not make a place less sure: it is told beside.
 */
export function staleTransition({
  tellsOf,
  transitionId,
  registration,
  dialogue,
  endsEntry = false,
}: TransitionFacts): string | null {
  if (registration.state !== tellsOf) return `The registration is ${registration.state} by now.`;
  if (registration.transitionId !== transitionId) return 'A later mail tells of a later change.';
  if (dialogue.state === 'cancelled' && !endsEntry) return 'The dialogue is cancelled.';
  return null;
}

/**
 * Why a withdrawal's mail is no longer warranted; null when it is. One that takes an entry out of a calendar goes out
 * unless they are confirmed again: whoever is on the waiting list by now, or asked anew without confirming the
 * address, would otherwise keep the entry.
 */
export function staleWithdrawal(facts: {
  registration: { state: RegistrationState };
  wasConfirmed: boolean;
  newerQueued: boolean;
}): string | null {
  const { state } = facts.registration;
  if (state === 'confirmed' || state === 'under_review') return 'They are confirmed again.';
  if (facts.wasConfirmed) return null;
  if (state !== 'withdrawn') return `The registration is ${state} by now.`;
  return facts.newerQueued ? 'A later mail tells of a later withdrawal.' : null;
}

/** Why sending someone their link again is no longer warranted; null when it is. */
export function staleRegistrationLink(facts: {
  registration: { state: RegistrationState };
  dialogue: { state: DialogueState };
  newerQueued: boolean;
}): string | null {
  if (facts.dialogue.state === 'cancelled') return 'The dialogue is cancelled.';
  if (facts.registration.state === 'unconfirmed') return 'The address is not confirmed yet.';
  if (facts.newerQueued) return 'The same was asked for again.';
  return null;
}
