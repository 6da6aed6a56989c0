import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emailKey, nameKey } from '@app/platform';
import { COLUMNS, readList, type Column, type ListRow } from './import.csv';
import { countVerdicts, judgeList, type Directory, type DirectoryPerson } from './import.rules';

const HEADER = `no,${COLUMNS.join(',')}`;
const mechanisms = [
  {
    id: 'midcom',
    code: 'MIDCOM',
    name: 'Migration Dialogue from the Common Market',
    nameKeys: ['midcom', 'migration dialogue for comesa region'],
  },
];
const empty: Directory = { mechanisms, people: [], language: 'en', timeZone: 'Africa/Cairo' };

function row(cells: Partial<Record<Column, string>>, line = 2): ListRow {
  const all = Object.fromEntries(COLUMNS.map((column) => [column, ''])) as Record<Column, string>;
  return {
    line,
    cells: {
      ...all,
      name: 'Hoda Mansy',
      email: 'hoda@las.example',
      language: 'ar',
      time_zone: 'Africa/Cairo',
      ...cells,
    },
    cellsFound: null,
  };
}

function known(person: Partial<DirectoryPerson>): DirectoryPerson {
  const name = person.name ?? 'Hoda Mansy';
  const email = person.email ?? 'hoda@las.example';
  return {
    id: 'hoda',
    version: 3,
    honorific: null,
    name,
    name_key: nameKey(name),
    functional_title: null,
    email,
    email_key: emailKey(email),
    affiliation: null,
    country: null,
    mechanism_id: null,
    capacity: null,
    language: 'ar',
    time_zone: 'Africa/Cairo',
    invited: false,
    ...person,
  };
}

const judge = (cells: Partial<Record<Column, string>>, directory = empty) =>
  judgeList([row(cells)], directory)[0]!;
const codes = (judged: { remarks: { code: string }[] }) => judged.remarks.map(({ code }) => code);

describe('a list', () => {
  test('of the reference dialogue is understood whole', () => {
    const file = readFileSync(join(__dirname, '../../../../test/rehearsal/data/participants.csv'));
    const { rows } = readList(file);
    const mechanismCodes = ['5+5', 'AU-HOAI', 'ARCP', 'BALI', 'KHARTOUM', 'MIDCOM', 'PAFOM', 'RABAT'];
    const judged = judgeList(rows, {
      ...empty,
      mechanisms: mechanismCodes.map((code) => ({ id: code, code, name: code, nameKeys: [nameKey(code)] })),
    });
    expect(countVerdicts(judged)).toEqual({ add: 79, change: 0, unchanged: 0, refuse: 0 });
    expect(judged[52]!.person.name).toBe('محمد رفعت الحلبي');
    expect(judged[52]!.line).toBe(54);
    expect(judged[2]!.person.functional_title).toBe('Director, Refugees, Expatriates and Migration Affairs');
    // Two people at one protocol office.
    expect(
      judged.filter(({ remarks }) => remarks.some(({ code }) => code === 'shared_address')),
    ).toHaveLength(1);
  });

  test.each([
    ['a byte order mark', `\uFEFF${HEADER}\n1,,Hoda Mansy,,h@las.example,,,,,ar,Africa/Cairo\n`],
    ['semicolons', `${HEADER};\n1;;Hoda Mansy;;h@las.example;;;;;ar;Africa/Cairo;\n`.replaceAll(',', ';')],
    [
      'tabs and line ends of Windows',
      `${HEADER}\r\n1,,Hoda Mansy,,h@las.example,,,,,ar,Africa/Cairo\r\n`.replaceAll(',', '\t'),
    ],
    [
      'columns in capitals and another order',
      'EMAIL, Name ,honorific,functional title,affiliation,country,mechanism,capacity,language,time zone\nh@las.example,Hoda Mansy,,,,,,,ar,Africa/Cairo\n',
    ],
  ])('may have %s', (_, text) => {
    const { rows } = readList(Buffer.from(text));
    expect(rows).toHaveLength(1);
    expect(rows[0]!.cells).toMatchObject({ name: 'Hoda Mansy', email: 'h@las.example' });
  });

  test('in another encoding is refused with what to do', () => {
    const latin = Buffer.from(`${HEADER}\n1,,Álvaro,,a@b.example,,,,,es,Europe/Madrid\n`, 'latin1');
    expect(() => readList(latin)).toThrow(/wrong_encoding: The file is not in UTF-8.*CSV UTF-8/);
    expect(() => readList(Buffer.from(`\uFEFF${HEADER}\n`, 'utf16le'))).toThrow(/UTF-16/);
  });

  test('that lacks a column is refused by its name', () => {
    expect(() => readList(Buffer.from('no,name,email\n1,A,a@b.example\n'))).toThrow(
      /missing_column.*honorific, title, affiliation/,
    );
  });

  test('that is broken, empty or too long is refused', () => {
    expect(() => readList(Buffer.from(`${HEADER}\n1,,"Hoda,,h@las.example`))).toThrow(/csv_malformed/);
    expect(() => readList(Buffer.from(''))).toThrow(/empty_list/);
    expect(() => readList(Buffer.from(`${HEADER}\n${'1,,A,,a@b.example,,,,,,\n'.repeat(5_001)}`))).toThrow(
      /too_many_rows.*5001/,
    );
    expect(() => readList(Buffer.from(`${HEADER},email\n`))).toThrow(/doubled_column/);
  });

  test('names the line on which a row begins, though cells span lines and lines are empty', () => {
    const { rows } = readList(
      Buffer.from(`${HEADER}\n1,,"Hoda\nMansy",,h@las.example,,,,,,\n\n2,,Nadia,,n@las.example,,,,,,\n`),
    );
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
  });
});

