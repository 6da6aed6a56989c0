import type { DialogueState } from '@app/dialogues';
import type { RegistrationState } from '@app/participants';

/** What decides whether a reminder is still to be sent. */
export interface ReminderFacts {
  registration: { state: RegistrationState; participationCount: number };
  dialogue: { state: DialogueState; startsAt: Date };
  /** Of which participation it reminds: who withdrew and came back gets their own. */
  participationCount: number;
  /** The start of which it was to remind. */
  startsAt: Date;
}

/**
 * Why a reminder is no longer warranted; null when it is. A new room or link does not make it stale, since it is
 * written with what is true when it is sent; a new start does: the reminder for that one comes in its own time.
 */
export function staleReminder({ registration, dialogue, ...planned }: ReminderFacts): string | null {
  const { state } = registration;
  if (state !== 'confirmed' && state !== 'under_review') return `The registration is ${state} by now.`;
  if (registration.participationCount !== planned.participationCount)
    return 'They withdrew and came back since.';
  if (dialogue.state !== 'published') return `The dialogue is ${dialogue.state}.`;
  if (dialogue.startsAt.getTime() !== planned.startsAt.getTime()) return 'The dialogue has moved since.';
  return null;
}
