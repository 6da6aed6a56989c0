import type { DialogueState } from '@app/dialogues';
import type { RegistrationState } from '@app/participants';

/** Why telling a delegate that a substitute was refused is no longer warranted; null when it is. */
export function staleRefusal(facts: {
  registration: { state: RegistrationState };
  dialogue: { state: DialogueState };
}): string | null {
  if (facts.dialogue.state === 'cancelled') return 'The dialogue is cancelled.';
  const { state } = facts.registration;
  return state === 'withdrawn' || state === 'refused' ? `The registration is ${state} by now.` : null;
}
