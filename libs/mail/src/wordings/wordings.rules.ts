import type { FieldProblem } from '@app/platform';

/**
 * What an organiser's own words may name, with what it means and whether a mail may have nothing for it. There is no
 * logic: a placeholder is `{name}`, in small letters, and a brace stands for nothing else.
 */
export const PLACEHOLDERS = {
  name: { meaning: 'Honorific and name of the reader.', mayBeMissing: false },
  title: { meaning: 'Title of the dialogue.', mayBeMissing: false },
  starts: { meaning: 'When it starts, in the zone of the reader, which is named.', mayBeMissing: false },
  starts_host: { meaning: 'When it starts, in the zone of the hosts, which is named.', mayBeMissing: false },
  place: {
    meaning: 'Room and platform, without a link. Missing while no room is named.',
    mayBeMissing: true,
  },
  hosts: { meaning: 'The hosts, as "A, B and C". Missing while none is named.', mayBeMissing: true },
  answer_by: {
    meaning:
      'Until when an answer is awaited, in the zone of the reader. Missing where there is no deadline.',
    mayBeMissing: true,
  },
  reason: { meaning: 'The reason that was given. Missing where none was.', mayBeMissing: true },
  delegation: { meaning: 'The mechanism or organisation whose seats they are.', mayBeMissing: false },
} as const satisfies Record<string, { meaning: string; mayBeMissing: boolean }>;

export type Placeholder = keyof typeof PLACEHOLDERS;

/** What every mail that can be adapted may name. */
const EVERYWHERE: readonly Placeholder[] = ['name', 'title', 'starts', 'starts_host', 'place', 'hosts'];

/** What words for a kind of mail may name. */
export function placeholdersOf(kind: {
  ownWords: readonly Placeholder[];
  namesNobody?: boolean;
}): Placeholder[] {
  return [...EVERYWHERE, ...kind.ownWords].filter((name) => !(kind.namesNobody && name === 'name'));
}

/** An organiser's own words; null: Plenary's, and for the closing none. */
export interface Words {
  subject: string | null;
  opening: string[] | null;
  closing: string[] | null;
}

/** Characters; longer subjects are cut off in every list of mails. */
const LONGEST_SUBJECT = 150;
const LONGEST_PARAGRAPH = 2000;
const MOST_PARAGRAPHS = 10;

// Controls other than a line break, and what would turn the rest of a line around (UAX 9): values are isolated by Plenary.
// eslint-disable-next-line no-control-regex
const NOT_FOR_TEXT = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const PLACEHOLDER = /\{([a-z_]+)\}/gu;

/**
 * What is wrong with these words, each field with its path. A placeholder is refused here, so that no mail meets one
 * that it can't fill; one that may be missing is taken, and the mail that has nothing for it says Plenary's own words.
 */
export function wordsProblems(words: Words, allowed: readonly Placeholder[]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (words.subject === null && words.opening === null && words.closing === null) {
    problems.push({
      field: 'subject',
      code: 'nothing_adapted',
      detail: 'Give subject, opening or closing. To go back to Plenary’s own words, delete the wording.',
    });
  }
  if (words.subject !== null) {
    problems.push(...textProblems('subject', words.subject, LONGEST_SUBJECT, allowed));
    if (words.subject.includes('\n')) {
      problems.push({ field: 'subject', code: 'not_one_line', detail: 'subject must be one line.' });
    }
  }
  for (const part of ['opening', 'closing'] as const) {
    const paragraphs = words[part];
    if (paragraphs === null) continue;
    if (paragraphs.length === 0 || paragraphs.length > MOST_PARAGRAPHS) {
      problems.push({
        field: part,
        code: 'paragraphs_invalid',
        detail: `${part} must have 1 to ${MOST_PARAGRAPHS} paragraphs, or be null.`,
      });
      continue;
    }
    paragraphs.forEach((text, index) =>
      problems.push(...textProblems(`${part}.${index}`, text, LONGEST_PARAGRAPH, allowed)),
    );
  }
  return problems;
}

function textProblems(
  field: string,
  text: string,
  longest: number,
  allowed: readonly Placeholder[],
): FieldProblem[] {
  const may = `It may name ${allowed.map((name) => `{${name}}`).join(', ')}.`;
  const problems: FieldProblem[] = [];
  if (text.trim() === '') {
    problems.push({ field, code: 'empty', detail: `${field} must not be empty.` });
  }
  if ([...text].length > longest) {
    problems.push({ field, code: 'too_long', detail: `${field} must have at most ${longest} characters.` });
  }
  if (NOT_FOR_TEXT.test(text) || !text.isWellFormed()) {
    problems.push({
      field,
      code: 'control_character',
      detail: `${field} must not hold control characters or marks that turn a line around.`,
    });
  }
  for (const [written, name] of text.matchAll(PLACEHOLDER)) {
    if (allowed.some((one) => one === name)) continue;
    const known = Object.hasOwn(PLACEHOLDERS, name!);
    problems.push({
      field,
      code: known ? 'placeholder_not_here' : 'placeholder_unknown',
      detail: `${written} ${known ? 'has no value in mails of this kind' : 'is no placeholder'}. ${may}`,
    });
  }
  const malformed = /.{0,10}[{}].{0,10}/u.exec(text.replace(PLACEHOLDER, ''));
  if (malformed) {
    problems.push({
      field,
      code: 'placeholder_malformed',
      detail: `A brace stands only around the name of a placeholder; see “${malformed[0].trim()}”. ${may}`,
    });
  }
  return problems;
}

/**
 * A text with its placeholders filled in.
 * @param valueOf what stands for a placeholder, isolated where its direction may differ; null: nothing.
 * @returns the text, or the first placeholder for which there is nothing.
 */
export function fillIn(
  text: string,
  valueOf: (placeholder: Placeholder) => string | null,
): { text: string } | { missing: Placeholder } {
  let missing: Placeholder | null = null;
  const filled = text.replace(PLACEHOLDER, (_, name: Placeholder) => {
    const value = valueOf(name);
    if (!value) missing ??= name;
    return value ?? '';
  });
  return missing === null ? { text: filled } : { missing };
}
