import { mediaTypeOf, namedByContent } from './media-types.rules';
import { readQuestions, wordsIn } from './question-drafts.rules';
import { isAsked, mayBeAsked, readAnswers, type AskedQuestion, type GivenAnswer } from './questions.rules';

const question = (code: string, changes: Partial<AskedQuestion> = {}): AskedQuestion => ({
  code,
  kind: 'text',
  options: [],
  required: false,
  askedIf: null,
  sensitive: false,
  fileTypes: [],
  fileBytes: 10,
  ...changes,
});
const options = ['any', 'other'].map((value) => ({ value, label: { en: value } }));
const diet = question('diet', { kind: 'choice', options, required: true });
const which = question('which', { askedIf: { of: 'diet', is: ['other'] }, required: true });
const passport = question('passport', { askedIf: { of: 'attends', is: ['in_person'] }, required: true });
const room = { attends: 'in_person', role: null } as const;
const online = { attends: 'virtual', role: null } as const;
const given = (answers: Record<string, unknown>): Record<string, GivenAnswer> =>
  Object.fromEntries(Object.entries(answers).map(([code, value]) => [code, { value }]));
const codes = ({ errors }: { errors: { field: string; code: string }[] }) =>
  errors.map(({ field, code }) => `${field}: ${code}`);

describe('a question', () => {
  test('is asked by what was answered before, by how someone attends, and by their seat', () => {
    expect(isAsked(which, { diet: 'other' }, room)).toBe(true);
    expect(isAsked(which, { diet: 'any' }, room)).toBe(false);
    expect(isAsked(which, {}, room)).toBe(false);
    expect(isAsked(passport, {}, room)).toBe(true);
    expect(isAsked(passport, {}, online)).toBe(false);
    expect(isAsked(passport, {}, { attends: null, role: null })).toBe(false);
    const heads = question('heads', { askedIf: { of: 'role', is: ['head_of_delegation', 'adviser'] } });
    expect(isAsked(heads, {}, { attends: null, role: 'adviser' })).toBe(true);
    expect(isAsked(heads, {}, { attends: null, role: 'member' })).toBe(false);
  });

  test('that several answers can fulfil is asked when one of them does', () => {
    const after = question('after', { askedIf: { of: 'topics', is: ['b', 'c'] } });
    expect(isAsked(after, { topics: ['a', 'c'] }, room)).toBe(true);
    expect(isAsked(after, { topics: ['a'] }, room)).toBe(false);
  });
});

describe('a form', () => {
  test('shows what may be asked, and not what can’t be, whatever is chosen in it', () => {
    const heads = question('heads', { askedIf: { of: 'role', is: ['head_of_delegation'] } });
    const chosen = question('chosen', {
      kind: 'choice',
      options,
      askedIf: { of: 'attends', is: ['in_person'] },
    });
    const after = question('after', { askedIf: { of: 'chosen', is: ['any'] } });
    const all = [diet, which, passport, heads, chosen, after];
    const shown = (of: Parameters<typeof mayBeAsked>[1]) => mayBeAsked(all, of).map(({ code }) => code);
    expect(shown({ attends: undefined, role: null })).toEqual([
      'diet',
      'which',
      'passport',
      'chosen',
      'after',
    ]);
    expect(shown({ attends: 'virtual', role: 'head_of_delegation' })).toEqual(['diet', 'which', 'heads']);
  });
});

