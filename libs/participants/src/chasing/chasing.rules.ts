import type { FieldProblem } from '@app/platform';
import { normaliseOffset } from '../../../dialogues/src/reminders/reminder.rules';

/** "Five days after the invitation, to the silent themselves." */
export interface ChasingRuleDraft {
  /** On from the invitation, or back from the deadline to answer or nominate. */
  counted: 'after_invitation' | 'before_deadline';
  /** ISO 8601 duration; days are calendar days in the dialogue's zone. */
  duration: string;
  /** The silent themselves, or the focal point of their delegation. */
  tells: 'invitee' | 'focal_point';
}

/** More would be a nuisance. */
export const MOST_CHASING_RULES = 20;

/** The rules in one way of writing, each once, or all that is wrong with them. */
export function readChasingRules(
  drafts: readonly ChasingRuleDraft[],
): { rules: ChasingRuleDraft[] } | { errors: FieldProblem[] } {
  const errors: FieldProblem[] = [];
  const rules = new Map<string, ChasingRuleDraft>();
  drafts.forEach(({ counted, duration, tells }, index) => {
    const normal = normaliseOffset(duration);
    if (normal === null) {
      errors.push({
        field: `rules.${index}.duration`,
        code: 'duration_invalid',
        detail: `rules.${index}.duration "${duration}" must be a positive ISO 8601 duration of at most a year, such as P5D or PT36H.`,
      });
    } else rules.set(`${counted} ${normal} ${tells}`, { counted, duration: normal, tells });
  });
  return errors.length > 0 ? { errors } : { rules: [...rules.values()] };
}
