import type { FieldProblem } from '@app/platform';
import { languageRemedy } from '../../../directory/src/languages.rules';
import { canonicalLanguage } from '../../../directory/src/tags.rules';
import { oneLine } from '../../../platform/src/stored-text.rules';
import type { DelegationRole } from '../delegations/delegation.entity';
import { MEDIA_TYPES } from './media-types.rules';
import type { Condition, Question, QuestionKind, Words } from './question.entity';

/** A question as the organiser writes it. What is left out has its usual value. */
export interface QuestionInput {
  code: string;
  kind: QuestionKind;
  label: Record<string, unknown>;
  help?: Record<string, unknown> | null;
  options?: { value: string; label: Record<string, unknown> }[];
  required?: boolean;
  asked_if?: Condition | null;
  sensitive?: boolean;
  purge_on?: string | null;
  file_types?: string[];
  file_bytes?: number;
}

/** A question, checked; its place is its place in the list. */
export type QuestionDraft = Omit<Question, 'id' | 'dialogueId' | 'position' | 'purgedAt'>;

/** The most bytes that a question may let a file have, and how many it lets it have unless it says otherwise. */
export const MOST_FILE_BYTES = 10_000_000;
export const USUAL_FILE_BYTES = 2_000_000;
/** The most questions of one dialogue. */
export const MOST_QUESTIONS = 100;
/** The most bytes that all files of one form may have together: so much of it is held in memory. */
export const MOST_BYTES_OF_FILES = 20_000_000;
/** The most characters of a question and of an option, and of what helps to answer. */
const MOST_OF_A_LABEL = 500;
const MOST_OF_A_HELP = 2_000;

/** The seats of a delegation, in which a condition may ask something. */
const ROLES: readonly DelegationRole[] = ['head_of_delegation', 'member', 'adviser', 'observer'];

/** Names that columns of the lists have, that conditions give another meaning, or that every object has by nature. */
const TAKEN =
  'no id honorific name title functional_title email affiliation country mechanism capacity language time_zone state ' +
  'waitlist_number consent_to_be_listed confirmed_at created_at version attends role delegation invitation_id constructor';

/**
 * Checks the questions of a dialogue, all at once.
 * @param language the first working language of the dialogue: whoever reads none of the others reads this.
 * @param today the day, UTC: a day on which answers are purged lies after it, unless it stood there before.
 */
