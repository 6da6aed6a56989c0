import { inOwnWords } from './own-words';
import { fillIn, placeholdersOf, wordsProblems, type Words } from './wordings.rules';

const ALLOWED = placeholdersOf({ ownWords: ['answer_by'] });
const NONE: Words = { subject: null, opening: null, closing: null };
const codes = (words: Partial<Words>) =>
  wordsProblems({ ...NONE, ...words }, ALLOWED).map(({ field, code }) => [field, code]);

test('words with placeholders of their kind are taken, in any script', () => {
  expect(codes({ subject: '{title}: {starts}' })).toEqual([]);
  expect(codes({ opening: ['عزيزي {name}،', 'Please answer by {answer_by}.\nThank you.'] })).toEqual([]);
  expect(codes({ closing: ['{hosts} – {place}'] })).toEqual([]);
});

test('a placeholder that is unknown, not of this kind or malformed is refused with what may stand there', () => {
  expect(codes({ subject: '{nmae}' })).toEqual([['subject', 'placeholder_unknown']]);
  expect(codes({ subject: '{constructor}' })).toEqual([['subject', 'placeholder_unknown']]);
  expect(codes({ opening: ['Well,', 'because of {reason}'] })).toEqual([
    ['opening.1', 'placeholder_not_here'],
  ]);
  for (const text of ['{', '}', '{{title}}', '{ title }', '{Title}', '{title', '{name, plural, other{x}}']) {
    expect(codes({ closing: [text] })).toContainEqual(['closing.0', 'placeholder_malformed']);
  }
  expect(wordsProblems({ ...NONE, subject: '{reason}' }, ALLOWED)[0]!.detail).toBe(
    '{reason} has no value in mails of this kind. It may name {name}, {title}, {starts}, {starts_host}, {place}, {hosts}, {answer_by}.',
  );
});

test('what is no text for a mail is refused by field', () => {
  expect(codes({})).toEqual([['subject', 'nothing_adapted']]);
  expect(codes({ subject: 'One\nBcc: all@ministry.example' })).toEqual([['subject', 'not_one_line']]);
  expect(codes({ subject: 'One\rtwo' })).toEqual([['subject', 'control_character']]);
  expect(codes({ subject: 'One \u202etwo' })).toEqual([['subject', 'control_character']]);
  expect(codes({ subject: 'Half of \ud83d' })).toEqual([['subject', 'control_character']]);
  expect(codes({ subject: 'x'.repeat(151) })).toEqual([['subject', 'too_long']]);
  expect(codes({ opening: [] })).toEqual([['opening', 'paragraphs_invalid']]);
  expect(codes({ opening: Array<string>(11).fill('x') })).toEqual([['opening', 'paragraphs_invalid']]);
  expect(codes({ closing: ['x', ' \n '] })).toEqual([['closing.1', 'empty']]);
  expect(codes({ closing: ['x'.repeat(2001)] })).toEqual([['closing.0', 'too_long']]);
});

test('a value is put in as it is: what looks like a placeholder in it stays', () => {
  const values = { name: 'A {title} $&', title: 'T' } as Record<string, string>;
  expect(fillIn('{name}/{title}', (name) => values[name] ?? null)).toEqual({ text: 'A {title} $&/T' });
  expect(fillIn('{place}', () => '')).toEqual({ missing: 'place' });
});

describe('a mail in own words', () => {
  const content = {
    subject: 'Ours',
    preheader: '',
    title: 'Title',
    blocks: [
      { kind: 'paragraph' as const, text: 'Dear A,' },
      { kind: 'paragraph' as const, text: 'Our opening', isOpening: true as const },
      { kind: 'button' as const, label: 'Answer', url: 'https://plenary.example' },
      { kind: 'small' as const, text: 'Why' },
    ],
  };
  const texts = (words: Partial<Words>, value: string | null = 'V') =>
    inOwnWords(content, { ...NONE, ...words }, () => value).blocks.map((block) =>
      'text' in block ? block.text : block.kind,
    );

  test('keeps all but subject and opening, and closes before the small print', () => {
    const adapted = inOwnWords(content, { ...NONE, subject: '{title}' }, () => 'V');
    expect([adapted.subject, adapted.blocks]).toEqual(['V', content.blocks]);
    expect(texts({ opening: ['One', '{name}'], closing: ['Bye'] })).toEqual([
      'Dear A,',
      'One',
      'V',
      'button',
      'Bye',
      'Why',
    ]);
  });

  test('is wholly Plenary’s where one value is missing, and says which', () => {
    const adapted = inOwnWords(
      content,
      { subject: 'Mine', opening: ['{place}'], closing: ['x'] },
      () => null,
    );
    expect(adapted).toEqual({ ...content, wording: { missing: ['place'] } });
  });

  test('is Plenary’s where nothing may be adapted', () => {
    const fixed = { ...content, blocks: content.blocks.slice(2) };
    expect(inOwnWords(fixed, { ...NONE, subject: 'Mine' }, () => 'V')).toBe(fixed);
    expect(inOwnWords(content, undefined, () => 'V')).toBe(content);
  });
});
