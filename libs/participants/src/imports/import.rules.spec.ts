import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emailKey, nameKey } from '@app/platform';
import { COLUMNS, mapColumns, rowsOf, type Column, type ListRow } from './import-columns.rules';
import { readCsv } from './import.csv';
import { countVerdicts, judgeList, type Directory, type DirectoryPerson } from './import.rules';

const readList = (file: Buffer, charset?: string) => {
  const table = readCsv(file, charset);
  const mapping = mapColumns(table, {});
  return { rows: rowsOf(table, mapping), ...mapping };
};

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
    expect(countVerdicts(judged)).toEqual({
      add: 79,
      change: 0,
      unchanged: 0,
      duplicate: 0,
      refuse: 0,
    });
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

  test('in another encoding is refused with what to do, unless it is declared or carries its mark', () => {
    const latin = Buffer.from(`${HEADER}\n1,,Álvaro,,a@b.example,,,,,es,Europe/Madrid\n`, 'latin1');
    expect(() => readList(latin)).toThrow(/wrong_encoding: The file is not in UTF-8.*charset=windows-1256/);
    expect(readList(latin, 'windows-1252').rows[0]!.cells.name).toBe('Álvaro');
    expect(() => readList(latin, 'klingon')).toThrow(/charset_unknown/);
    const utf16 = Buffer.from(`\uFEFF${HEADER}\n1,,محمد,,m@b.example,,,,,ar,UTC\n`, 'utf16le');
    expect(readList(utf16).rows[0]!.cells.name).toBe('محمد');
    expect(readList(Buffer.from(utf16).swap16(), 'utf-8').rows[0]!.cells.name).toBe('محمد');
  });

  test('names its columns as people do, in English, French and Arabic', () => {
    const fieldsOf = (header: string) =>
      readList(Buffer.from(`${header}\nx;y;z\n`)).columns.map(({ field }) => field);
    expect(fieldsOf('N°;Nom complet;Courriel')).toEqual([null, 'name', 'email']);
    expect(fieldsOf('E-Mail Address;Organization;Functional title')).toEqual([
      'email',
      'affiliation',
      'title',
    ]);
    expect(fieldsOf('الاسم;البريد الإلكتروني;الدولة')).toEqual(['name', 'email', 'country']);
    expect(fieldsOf('Nom;Prénom;Adresse électronique')).toEqual(['family_name', 'given_name', 'email']);
    expect(fieldsOf('Pays;Langue;Fuseau horaire')).toEqual(['country', 'language', 'time_zone']);
  });

  test('may have titles above its columns, and names in two columns', () => {
    const { rows } = readList(
      Buffer.from('List of participants;;\n\nNom;Prénom;Courriel\nDe Santis;Chiara;c@x.example\n'),
    );
    expect(rows).toMatchObject([{ line: 4, cells: { name: 'Chiara De Santis', email: 'c@x.example' } }]);
  });

  test('tells what an unknown column may be, and what is lacking', () => {
    const { columns, missing } = readList(Buffer.from('Who;Kontakt;Organisatoin\nHoda;h@x.example;LAS\n'));
    expect(missing).toEqual(['name', 'email']);
    expect(columns.map(({ suggestion }) => suggestion)).toEqual([null, 'email', 'affiliation']);
  });

  test('with two columns for one field takes neither until it is said which', () => {
    const { columns, claimed } = readList(
      Buffer.from('Name;Courriel;E-mail\nHoda;h@x.example;i@x.example\n'),
    );
    expect(claimed).toEqual([{ field: 'email', columns: ['Courriel', 'E-mail'] }]);
    expect(columns.map(({ field }) => field)).toEqual(['name', null, null]);
    // Our own name of a field is no other's.
    const own = readList(Buffer.from('name;email;capacity;role\nHoda;h@x.example;chair;member\n'));
    expect(own.columns.map(({ field }) => field)).toEqual(['name', 'email', 'capacity', null]);
  });

  test('that is broken or too long is refused', () => {
    expect(() => readList(Buffer.from(`${HEADER}\n1,,"Hoda,,h@las.example`))).toThrow(/csv_malformed/);
    expect(() => readList(Buffer.from(`${HEADER}\n${'1,,A,,a@b.example,,,,,,\n'.repeat(5_001)}`))).toThrow(
      /too_many_rows.*5000/,
    );
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
      changes: [{ field: 'affiliation', before: 'LAS', after: 'League of Arab States' }],
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
    // An address in capitals is the same address; a name is kept as it is written.
    expect(judged).toMatchObject({ verdict: 'change', changes: [{ field: 'name' }] });
    expect(judged.person.email).toBe('chiara@iom.example');
  });

  test.each([
    [{ email: 'a@b.example\nBcc: c@d.example' }, 'email_line_break'],
    [{ email: 'a@b.example\n' }, 'email_line_break'],
    [{ email: 'nobody' }, 'email_invalid'],
    [{ email: '' }, 'email_missing'],
    [{ name: ' ' }, 'name_missing'],
    [{ mechanism: 'Nobody knows' }, 'mechanism_unknown'],
    [{ time_zone: 'Cairo' }, 'time_zone_unknown'],
    [{ affiliation: 'x'.repeat(301) }, 'too_long'],
  ] as [Partial<Record<Column, string>>, string][])('with %j is refused: %s', (cells, code) => {
    const judged = judge(cells);
    expect(judged.verdict).toBe('refuse');
    expect(codes(judged)).toEqual([code]);
  });

  test('keeps names in any script, and loses only what nobody sees', () => {
    for (const name of ['محمد رفعت الحلبي', 'علی\u200cرضا کریمی', '王小明', 'O’Neill-Ó Súilleabháin', 'Ólöf'])
      expect(judge({ name }).person.name).toBe(name);
    const judged = judge({
      name: '\u202eHoda\u200b\u00a0 Mansy\u200e',
      email: '\u200fhoda@las.example\u00a0',
    });
    expect(judged.person).toMatchObject({ name: 'Hoda Mansy', email: 'hoda@las.example' });
    expect(codes(judged)).toEqual(['invisible_marks']);
  });

  test('takes an address out of what was copied from a mail, and refuses two', () => {
    expect(judge({ email: 'Hoda <hoda@las.example>;' })).toMatchObject({
      verdict: 'add',
      person: { email: 'hoda@las.example' },
      remarks: [{ code: 'address_taken_out' }],
    });
    expect(judge({ email: 'mailto:hoda@las.example' }).person.email).toBe('hoda@las.example');
    expect(codes(judge({ email: 'a@las.example; b@las.example' }))).toEqual(['email_several']);
  });

  test('understands countries and languages by their names', () => {
    expect(judge({ country: 'Maroc', language: 'Français' }).person).toMatchObject({
      country: 'MA',
      language: 'fr',
    });
    expect(judge({ country: 'جمهورية مصر العربية', language: 'العربية' }).person).toMatchObject({
      country: 'EG',
      language: 'ar',
    });
  });

  test('of a State that is not known is kept without it, and told which may be meant', () => {
    const file = readFileSync(join(__dirname, '../../../../test/lists/countries.csv'));
    const judged = judgeList(readList(file).rows, empty);
    expect(judged.map(({ verdict, person }) => [verdict, person.country])).toEqual(
      ['GB', 'VA', 'BA', 'TT', 'KR', 'KR', 'RU', 'NL', 'DE', 'US', null, 'LC'].map((code) => ['add', code]),
    );
    const aboutCountries = judged.map(({ remarks }) => remarks.filter(({ field }) => field === 'country'));
    expect(aboutCountries.map((remarks) => remarks.map(({ code }) => code))).toEqual(
      judged.map(({ person }) => (person.country === null ? ['country_unknown'] : [])),
    );
    expect(judge({ country: 'Marocco' }).remarks).toEqual([
      {
        code: 'country_unknown',
        field: 'country',
        detail:
          '"Marocco" is not a State or area that is known. Did you mean Morocco (MA)? The field is left empty.',
        suggestion: 'MA',
      },
    ]);
    const people = [known({ country: 'EG' })];
    expect(judge({ country: 'SU' }, { ...empty, people })).toMatchObject({
      verdict: 'unchanged',
      person: { country: 'EG' },
      remarks: [{ code: 'country_unknown', detail: expect.stringContaining('Egypt stays') }],
    });
  });

  test('of a language that is not known has that of the dialogue, and is told which may be meant', () => {
    const file = readFileSync(join(__dirname, '../../../../test/lists/languages.csv'));
    const judged = judgeList(readList(file).rows, empty);
    expect(
      judged.map(({ verdict, person, remarks }) => [
        verdict,
        person.language,
        remarks.find(({ code }) => code === 'language_unknown')?.suggestion ?? null,
      ]),
    ).toEqual([
      ['add', 'en', 'fr'],
      ['add', 'en', 'ar'],
      ['add', 'en', null],
      ['add', 'zh', null],
    ]);
    expect(judged.map(({ remarks }) => remarks.some(({ code }) => code === 'language_unknown'))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(judged[0]!.remarks[0]!.detail).toBe(
      '"Frnech" is not a language that is known. Did you mean French (fr)? English is used.',
    );
  });

  test('with a mechanism that is nearly known is refused, and told which may be meant', () => {
    const judged = judge({ mechanism: 'Migration Dialog for COMESA' });
    expect(judged.remarks[0]).toMatchObject({ code: 'mechanism_unknown', suggestion: 'MIDCOM' });
    expect(judge({ mechanism: 'Puebla Process' }).remarks[0]!.suggestion).toBeUndefined();
  });

  test('with a role inside the affiliation has it as capacity, unless something else is said', () => {
    const judged = judge({ affiliation: 'Ministry of Labour, Zambia (Former co-chair, MIDCOM)' });
    expect(judged.person).toMatchObject({
      affiliation: 'Ministry of Labour, Zambia',
      capacity: 'Former co-chair',
      mechanism_id: 'midcom',
    });
    expect(codes(judged)).toEqual(['role_split']);
    for (const cells of [
      { affiliation: 'Ministry (chair, somewhere)' },
      { affiliation: 'Ministry (chair)', capacity: 'member' },
    ]) {
      const kept = judge(cells);
      expect(kept.person).toMatchObject({ capacity: null, ...cells });
      expect(codes(kept)).toEqual(['role_in_affiliation']);
    }
    const same = judge({ affiliation: 'Ministry (chair)', capacity: 'Chair' });
    expect([same.person.affiliation, codes(same)]).toEqual(['Ministry (chair)', []]);
    expect(codes(judge({ affiliation: 'IOM Morocco (UN Volunteer)' }))).toEqual([]);
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
  test('of one person: the second is left out and names the line of the first', () => {
    const [, second] = judgeList([row({}, 2), row({ name: 'hoda  MANSY' }, 7)], empty);
    expect(second).toMatchObject({ verdict: 'duplicate', duplicate_of: { line: 2, is_likely: false } });
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
    expect(second!.duplicate_of).toMatchObject({ line: 2, is_likely: true });
    const people = [known({ email: 'old@las.example' })];
    expect(codes(judge({}, { ...empty, people }))).toEqual(['likely_duplicate']);
  });
});