export function readQuestions(
  inputs: readonly QuestionInput[],
  language: string,
  today: string,
  purgeDaysBefore: ReadonlyMap<string, string | null> = new Map(),
): { questions: QuestionDraft[]; errors: FieldProblem[] } {
  const errors: FieldProblem[] = [];
  const questions: QuestionDraft[] = [];
  inputs.forEach((input, index) => {
    const wrong = (field: string, code: string, words: string): void => {
      const path = `questions.${index}.${field}`;
      errors.push({ field: path, code, detail: `${path} ${words}` });
    };
    const words = (field: string, given: Record<string, unknown>, most: number): Words =>
      readWords(given, most, (tag, code, what) => wrong(tag ? `${field}.${tag}` : field, code, what));
    const spoken = (field: string, given: Record<string, unknown>): Words => {
      const read = words(field, given, MOST_OF_A_LABEL);
      if (wordsIn(read, language) === undefined)
        wrong(field, 'language_missing', `lacks the dialogue's first working language, ${language}.`);
      return read;
    };

    if (!/^[a-z][a-z0-9_]{0,59}$/.test(input.code))
      wrong('code', 'code_malformed', 'is a to z, 0 to 9 and _, at most 60, a letter first.');
    else if (TAKEN.split(' ').includes(input.code))
      wrong('code', 'code_taken', 'is a column of the lists already; choose another.');
    else if (questions.some(({ code }) => code === input.code))
      wrong('code', 'code_twice', 'names another question of this dialogue already.');

    const chooses = input.kind === 'choice' || input.kind === 'choices';
    const options = input.options ?? [];
    if (chooses && options.length === 0)
      wrong('options', 'options_missing', 'is empty: give what can be chosen.');
    if (!chooses && options.length > 0)
      wrong('options', 'options_of_kind', 'belongs to choice and choices only.');
    if (new Set(options.map(({ value }) => value)).size < options.length)
      wrong('options', 'option_twice', 'names a value twice.');

    const isFile = input.kind === 'file';
    const fileTypes = input.file_types ?? (isFile ? [...MEDIA_TYPES] : []);
    if (!isFile && fileTypes.length > 0) wrong('file_types', 'file_types_of_kind', 'belongs to file only.');
    if (isFile && fileTypes.length === 0) wrong('file_types', 'file_types_missing', 'is empty.');
    if (!fileTypes.every((type) => (MEDIA_TYPES as readonly string[]).includes(type)))
      wrong('file_types', 'file_type_unknown', `is any of ${MEDIA_TYPES.join(', ')}.`);

    const purgeOn = input.purge_on ?? null;
    if (purgeOn !== null && !isDay(purgeOn))
      wrong('purge_on', 'day_invalid', 'is a day, such as 2027-01-31.');
    else if (purgeOn !== null && purgeOn <= today && purgeDaysBefore.get(input.code) !== purgeOn)
      wrong('purge_on', 'day_past', 'has come already; give a later day.');

    const askedIf = input.asked_if ?? null;
    if (askedIf) {
      const choices = valuesOfCondition(askedIf.of, questions);
      if (choices === null)
        wrong(
          'asked_if.of',
          'condition_unknown',
          'is attends, role, or the code of an earlier question of kind choice or choices.',
        );
      else if (askedIf.is.length === 0 || !askedIf.is.every((value) => choices.includes(value)))
        wrong('asked_if.is', 'condition_value_unknown', `names one or more of ${choices.join(', ')}.`);
    }

    questions.push({
      code: input.code,
      kind: input.kind,
      label: spoken('label', input.label),
      help: words('help', input.help ?? {}, MOST_OF_A_HELP),
      options: options.map(({ value, label }, option) => ({
        value,
        label: spoken(`options.${option}.label`, label),
      })),
      required: input.required ?? false,
      askedIf: askedIf && { of: askedIf.of, is: [...askedIf.is] },
      sensitive: input.sensitive ?? false,
      purgeOn,
      fileTypes,
      fileBytes: input.file_bytes ?? USUAL_FILE_BYTES,
    });
  });
  const bytes = questions.reduce((sum, { kind, fileBytes }) => sum + (kind === 'file' ? fileBytes : 0), 0);
  if (bytes > MOST_BYTES_OF_FILES) {
    errors.push({
      field: 'questions',
      code: 'files_too_large',
      detail: `questions asks for files of ${bytes} bytes together; ask for fewer or smaller ones, ${MOST_BYTES_OF_FILES} at most.`,
    });
  }
  return { questions, errors };
}

/** Words in a language, or in one that differs from it in region or script only; undefined when there are none. */
export function wordsIn(words: Words, language: string): { text: string; language: string } | undefined {
  const primary = (tag: string) => tag.toLowerCase().split('-')[0]!;
  const tag = Object.hasOwn(words, language)
    ? language
    : Object.keys(words).find((other) => primary(other) === primary(language));
  return tag === undefined ? undefined : { text: words[tag]!, language: tag };
}

/** Whether a text is a day of the calendar, YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

/** What a condition may compare with; null when it refers to nothing that comes before. */
function valuesOfCondition(of: string, before: readonly QuestionDraft[]): string[] | null {
  if (of === 'attends') return ['in_person', 'virtual'];
  if (of === 'role') return [...ROLES];
  const question = before.find(({ code, kind }) => code === of && (kind === 'choice' || kind === 'choices'));
  return question ? question.options.map(({ value }) => value) : null;
}

function readWords(
  given: Record<string, unknown>,
  most: number,
  wrong: (tag: string, code: string, words: string) => void,
): Words {
  const words: Words = {};
  for (const [tag, text] of Object.entries(given)) {
    const language = canonicalLanguage(tag);
    if (!language) wrong('', 'language_unknown', `has a key that names no language: ${languageRemedy(tag)}`);
    else if (typeof text !== 'string') wrong(tag, 'wrong_type', 'must be a text.');
    else if (!oneLine(text)) wrong(tag, 'empty', 'must not be empty; leave the language out.');
    else if (text.length > most) wrong(tag, 'too_long', `has more than ${most} characters; shorten it.`);
    else words[language] = oneLine(text)!;
  }
  return words;
}