describe('reading answers', () => {
  test('needs what is required only where it is asked', () => {
    expect(codes(readAnswers([diet, which, passport], {}, online))).toEqual(['answers.diet: required']);
    expect(codes(readAnswers([diet, which, passport], given({ diet: 'other' }), room))).toEqual([
      'answers.which: required',
      'answers.passport: required',
    ]);
    expect(readAnswers([diet, which], given({ diet: 'any' }), room)).toEqual({
      values: { diet: 'any' },
      files: {},
      errors: [],
    });
  });

  test('drops answers to what is not asked, earlier ones included, and what hangs on them', () => {
    const why = question('why', {
      kind: 'choice',
      options,
      askedIf: { of: 'diet', is: ['other'] },
    });
    const more = question('more', { askedIf: { of: 'why', is: ['any'] } });
    const known = { diet: 'other', which: 'halal', why: 'any', more: 'text' };
    expect(readAnswers([diet, which, why, more], {}, room, known).values).toEqual(known);
    expect(readAnswers([diet, which, why, more], given({ diet: 'any', more: 'typed' }), room, known)).toEqual(
      {
        values: { diet: 'any' },
        files: {},
        errors: [],
      },
    );
  });

  test('takes one of the options, a day of the calendar, and a text of 2,000 characters', () => {
    const topics = question('topics', { kind: 'choices', options });
    const day = question('day', { kind: 'date' });
    const text = question('text');
    const read = (answers: Record<string, unknown>) =>
      codes(readAnswers([diet, topics, day, text], given({ diet: 'any', ...answers }), room));
    expect(read({ topics: ['any', 'other'], day: '2028-02-29', text: 'x'.repeat(2_000) })).toEqual([]);
    expect(read({ diet: 'ANY' })).toEqual(['answers.diet: option_unknown']);
    expect(read({ topics: ['any', 'none'] })).toEqual(['answers.topics: option_unknown']);
    expect(read({ day: '2027-02-29' })).toEqual(['answers.day: day_invalid']);
    expect(read({ day: '29/02/2028' })).toEqual(['answers.day: day_invalid']);
    expect(read({ text: 'x'.repeat(2_001) })).toEqual(['answers.text: answer_too_long']);
    expect(read({ diet: { value: 'any' } })).toEqual(['answers.diet: required']);
  });

  test('keeps the lines of a text, and none of the characters that no database keeps', () => {
    const { values } = readAnswers([question('text')], given({ text: ' one\r\ntwo\u0000 ' }), room);
    expect(values).toEqual({ text: 'one\ntwo' });
  });

  test('leaves what was not in the form, and takes back what is empty there', () => {
    const topics = question('topics', { kind: 'choices', options });
    const known = { text: 'before', topics: ['any'] };
    expect(readAnswers([question('text'), topics], {}, room, known).values).toEqual(known);
    expect(
      readAnswers([question('text'), topics], given({ text: ' ', topics: [''] }), room, known).values,
    ).toEqual({});
  });

  test('leaves a sensitive answer that the form does not show, until it is replaced or removed', () => {
    const secret = question('secret', { sensitive: true });
    const known = { secret: 'AB123' };
    expect(readAnswers([secret], given({ secret: '' }), room, known).values).toEqual(known);
    expect(readAnswers([secret], given({ secret: 'CD456' }), room, known).values).toEqual({
      secret: 'CD456',
    });
    expect(readAnswers([secret], { secret: { value: '', remove: true } }, room, known).values).toEqual({});
    const required = { ...secret, required: true };
    expect(codes(readAnswers([required], { secret: { remove: true } }, room, known))).toEqual([
      'answers.secret: required',
    ]);
  });

  test('judges a file by its content and its size, not by its name', () => {
    const scan = question('scan', { kind: 'file', fileTypes: ['application/pdf'], required: true });
    const file = (content: string, isTruncated = false) => ({
      scan: { file: { name: '..\\folder/scan\u202efdp.pdf', content: Buffer.from(content), isTruncated } },
    });
    const read = readAnswers([scan], file('%PDF-1.7'), room);
    expect(read.values).toEqual({ scan: 'scan fdp.pdf' });
    expect(read.files.scan).toMatchObject({ mediaType: 'application/pdf', name: 'scan fdp.pdf' });
    expect(codes(readAnswers([scan], file('<html>'), room))).toEqual(['answers.scan: file_type_unknown']);
    expect(codes(readAnswers([scan], file('%PDF-1.7 and more'), room))).toEqual([
      'answers.scan: file_too_large',
    ]);
    expect(codes(readAnswers([scan], file('%PDF-', true), room))).toEqual(['answers.scan: file_too_large']);
    expect(codes(readAnswers([scan], given({ scan: 'typed.pdf' }), room))).toEqual([
      'answers.scan: required',
    ]);
    // None is chosen this time, and the one from before stays.
    expect(readAnswers([scan], {}, room, { scan: 'old.pdf' })).toMatchObject({
      values: { scan: 'old.pdf' },
      files: {},
    });
  });

  test('takes nothing from what an object has by nature', () => {
    expect(codes(readAnswers([question('constructor', { required: true })], {}, room))).toEqual([
      'answers.constructor: required',
    ]);
  });
});

/** An archive with these names and nothing in it. */
function archive(...names: string[]): Buffer {
  const entries = names.map((name) => {
    const entry = Buffer.alloc(46 + name.length);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(name.length, 28);
    entry.write(name, 46);
    return entry;
  });
  const directory = Buffer.concat(entries);
  const start = Buffer.from('PK\x03\x04');
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(start.length, 16);
  return Buffer.concat([start, directory, end]);
}

