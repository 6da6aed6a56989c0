import type { RegistrationState } from '../registrations/registration.entity';

/** What an approver decides. */
export type Decision = 'approved' | 'refused';

/** A registration on which somebody decides, as it is now. */
export interface Undecided {
  state: RegistrationState;
  /** How many have approved it in this round, without the one who decides now. */
  approvals: number;
  /** Whether the one who decides now has decided in this round before. */
  hasDecided: boolean;
}

/** What a decision comes to. */
export type DecisionVerdict =
  | { code: 'not_waiting' }
  | { code: 'already_decided' }
  | { code: 'counted'; approvals: number }
  | { code: 'approved' }
  | { code: 'refused' };

/**
 * Each approver counts once in each round. One refusal refuses; so many approvals as the dialogue needs approve. Only what
 * waits can be decided upon.
 * @param needed how many approvals the dialogue needs, at least one.
 */
export function decide(
  { state, approvals, hasDecided }: Undecided,
  decision: Decision,
  needed: number,
): DecisionVerdict {
  if (state !== 'awaiting_approval' && state !== 'under_review') return { code: 'not_waiting' };
  if (hasDecided) return { code: 'already_decided' };
  if (decision === 'refused') return { code: 'refused' };
  return approvals + 1 >= needed ? { code: 'approved' } : { code: 'counted', approvals: approvals + 1 };
}