describe('a row', () => {
  test('adds whom the directory does not know, without stray spaces', () => {
    const judged = judge({
      name: '  Hoda \u00a0 Mansy ',
      email: ' hoda@las.example ',
      mechanism: 'Migration dialogue for COMESA Region',
    });
    expect(judged).toMatchObject({
      verdict: 'add',
      person: { name: 'Hoda Mansy', email: 'hoda@las.example', mechanism_id: 'midcom' },
      person_id: null,
    });
    expect(judged.remarks).toEqual([]);
  });

  test('changes what it says otherwise, and an empty cell says nothing', () => {
    const people = [known({ affiliation: 'LAS', capacity: 'secretariat', invited: true })];
    const judged = judge({ affiliation: 'League of Arab States' }, { ...empty, people });
    expect(judged).toMatchObject({
      verdict: 'change',
      changes: ['affiliation'],
      person: { capacity: 'secretariat' },
      person_id: 'hoda',
      person_version: 3,
      invited: true,
    });
    expect(judge({}, { ...empty, people })).toMatchObject({ verdict: 'unchanged', changes: [] });
  });

  test('is one person however the name and the address are written', () => {
    const people = [known({ name: 'chiara de santis', email: 'chiara@iom.example' })];
    const judged = judge({ name: 'Chiara DE SANTIS', email: 'Chiara@IOM.example' }, { ...empty, people });
    expect(judged).toMatchObject({ verdict: 'change', changes: ['name', 'email'] });
  });

  test.each([
    [{ email: 'a@b.example\nBcc: c@d.example' }, 'email_line_break'],
    [{ email: 'a@b.example\n' }, 'email_line_break'],
    [{ email: 'nobody' }, 'email_invalid'],
    [{ email: '' }, 'email_missing'],
    [{ name: ' ' }, 'name_missing'],
    [{ mechanism: 'Nobody knows' }, 'mechanism_unknown'],
    [{ country: 'XX' }, 'country_unknown'],
    [{ time_zone: 'Cairo' }, 'time_zone_unknown'],
    [{ affiliation: 'x'.repeat(301) }, 'too_long'],
  ] as [Partial<Record<Column, string>>, string][])('with %j is refused: %s', (cells, code) => {
    const judged = judge(cells);
    expect(judged.verdict).toBe('refuse');
    expect(codes(judged)).toEqual([code]);
  });

  test('with a formula or HTML is taken as text, with a remark', () => {
    const judged = judge({ name: '=HYPERLINK("x")', affiliation: '<script>alert(1)</script>' });
    expect(judged.verdict).toBe('add');
    expect(judged.person.name).toBe('=HYPERLINK("x")');
    expect(codes(judged)).toEqual(['looks_like_formula', 'looks_like_html']);
  });

  test('without language or zone takes those of the dialogue, with a remark', () => {
    const judged = judge({ language: '', time_zone: '' });
    expect(judged.person).toMatchObject({ language: 'en', time_zone: 'Africa/Cairo' });
    expect(codes(judged)).toEqual(['language_missing', 'time_zone_missing']);
    expect(codes(judge({ language: '??' }))).toEqual(['language_unknown']);
  });

  test('with too many or too few cells is refused', () => {
    const judged = judgeList([{ ...row({}), cellsFound: 12 }], empty)[0]!;
    expect(codes(judged)).toEqual(['wrong_number_of_cells']);
  });
});

describe('two rows', () => {
  test('of one person: the second is refused and names the line of the first', () => {
    const [, second] = judgeList([row({}, 2), row({ name: 'hoda  MANSY' }, 7)], empty);
    expect(second!.verdict).toBe('refuse');
    expect(second!.remarks[0]).toMatchObject({
      code: 'twice_in_list',
      detail: expect.stringContaining('line 2'),
    });
  });

  test('at one address are two people, with a remark', () => {
    const [, second] = judgeList([row({}), row({ name: 'Nadia Benkirane' }, 3)], empty);
    expect(second!.verdict).toBe('add');
    expect(codes(second!)).toEqual(['shared_address']);
  });

  test('of one name at two addresses are likely one person: shown, not merged', () => {
    const [, second] = judgeList([row({}), row({ email: 'other@las.example' }, 3)], empty);
    expect(second!.verdict).toBe('add');
    expect(codes(second!)).toEqual(['likely_duplicate']);
    const people = [known({ email: 'old@las.example' })];
    expect(codes(judge({}, { ...empty, people }))).toEqual(['likely_duplicate']);
  });
});
