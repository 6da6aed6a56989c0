import type { FieldProblem } from '@app/platform';
import type { DelegationRole } from '../delegations/delegation.entity';
import type { Attends } from '../registrations/registration.entity';
import { withoutUnseen } from '../../../platform/src/stored-text.rules';
import { mediaTypeOf, namedByContent } from './media-types.rules';
import { isDay } from './question-drafts.rules';
import type { Question } from './question.entity';

/** An answer as it is kept: text, option, day (YYYY-MM-DD), name of a file; or several options. */
export type AnswerValue = string | string[];

/** Answers by the code of their question. */
export type Answers = Record<string, AnswerValue>;

/** A file as it came in. */
export interface UploadedFile {
  /** Its name without folders, as sent. */
  name: string;
  content: Buffer;
  /** It was larger than anything that is taken, and the rest of it was thrown away. */
  isTruncated: boolean;
}

/** What someone gives as an answer; undefined: the field was not there, and what was answered before stays. */
export interface GivenAnswer {
  value?: unknown;
  file?: UploadedFile | undefined;
  /** What was answered before is to go. */
  remove?: boolean;
}

/** What conditions are about, beside other answers. */
export interface AskedOf {
  /** How someone attends; of a dialogue that is not hybrid, as everybody does. */
  attends: Attends | null;
  /** Their seat in a delegation. */
  role: DelegationRole | null;
}

/** What was read of someone's answers. */
export interface ReadAnswers {
  /** To whatever is asked and answered. */
  values: Answers;
  /** New files by code, with what they are by their content. */
  files: Record<string, { name: string; mediaType: string; content: Buffer }>;
  /** By field, `answers.<code>`. */
  errors: FieldProblem[];
}

/** What a question needs to be asked and read. */
export type AskedQuestion = Pick<
  Question,
  'code' | 'kind' | 'options' | 'required' | 'askedIf' | 'sensitive' | 'fileTypes' | 'fileBytes'
>;

/** The most characters of a text. */
export const MOST_OF_AN_ANSWER = 2_000;

/** Whether a question is asked, given what was answered to those before it. A question that is not asked has no answer. */
export function isAsked({ askedIf }: Pick<Question, 'askedIf'>, answers: Answers, of: AskedOf): boolean {
  if (!askedIf) return true;
  const answer = askedIf.of === 'attends' || askedIf.of === 'role' ? of[askedIf.of] : answers[askedIf.of];
  return [answer ?? []].flat().some((value) => askedIf.is.includes(value));
}

/**
 * Of the questions those that may be asked, whatever will be answered: for a form that can't know what is chosen in it.
 * @param of what is known already; `attends` is undefined while it is asked in the same form.
 */
export function mayBeAsked<Q extends Pick<Question, 'code' | 'askedIf'>>(
  questions: readonly Q[],
  of: { attends: Attends | null | undefined; role: DelegationRole | null },
): Q[] {
  const may: Q[] = [];
  for (const question of questions) {
    const { of: subject, is } = question.askedIf ?? {};
    const isPossible =
      subject === undefined ||
      (subject === 'attends'
        ? of.attends === undefined || is!.includes(of.attends ?? '')
        : subject === 'role'
          ? is!.includes(of.role ?? '')
          : may.some(({ code }) => code === subject));
    if (isPossible) may.push(question);
  }
  return may;
}

/**
 * Reads answers in the order of the questions, over what was answered before. What is not asked is dropped, an earlier
 * answer to it included; what is asked and required must be answered, whatever the form showed.
 *
 * A field that is there and empty takes the answer back, except where the form doesn't show the earlier answer: for what
 * is sensitive and for files it says `remove`.
 */
export function readAnswers(
  questions: readonly AskedQuestion[],
  given: Readonly<Record<string, GivenAnswer>>,
  of: AskedOf,
  known: Readonly<Answers> = {},
): ReadAnswers {
  const read: ReadAnswers = { values: {}, files: {}, errors: [] };
  for (const question of questions) {
    const { code } = question;
    if (!isAsked(question, read.values, of)) continue;
    const { value, file, remove } = (Object.hasOwn(given, code) && given[code]) || {};
    const before = remove || !Object.hasOwn(known, code) ? undefined : known[code];
    const wrong = (problem: string, words: string) => {
      const field = `answers.${code}`;
      read.errors.push({ field, code: problem, detail: `${field} ${words}` });
    };
    if (question.kind === 'file') {
      if (file && (file.isTruncated || file.content.length > question.fileBytes))
        wrong('file_too_large', `has more than ${question.fileBytes} bytes; send a smaller file.`);
      else if (file) {
        const mediaType = mediaTypeOf(file.content);
        if (!mediaType || !question.fileTypes.includes(mediaType))
          wrong('file_type_unknown', `is none of ${question.fileTypes.join(', ')}.`);
        else {
          const name = namedByContent(fileName(file.name), mediaType);
          read.values[code] = name;
          read.files[code] = { name, mediaType, content: file.content };
        }
      } else if (before !== undefined) read.values[code] = before;
      else if (question.required) wrong('required', 'is needed.');
      continue;
    }
    const typed = answerOf(question, value);
    const answer = typed === undefined || (typed === null && question.sensitive) ? before : typed;
    if (answer === undefined || answer === null) {
      if (question.required) wrong('required', 'is needed.');
      continue;
    }
    const problem = problemOf(question, answer, known[code]);
    if (problem) wrong(...problem);
    else read.values[code] = answer;
  }
  return read;
}

/** What was given as a kind of question takes it; null when it is empty, undefined when it was not there. */
function answerOf({ kind }: AskedQuestion, given: unknown): AnswerValue | null | undefined {
  if (given === undefined) return undefined;
  if (given === null) return null;
  const texts = [given].flat().map((value) => (typeof value === 'string' ? withoutUnseen(value).trim() : ''));
  if (kind === 'choices') {
    const chosen = [...new Set(texts)].filter((text) => text !== '');
    return chosen.length > 0 ? chosen : null;
  }
  // A browser ends the lines of a text with CR and LF; other control characters have no place in it.
  const text = texts
    .at(-1)!
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .trim();
  return text === '' ? null : text;
}

/** @param known what is stored: an option that was chosen and is offered no more stays, when a form sends it back. */
function problemOf(
  { kind, options }: AskedQuestion,
  answer: AnswerValue,
  known: AnswerValue = [],
): [string, string] | null {
  switch (kind) {
    case 'text':
      return answer.length > MOST_OF_AN_ANSWER
        ? ['answer_too_long', `has more than ${MOST_OF_AN_ANSWER} characters; shorten it.`]
        : null;
    case 'date':
      return isDay(String(answer)) ? null : ['day_invalid', 'is no day; write it as 2027-01-31.'];
    case 'choice':
    case 'choices':
    case 'file':
      return [answer]
        .flat()
        .every((chosen) => [known].flat().includes(chosen) || options.some(({ value }) => value === chosen))
        ? null
        : ['option_unknown', `is none of ${options.map(({ value }) => value).join(', ')}.`];
  }
}

/** The name of a file without folders and control characters. */
function fileName(sent: string): string {
  const name = sent
    .replace(/^.*[\\/]/, '')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  // Not from the middle of a character on.
  return name.slice(-200).replace(/^[\udc00-\udfff]/, '') || 'file';
}
