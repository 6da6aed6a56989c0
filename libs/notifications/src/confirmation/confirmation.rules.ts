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

/** The generation of the new personal link that a mail was queued for, by its key; null when it repeats the one they have. */
export function renewed(dedupeKey: string): number | null {
  const [, , what, generation] = dedupeKey.split(':');
  return what === 'generation' ? Number(generation) : null;
}

/** Whether a mail with the personal link was queued for a new address, by its key. */
export function isForNewAddress(dedupeKey: string): boolean {
  return dedupeKey.split(':')[2] === 'address';
}

/**
 * Why removing the entry at an address that somebody had before is no longer warranted; null when it is.
 * @param facts.isTheirsAgain whether they have that address again.
 * @param facts.wasWrittenTo whether anything about the registration went there.
 */
export function staleCalendarRemoval(facts: {
  isTheirsAgain: boolean;
  wasWrittenTo: boolean;
}): string | null {
  if (facts.isTheirsAgain) return 'The address is theirs again.';
  return facts.wasWrittenTo ? null : 'Nothing was sent to the old address.';
}

/**
 * Why sending someone their link is no longer warranted; null when it is. The mail of a new link goes whatever else was
 * asked for, as the calendar entry that it may carry has no other mail.
 * @param facts.generation see `renewed`.
 */
export function staleRegistrationLink(facts: {
  registration: { state: RegistrationState; linkGeneration: number };
  dialogue: { state: DialogueState };
  newerQueued: boolean;
  generation: number | null;
  /** See `isForNewAddress`: it carries the calendar entry, which has no other mail. */
  isForNewAddress?: boolean;
  /** Whether the address was corrected again since: that queued a mail of its own. */
  hasMovedOn?: boolean;
}): string | null {
  const { registration, generation } = facts;
  if (facts.dialogue.state === 'cancelled') return 'The dialogue is cancelled.';
  if (registration.state === 'unconfirmed') return 'The address is not confirmed yet.';
  if (generation !== null)
    return registration.linkGeneration === generation ? null : 'The link it was to carry is revoked.';
  if (facts.isForNewAddress) return facts.hasMovedOn ? 'They have another address by now.' : null;
  if (facts.newerQueued) return 'The same was asked for again.';
  return null;
}

/**
 * Why the mail of a new link to join is no longer warranted; null when it is.
 * @param facts.generation of the link that it was queued for.
 */
export function staleJoinLink(facts: {
  registration: { state: RegistrationState; joinGeneration: number };
  dialogue: { state: DialogueState };
  /** Whether there is something for them to join. */
  hasLink: boolean;
  generation: number;
}): string | null {
  const { registration, dialogue } = facts;
  const { state } = registration;
  if (state !== 'confirmed' && state !== 'under_review') return `The registration is ${state} by now.`;
  // Another mail changes the calendar then, and says what is so when the dialogue takes place after all.
  if (dialogue.state !== 'published') return `The dialogue is ${dialogue.state} by now.`;
  if (!facts.hasLink) return 'There is no link to join any more.';
  return registration.joinGeneration === facts.generation ? null : 'The link it was to carry is revoked.';
}
