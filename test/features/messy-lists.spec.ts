import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { startApi, type TestApi } from '../support/api';
import { publishDialogue } from '../support/participants';
import { reference } from '../support/reference-dialogue';
import { rowOf, workbookOf, zipOf } from '../support/zip';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** 270 rows, with semicolons, byte order mark and titles; its last column says what is expected of each row. */
const messy = readFileSync(join(__dirname, '../lists/messy-list.csv'));

interface Row {
  line: number;
  verdict: string;
  remarks: { code: string }[];
  changes: { field: string }[];
  person: Record<string, string | null>;
}

/** Compares with a file that people read; `UPDATE_GOLDEN=1` writes it anew. */
function expectGolden(name: string, written: string): void {
  const file = join(__dirname, '../golden/lists', name);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, written);
  }
  expect(written).toBe(readFileSync(file, 'utf8'));
}

/** Writes the table as a workbook, as a spreadsheet would save it. */
async function workbook(rows: readonly string[][]): Promise<Buffer> {
  const { default: writeXlsxFile } = await import('write-excel-file/node');
  return writeXlsxFile(
    rows.map((cells) => cells.map((value) => (value ? { value, type: String } : null))),
  ).toBuffer();
}

describe('a list as people send it', () => {
  let api: TestApi;
  let dialogueId: string;
  beforeAll(async () => {
    api = await startApi();
    for (const { code, name, also_known_as = [] } of reference.mechanisms)
      await api.request('POST', '/v1/mechanisms', { code, name, other_names: also_known_as, chairs: [] });
    for (const person of [
      {
        name: 'Hoda Mansy',
        email: 'hoda.mansy@las.example',
        affiliation: 'League of Arab States',
        country: 'EG',
        language: 'ar',
        time_zone: 'Africa/Cairo',
      },
      {
        name: 'Nadia Benkirane',
        email: 'nadia.benkirane@morocco.example',
        functional_title: 'Counsellor',
        affiliation: 'Ministry of Foreign Affairs, Morocco',
        country: 'MA',
        mechanism: 'RABAT',
        language: 'fr',
        time_zone: 'Africa/Casablanca',
      },
      {
        name: 'Tomás Ferreira',
        email: 'tomas@cplp.example',
        affiliation: 'CPLP',
        country: 'PT',
        language: 'pt',
        time_zone: 'Europe/Lisbon',
      },
      {
        name: 'Karl Weiss',
        email: 'karl@old.example',
        affiliation: 'UNICEF',
        language: 'en',
        time_zone: 'UTC',
      },
      {
        name: 'Sekar Ayuningtyas',
        email: 'protocol@indonesia.example',
        affiliation: 'Ministry of Foreign Affairs, Indonesia',
        language: 'en',
        time_zone: 'Asia/Jakarta',
      },
    ]) {
      const added = await api.request('POST', '/v1/people', person);
      if (added.statusCode !== 201) throw new Error(added.body);
    }
    ({ id: dialogueId } = await publishDialogue(api));
  });
  afterAll(() => api.close());

  const send = (list: string | Buffer, type = 'text/csv', query = '') =>
    api.request('POST', `/v1/dialogues/${dialogueId}/imports?limit=500${query}`, list, {
      headers: { 'content-type': type },
    });
  /** A line of JSON for each row, with codes of mechanisms and names of people where ids would be. */
  const report = async (rows: Row[]) => {
    const ids: { id: string; name: string }[] = await api.dataSource.query(
      'SELECT id, code AS name FROM mechanisms UNION ALL SELECT id, name FROM people',
    );
    const named = new Map(ids.map(({ id, name }) => [id, name]));
    return `${rows
      .map(({ line, verdict, person, remarks, changes, ...rest }) =>
        JSON.stringify({ line, verdict, person, remarks, changes, ...rest }, (_, value: unknown) =>
          typeof value === 'string' ? (named.get(value) ?? value) : value,
        ),
      )
      .join('\n')}\n`;
  };

  test('is told row by row as its author expects, and nothing is sent or changed by it', async () => {
    const sent = await send(messy);
    expect(sent.statusCode).toBe(201);
    const { counts, rows, notes, ignored_columns, id } = sent.json();
    const expected = new Map(
      (
        parse(messy, {
          delimiter: ';',
          bom: true,
          relax_column_count: true,
          info: true,
          skip_records_with_empty_values: true,
        }) as unknown as {
          record: string[];
          info: { lines: number };
        }[]
      )
        .slice(3)
        .map(({ record, info }) => [
          info.lines - record.join('').split('\n').length + 1,
          record.findLast((cell) => cell !== '')!,
        ]),
    );
    expect(expected.size).toBe(270);
    const told = new Map(
      (rows as Row[]).map(({ line, verdict, remarks }) => [
        line,
        [verdict, remarks.map(({ code }) => code).join(', ')].filter(Boolean).join(': '),
      ]),
    );
    expect(told).toEqual(expected);
    expect(notes).toEqual([{ code: 'header_found', detail: expect.stringContaining('line 4') }]);
    expect(ignored_columns).toEqual(['Remarques', 'Expected']);
    expectGolden('messy-list.jsonl', await report(rows));

    const before = await api.dataSource.query('SELECT count(*)::int FROM people');
    expect(before).toEqual([{ count: 5 }]);
    const confirmed = (await api.request('POST', `/v1/imports/${id}/confirmation`)).json();
    expect(confirmed).toMatchObject({
      added: counts.add,
      changed: 1,
      unchanged: 2,
      duplicates: counts.duplicate,
      refused: counts.refuse,
      prepared: counts.add + 3,
    });
    expect(await api.dataSource.query('SELECT count(*)::int FROM mails')).toEqual([{ count: 0 }]);
    const states = await api.dataSource.query('SELECT DISTINCT state FROM invitations');
    expect(states).toEqual([{ state: 'prepared' }]);
    // What was read is in the directory exactly so, and again there is nothing to do.
    const again = (await send(messy)).json();
    expect(again.counts).toEqual({ ...counts, add: 0, change: 0, unchanged: counts.add + 3 });
    await api.request('POST', `/v1/imports/${id}/undo`);
    expect(await api.dataSource.query('SELECT count(*)::int FROM people')).toEqual([{ count: 5 }]);
  });

  test('is told alike as a workbook', async () => {
    const table = parse(messy, { delimiter: ';', bom: true, relax_column_count: true }) as string[][];
    const asCsv = (await send(messy)).json();
    const asXlsx = await send(await workbook(table), XLSX);
    expect(asXlsx.statusCode).toBe(201);
    // Rows of a sheet are rows, whatever line breaks their cells hold; and none has too few cells.
    const told = ({ rows }: { rows: Row[] }) =>
      rows
        .filter(({ person }) => !['few@x.example', 'many@x.example'].includes(person.email!))
        .map(({ verdict, person, remarks }) => ({ verdict, person, codes: remarks.map(({ code }) => code) }));
    expect(told(asXlsx.json())).toEqual(told(asCsv));
  });

  const small = 'الاسم;البريد الإلكتروني;الجهة\nمحمد رفعت الحلبي;m.halabi@small.example;وزارة الخارجية\n';
  const arabic = { verdict: 'add', person: { name: 'محمد رفعت الحلبي', affiliation: 'وزارة الخارجية' } };

  test.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${small}`), 'text/csv'],
    ['UTF-16, little end first', Buffer.from(`\uFEFF${small}`, 'utf16le'), 'text/csv'],
    ['UTF-16, big end first', Buffer.from(`\uFEFF${small}`, 'utf16le').swap16(), 'text/csv; charset=utf-8'],
    ['Windows-1256', windows1256(small), 'text/csv; charset="windows-1256"'],
    [
      'UTF-8 with tabs, and a line that says so',
      Buffer.from(`sep=\t\n${small.replaceAll(';', '\t')}`),
      'text/csv',
    ],
  ])('is read in %s', async (_, list, type) => {
    expect((await send(list, type)).json()).toMatchObject({ missing_fields: [], rows: [arabic] });
  });

  test('in Windows-1256 that does not say so is refused with how to say it, and so is a wrong word', async () => {
    const undeclared = await send(windows1256(small));
    expect([undeclared.statusCode, undeclared.json().code]).toEqual([422, 'wrong_encoding']);
    expect(undeclared.json().detail).toContain('charset=windows-1256');
    expect((await send(small, 'text/csv; charset=arabic-ish')).json().code).toBe('charset_unknown');
  });

  test('is read as what it is, whatever it is called', async () => {
    const csvCalledXlsx = await send(small, XLSX);
    expect(csvCalledXlsx.json()).toMatchObject({ rows: [arabic], notes: [{ code: 'really_csv' }] });
    const xlsx = workbookOf(rowOf(1, ['الاسم', 'البريد الإلكتروني']) + rowOf(2, ['هدى', 'h@small.example']));
    expect((await send(xlsx)).json()).toMatchObject({
      rows: [{ person: { name: 'هدى' } }],
      notes: [{ code: 'really_xlsx' }],
    });
  });

  test('of a workbook: formulas by their result, numbers and dates as text, hidden rows too, and each is said', async () => {
    const rows =
      rowOf(1, ['Name', 'Email', 'Organisation']) +
      rowOf(2, ['Hidden Person', 'hidden@sheet.example', 'A'], ' hidden="1"') +
      '<row r="4"><c r="A4" t="str"><f>B1&amp;"x"</f><v>Computed Person</v></c><c r="B4" t="inlineStr"><is><t>computed@sheet.example</t></is></c><c r="C4"><v>5000</v></c></row>' +
      '<row r="5"><c r="A5" t="str"><f>WEBSERVICE("http://evil.example")</f></c><c r="B5" t="inlineStr"><is><t>nothing@sheet.example</t></is></c></row>';
    const { rows: told } = (await send(workbookOf(rows), XLSX)).json();
    expect(told).toMatchObject([
      { line: 2, verdict: 'add', remarks: [{ code: 'hidden_row' }, {}, {}] },
      { line: 4, verdict: 'add', person: { name: 'Computed Person', affiliation: '5000' } },
      { line: 5, verdict: 'refuse' },
    ]);
    expect(told[1].remarks).toContainEqual(
      expect.objectContaining({ code: 'formula_result', field: 'name' }),
    );
    expect(told[2].remarks).toContainEqual(expect.objectContaining({ code: 'name_missing' }));
  });

  test('of a workbook: a day is written as ISO 8601 writes it, and a number as it is', async () => {
    const { default: writeXlsxFile } = await import('write-excel-file/node');
    const file = await writeXlsxFile([
      ['Name', 'Email', 'Organisation', 'Functional title'],
      [
        'Dated Person',
        'dated@sheet.example',
        { value: new Date(Date.UTC(2027, 0, 28)), format: 'dd/mm/yyyy' },
        0.1,
      ],
    ]).toBuffer();
    expect((await send(file, XLSX)).json().rows[0].person).toMatchObject({
      affiliation: '2027-01-28',
      functional_title: '0.1',
    });
  });

  test('may be a sheet that is asked for, and an unknown one is refused with those there are', async () => {
    const { default: writeXlsxFile } = await import('write-excel-file/node');
    const sheet = (name: string) => [
      ['Name', 'Email'],
      [name, 'sheet@sheet.example'],
    ];
    const file = await writeXlsxFile([
      { data: sheet('First'), sheet: 'Before' },
      { data: sheet('Second'), sheet: 'After & more' },
    ]).toBuffer();
    const first = (await send(file, XLSX)).json();
    expect(first).toMatchObject({ rows: [{ person: { name: 'First' } }], notes: [{ code: 'other_sheets' }] });
    const second = await send(file, XLSX, `&sheet=${encodeURIComponent('After & more')}`);
    expect(second.json().rows[0].person.name).toBe('Second');
    const unknown = (await send(file, XLSX, '&sheet=Nowhere')).json();
    expect(unknown).toMatchObject({ status: 422, code: 'sheet_unknown' });
    expect(unknown.detail).toContain('Before, After & more');
  });

  const good = workbookOf(rowOf(1, ['Name', 'Email']) + rowOf(2, ['A', 'a@x.example']));
  const zeros = '0'.repeat(60_000_000);
  test.each([
    ['an empty file', () => '', 'text/csv', 422, 'empty_list'],
    ['an empty workbook', () => '', XLSX, 422, 'empty_list'],
    ['nothing but the names of columns', () => 'Name;Email\n', 'text/csv', 422, 'empty_list'],
    ['one column', () => 'Name\nHoda\n', 'text/csv', 422, 'one_column'],
    ['a sheet without rows', () => workbookOf(''), XLSX, 422, 'empty_list'],
    ['a workbook cut off', () => good.subarray(0, good.length - 40), XLSX, 422, 'xlsx_malformed'],
    [
      'a workbook cut off in the middle',
      () => good.subarray(0, good.length / 2),
      XLSX,
      422,
      'xlsx_malformed',
    ],
    ['a workbook with a byte changed', () => changed(good, 180), XLSX, 422, 'xlsx_malformed'],
    [
      'an archive that is no workbook',
      () => zipOf([{ name: 'a.txt', content: 'a' }]),
      XLSX,
      422,
      'xlsx_malformed',
    ],
    ['an old or locked workbook', () => Buffer.from('d0cf11e0a1b11ae1', 'hex'), XLSX, 422, 'xlsx_locked'],
    ['a picture', () => Buffer.from('89504e470d0a1a0a', 'hex'), XLSX, 422, 'wrong_encoding'],
    [
      'a bomb that says how large it is',
      () => workbookOf('', [{ name: 'xl/a.xml', content: zeros }]),
      XLSX,
      422,
      'xlsx_refused',
    ],
    [
      'a bomb that says it is small',
      () => workbookOf('', [{ name: 'xl/a.xml', content: zeros, claimedBytes: 1_000 }]),
      XLSX,
      422,
      'xlsx_malformed',
    ],
    [
      'a part that packs too well',
      () => workbookOf('', [{ name: 'xl/a.xml', content: zeros.slice(0, 20_000_000) }]),
      XLSX,
      422,
      'xlsx_refused',
    ],
    [
      'too many parts',
      () =>
        workbookOf(
          '',
          Array.from({ length: 1_000 }, (_, part) => ({ name: `xl/${part}.xml`, content: '' })),
        ),
      XLSX,
      422,
      'xlsx_refused',
    ],
    [
      'a workbook in a workbook',
      () => workbookOf('', [{ name: 'xl/embeddings/a.xlsx', content: good }]),
      XLSX,
      422,
      'xlsx_refused',
    ],
    [
      'a cell in the last row of a sheet without end',
      () => workbookOf('<row r="4000000000"><c r="A4000000000"><v>1</v></c></row>'),
      XLSX,
      422,
      'xlsx_malformed',
    ],
    ['a part that is no XML', () => workbookOf('<row r="1"><c r="A1"'), XLSX, 422, null],
    ['5,001 rows', () => `Name;Email\n${'A;a@x.example\n'.repeat(5_001)}`, 'text/csv', 422, 'too_many_rows'],
    [
      '5,001 rows of a sheet',
      () => workbookOf(Array.from({ length: 5_002 }, (_, row) => rowOf(row + 1, ['Name', 'Email'])).join('')),
      XLSX,
      422,
      'too_many_rows',
    ],
    [
      'ten million bytes of rows',
      () => `Name;Email\n${'A;a@x.example\n'.repeat(714_285)}`,
      'text/csv',
      422,
      'too_many_rows',
    ],
    [
      'ten million bytes in one cell',
      () => `Name;Email\n${'A'.repeat(10_000_000)};a@x.example\n`,
      'text/csv',
      422,
      'csv_malformed',
    ],
    [
      'ten million bytes behind one quotation mark',
      () => `Name;Email\n"${'A\n'.repeat(5_000_000)}`,
      'text/csv',
      422,
      'csv_malformed',
    ],
    ['more bytes than may be', () => Buffer.alloc(10 * 1024 * 1024 + 1, 'A'), XLSX, 413, 'too_large'],
  ] as [string, () => string | Buffer, string, number, string | null][])(
    'that is %s is refused with a sentence that helps',
    async (_, list, type, status, code) => {
      const memory = process.memoryUsage().rss;
      const answer = await send(list(), type);
      expect([answer.statusCode, code && answer.json().code]).toEqual([status, code]);
      expect(answer.json().detail).toMatch(/\w \w.*\./);
      expect(process.memoryUsage().rss - memory).toBeLessThan(400_000_000);
    },
  );

  test('of ten million bytes, all of them cells, is read', async () => {
    const note = 'x'.repeat(1_900);
    const rows = Array.from({ length: 5_000 }, (_, row) => `Person ${row};p${row}@large.example;${note}`);
    const list = `Name;Email;Remarks\n${rows.join('\n')}\n`;
    expect(list.length).toBeGreaterThan(9_600_000);
    const answer = await send(list);
    expect([answer.statusCode, answer.json().counts?.add]).toEqual([201, 5_000]);
  });
});

/** Letters of Windows-1256 that the small list needs (Unicode, CP1256.TXT). */
function windows1256(text: string): Buffer {
  const decoder = new TextDecoder('windows-1256');
  const bytes = new Map(
    Array.from({ length: 256 }, (_, byte) => [decoder.decode(Buffer.from([byte])), byte]),
  );
  return Buffer.from([...text].map((letter) => bytes.get(letter)!));
}

function changed(file: Buffer, at: number): Buffer {
  const copy = Buffer.from(file);
  copy[at] = copy[at]! ^ 0xff;
  return copy;
}
