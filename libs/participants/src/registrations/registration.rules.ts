import type { DialogueState } from '@app/dialogues';
import { nameKey } from '../../../platform/src/keys';
import type { RegistrationState } from './registration.entity';

/** What of a dialogue decides whether its participants can still act. */
export interface DialogueNow {
  state: DialogueState;
  /** Whether its end has passed, by the database's clock. */
  over: boolean;
}

/** Where a dialogue stands for a participant; `open` is the only one in which someone can register. */
export type Standing =
  'open' | 'dialogue_draft' | 'dialogue_postponed' | 'dialogue_cancelled' | 'dialogue_over';

/** Cancelled says more than over, and both more than the rest. */
export function standing(dialogue: DialogueNow): Standing {
  if (dialogue.state === 'cancelled') return 'dialogue_cancelled';
  if (dialogue.state === 'draft') return 'dialogue_draft';
  if (dialogue.state === 'postponed') return 'dialogue_postponed';
  return dialogue.over ? 'dialogue_over' : 'open';
}

/** Whether someone may register: only while the dialogue is published and not over. */
export function mayRegister(dialogue: DialogueNow): boolean {
  return standing(dialogue) === 'open';
}

/** Whether someone may decline, withdraw or change their data: also while a new date is being looked for. */
export function mayAnswer(dialogue: DialogueNow): boolean {
  return ['open', 'dialogue_postponed'].includes(standing(dialogue));
}

/**
 * Whether someone who took part may still say whether they are listed in the record: it is written when the dialogue is
 * over, and consent that was given can be withdrawn as long as it is kept.
 */
export function maySayWhetherListed(dialogue: DialogueNow, registration: RegistrationState): boolean {
  return takesPart(registration) && (mayAnswer(dialogue) || standing(dialogue) === 'dialogue_over');
}

/**
 * Whether somebody may still change their name by themselves: afterwards it would change the record, and nobody would
 * approve it; whoever withdrew or was refused has nothing to be approved under it. An organiser can always put it right.
 */
export function mayRename(dialogue: DialogueNow, registration: RegistrationState): boolean {
  return mayAnswer(dialogue) && registration !== 'withdrawn' && registration !== 'refused';
}

/** Whether they take part as things stand: their calendar holds it, they are reminded, they are let in. */
export function takesPart(state: RegistrationState): boolean {
  return state === 'confirmed' || state === 'under_review';
}

/** Whether a place is taken for them: they take part, or it is offered to them. */
export function holdsPlace(state: RegistrationState): boolean {
  return takesPart(state) || state === 'offered';
}

/** Has a place, waits for one or for approval: something that can be withdrawn and changed. */
export function isActive(state: RegistrationState): boolean {
  return holdsPlace(state) || state === 'waitlisted' || state === 'awaiting_approval';
}

/** What a registration says that approvers decided upon. */
export interface Approved {
  name: string;
  mechanismId: string | null;
  capacity: string | null;
  role: string | null;
}

/**
 * Whether a change is one on which approvers have to decide anew: who they are, for which mechanism, in which role. Case
 * and white space of what they typed are not.
 */
export function mattersForApproval(before: Approved, after: Approved): boolean {
  const key = (text: string | null): string => nameKey(text ?? '');
  return (
    key(before.name) !== key(after.name) ||
    key(before.capacity) !== key(after.capacity) ||
    before.mechanismId !== after.mechanismId ||
    before.role !== after.role
  );
}

/**
 * Where a change that matters puts a registration: who takes part keeps the place and is under review; who waits is to be
 * approved again and keeps their number. An offer stands or falls with what was approved: null.
 */
export function afterMattering(state: RegistrationState): RegistrationState | null {
  if (takesPart(state)) return 'under_review';
  return state === 'waitlisted' || state === 'awaiting_approval' ? 'awaiting_approval' : null;
}

/** Why nothing can be done, in words for whoever asks through the API; pages have their own words. */
export const standingInWords: Record<Exclude<Standing, 'open'>, string> = {
  dialogue_draft: 'The dialogue is a draft; nobody can register before it is published.',
  dialogue_postponed: 'The dialogue is postponed; registration opens again with the new date.',
  dialogue_cancelled: 'The dialogue is cancelled; nothing can be changed any more.',
  dialogue_over: 'The dialogue is over; nothing can be changed any more.',
};
