import type { Dialogue } from '@app/dialogues';
import type { FieldProblem } from '@app/platform';
import { languageRemedy } from '../../../directory/src/languages.rules';
import { canonicalLanguage } from '../../../directory/src/tags.rules';
import { isAddress } from '../../../platform/src/keys';
import { oneLine, plainAddress } from '../../../platform/src/stored-text.rules';
import { nameProblem, wrongField } from '../registrations/registration-data.rules';
import type { RegistrationState } from '../registrations/registration.entity';

/** Whether and how a dialogue lets delegates name a substitute. */
export type SubstitutionMode = Dialogue['substitution'];

/** What someone types about who comes in their place. */
export interface SubstituteInput {
  honorific?: string;
  name?: string;
  functional_title?: string;
  email?: string;
  language?: string;
}

/** Who comes instead, as written by the one who can't come. */
export interface SubstituteData {
  honorific: string | null;
  name: string;
  functionalTitle: string | null;
  email: string;
  /** BCP 47. */
  language: string;
}

/** What decides whether someone may name a substitute. */
export interface SubstitutionFacts {
  mode: SubstitutionMode;
  /** Whether participants can still act, see `mayAnswer`. */
  answerable: boolean;
  state: RegistrationState;
  /** Whether they are a substitute themselves: then the place offered to them is a delegate's, not one of the waitlist. */
  isSubstitute: boolean;
}

/**
 * Whoever has a seat may name who takes it; a substitute may do so again, already before having accepted. A place that
 * was offered from the waitlist is the next one's on it, and not theirs to give.
 */
export function maySubstitute({ mode, answerable, state, isSubstitute }: SubstitutionFacts): boolean {
  if (mode === 'closed' || !answerable) return false;
  return state === 'confirmed' || (state === 'offered' && isSubstitute);
}

/** Reads who comes instead. Wrong fields are told as those of a registration are. */
export function readSubstitute(input: SubstituteInput): { data: SubstituteData; errors: FieldProblem[] } {
  const errors: FieldProblem[] = [];
  const line = (field: 'honorific' | 'name' | 'functional_title'): string | null => {
    const value = oneLine(input[field]);
    const wrong = nameProblem(value);
    if (wrong) errors.push(wrongField(field, wrong));
    return value;
  };
  const honorific = line('honorific');
  const name = line('name');
  if (!name) errors.push(wrongField('name', 'required'));
  const functionalTitle = line('functional_title');
  const email = plainAddress(input.email ?? '');
  if (!email) errors.push(wrongField('email', 'required'));
  else if (!isAddress(email)) errors.push(wrongField('email', 'email_invalid'));
  const tag = oneLine(input.language) ?? '';
  const language = canonicalLanguage(tag);
  if (!language) errors.push(wrongField('language', 'language_unknown', languageRemedy(tag)));
  return {
    data: { honorific, name: name ?? '', functionalTitle, email, language: language ?? '' },
    errors,
  };
}