describe('a file', () => {
  test.each<[string, Buffer, string | null]>([
    ['a PDF', Buffer.from('%PDF-1.4\n'), 'application/pdf'],
    ['a PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]), 'image/png'],
    ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'image/jpeg'],
    [
      'a Word document',
      archive('[Content_Types].xml', '_rels/.rels', 'word/document.xml'),
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    [
      'a Word document with macros',
      archive('[Content_Types].xml', 'word/document.xml', 'word/vbaProject.bin'),
      null,
    ],
    ['a workbook', archive('[Content_Types].xml', 'xl/workbook.xml'), null],
    ['an archive cut off', archive('[Content_Types].xml', 'word/document.xml').subarray(0, 30), null],
    [
      'an archive whose directory is somewhere else',
      Buffer.from('PK\x03\x04PK\x05\x06' + '\xff'.repeat(18), 'latin1'),
      null,
    ],
    ['a page', Buffer.from('<!doctype html>'), null],
    ['nothing', Buffer.alloc(0), null],
  ])('is known by its content: %s', (_, content, type) => {
    expect(mediaTypeOf(content)).toBe(type);
  });
});

describe('a file that was uploaded under the name of another type', () => {
  test.each([
    ['passport.html', 'application/pdf', 'passport.pdf'],
    ['passport.pdf.exe', 'application/pdf', 'passport.pdf.pdf'],
    ['passport.PDF', 'application/pdf', 'passport.PDF'],
    ['passport', 'application/pdf', 'passport.pdf'],
    ['Passport No. 2', 'application/pdf', 'Passport No. 2.pdf'],
    ['Version 1.5', 'application/pdf', 'Version 1.5.pdf'],
    ['passport.', 'application/pdf', 'passport.pdf'],
    ['جواز سفر.svg', 'image/png', 'جواز سفر.png'],
    ['photo.jpeg', 'image/jpeg', 'photo.jpeg'],
    ['photo.png', 'image/jpeg', 'photo.jpg'],
    ['.htaccess', 'application/pdf', 'file.pdf'],
    ['letter.docm', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'letter.docx'],
  ] as const)('gets the extension that its content proves: %s as %s', (name, type, kept) => {
    expect(namedByContent(name, type)).toBe(kept);
  });
});

describe('questions of a dialogue', () => {
  const text = (code: string, changes: object = {}) => ({
    code,
    kind: 'text' as const,
    label: { en: code },
    ...changes,
  });
  const wrong = (...inputs: Parameters<typeof readQuestions>[0]) =>
    codes(readQuestions(inputs, 'en', '2026-11-23'));

  test('may hang on what comes before them, and on nothing else', () => {
    const choice = { ...text('diet'), kind: 'choice' as const, options };
    const hangs = text('which', { asked_if: { of: 'diet', is: ['other'] } });
    expect(wrong(choice, hangs)).toEqual([]);
    expect(wrong(hangs, choice)).toEqual(['questions.0.asked_if.of: condition_unknown']);
    expect(wrong(text('diet'), hangs)).toEqual(['questions.1.asked_if.of: condition_unknown']);
    expect(wrong(text('self', { asked_if: { of: 'self', is: ['x'] } }))).toEqual([
      'questions.0.asked_if.of: condition_unknown',
    ]);
    expect(wrong(choice, text('which', { asked_if: { of: 'diet', is: [] } }))).toEqual([
      'questions.1.asked_if.is: condition_value_unknown',
    ]);
    expect(wrong(text('seat', { asked_if: { of: 'role', is: ['adviser'] } }))).toEqual([]);
  });

  test('ask for no more files than a form can carry', () => {
    const file = (code: string, file_bytes: number) => ({ ...text(code), kind: 'file' as const, file_bytes });
    expect(wrong(file('one', 10_000_000), file('two', 10_000_000))).toEqual([]);
    expect(wrong(file('one', 10_000_000), file('two', 10_000_000), file('three', 1))).toEqual([
      'questions: files_too_large',
    ]);
  });

  test('keep a day of purging that has come, and get no new one', () => {
    const past = text('past', { purge_on: '2026-11-23' });
    expect(wrong(past)).toEqual(['questions.0.purge_on: day_past']);
    expect(wrong(text('next', { purge_on: '2026-11-24' }))).toEqual([]);
    expect(wrong(text('no_day', { purge_on: '2027-02-30' }))).toEqual(['questions.0.purge_on: day_invalid']);
    const before = new Map([['past', '2026-11-23']]);
    expect(readQuestions([past], 'en', '2026-11-25', before).errors).toEqual([]);
  });

  test('speak the first working language, in whatever region', () => {
    expect(wrong(text('where', { label: { 'en-GB': 'Where?' } }))).toEqual([]);
    expect(wrong(text('where', { label: { fr: 'Où ?' } }))).toEqual(['questions.0.label: language_missing']);
    expect(wordsIn({ 'fr-CA': 'Où ?', en: 'Where?' }, 'fr')).toEqual({ text: 'Où ?', language: 'fr-CA' });
    expect(wordsIn({ en: 'Where?' }, 'ar')).toBeUndefined();
  });
});
