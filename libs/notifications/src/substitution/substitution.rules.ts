import type { DialogueState } from '@app/dialogues';
import type { RegistrationState, Substitution } from '@app/participants';

/** Why telling who decides of a proposed substitute is no longer warranted; null when it is. */
export function staleProposal(facts: {
  /** `named`: whether both names are still there, and not erased. */
  substitution: { state: Substitution['state']; named: boolean };
  dialogue: { state: DialogueState };
  /** Whether the reader may still decide, and has the link that the mail was to carry. */
  mayDecide: boolean;
}): string | null {
  const { state, named } = facts.substitution;
  if (state !== 'proposed') return `The substitution is ${state} by now.`;
  if (!named) return 'The substitution is gone.';
  if (facts.dialogue.state === 'cancelled') return 'The dialogue is cancelled.';
  return facts.mayDecide ? null : 'They may no longer decide.';
}

/** Why telling a delegate that a substitute was refused is no longer warranted; null when it is. */
export function staleRefusal(facts: {
  registration: { state: RegistrationState };
  dialogue: { state: DialogueState };
}): string | null {
  if (facts.dialogue.state === 'cancelled') return 'The dialogue is cancelled.';
  const { state } = facts.registration;
  return state === 'withdrawn' || state === 'refused' ? `The registration is ${state} by now.` : null;
}
