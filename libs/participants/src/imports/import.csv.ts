import { CsvError, parse } from 'csv-parse/sync';
import { Problem } from '@app/platform';
import { MOST_ROWS, tableOf, type Note, type Table, type TableRow } from './table.rules';

/** The most characters of a row; one that is longer has a quotation mark left open, or is no list. */
const MOST_CHARACTERS_OF_ROW = 100_000;

const ENCODING_HELP =
  'Save it as "CSV UTF-8" in the spreadsheet, or say the encoding in Content-Type: text/csv; charset=windows-1256 (Arabic), charset=windows-1252 (Western Europe).';

/**
 * Reads CSV (RFC 4180) in UTF-8, in UTF-16 with a byte order mark, or in the encoding that is declared; separated by
 * comma, or by semicolon or tab as spreadsheets in many countries write it. An encoding is not guessed: the letters of
 * Windows-1256 and Windows-1252 are the same bytes, and a name spoiled by a wrong guess looks like a name.
 * @throws Problem 422 `wrong_encoding`, `charset_unknown`, `csv_malformed`, `too_many_rows`
 */
export function readCsv(file: Buffer, charset?: string): Table {
  const { text, notes } = decode(file, charset);
  const announced = /^sep=(.)\r?\n/i.exec(text);
  const body = announced ? text.slice(announced[0].length) : text;
  const rows = parseRows(body, announced?.[1] ?? separatorOf(body), announced ? 1 : 0);
  return tableOf(rows, notes);
}

/** The sign that parts the first line; where it has none, as a title has none, the one most found further down. */
function separatorOf(text: string): string {
  const lines = text
    .slice(0, 50_000)
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/"[^"]*"/g, ''));
  const found = (sign: string, within: string[]) =>
    within.reduce((sum, line) => sum + line.split(sign).length - 1, 0);
  const signs = [',', ';', '\t'];
  const first = lines.findIndex((line) => line.trim() !== '');
  for (const within of [lines.slice(first, first + 1), lines.slice(0, 20)]) {
    const best = signs.toSorted((one, other) => found(other, within) - found(one, within))[0]!;
    if (found(best, within) > 0) return best;
  }
  return ',';
}

function decode(file: Buffer, charset: string | undefined): { text: string; notes: Note[] } {
  const mark = ['utf-16le', 'utf-16be'].find((encoding) =>
    file.subarray(0, 2).equals(Buffer.from(encoding === 'utf-16le' ? [0xff, 0xfe] : [0xfe, 0xff])),
  );
  const encoding = mark ?? charset?.trim().toLowerCase().replace(/^"|"$/g, '') ?? 'utf-8';
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw Problem.field('charset', 'charset_unknown', `${encoding} is no encoding. ${ENCODING_HELP}`);
  }
  try {
    const text = decoder.decode(file);
    const notes = [];
    if (encoding !== 'utf-8' && encoding !== 'utf8')
      notes.push({ code: 'read_as', detail: `The file was read as ${decoder.encoding}.` });
    return { text, notes };
  } catch {
    throw Problem.field(
      'file',
      'wrong_encoding',
      `The file is not in ${decoder.encoding.toUpperCase()}, so names would be spoiled. ${ENCODING_HELP}`,
    );
  }
}

/** Rows with the line on which each begins; rows in which nothing stands are left out. */
function parseRows(text: string, delimiter: string, linesAbove: number): TableRow[] {
  const found = parseCsv(text, delimiter);
  if (found.length > MOST_ROWS + 1) throw tooManyRows();
  return found.map(({ record, info }) => ({
    // The parser tells the line on which a record ends.
    line:
      linesAbove +
      info.lines -
      record.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0),
    // PostgreSQL keeps no NUL; as another control character it is found and refused all the same.
    cells: record.map((cell) => cell.replaceAll('\0', '\u0001').toWellFormed()),
  }));
}

/** There are more rows than a list may have. */
export function tooManyRows(): Problem {
  return Problem.field(
    'file',
    'too_many_rows',
    `A list may have ${MOST_ROWS} rows and this one has more. Split it and import the parts.`,
  );
}

function parseCsv(text: string, delimiter: string): { record: string[]; info: { lines: number } }[] {
  try {
    return parse(text, {
      delimiter,
      info: true,
      // One more than may be is enough to know.
      to: MOST_ROWS + 2,
      max_record_size: MOST_CHARACTERS_OF_ROW,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw Problem.field(
      'file',
      'csv_malformed',
      `The file can't be read as CSV: ${error.message.replace(/\s+/g, ' ').slice(0, 300)}. A cell with a quotation mark in it must be quoted, and the mark doubled.`,
    );
  }
}
