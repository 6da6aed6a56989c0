import { CsvError, parse } from 'csv-parse/sync';
import { Problem } from '@app/platform';

/** Columns that a list must have, in any order; their cells may be empty but for name and email. */
export const COLUMNS = [
  'honorific',
  'name',
  'title',
  'email',
  'affiliation',
  'country',
  'mechanism',
  'capacity',
  'language',
  'time_zone',
] as const;

export type Column = (typeof COLUMNS)[number];

/** The most rows of a list. */
export const MOST_ROWS = 5_000;

/** The most bytes of a list. */
export const MOST_BYTES = 1024 * 1024;

/** A row as it stands in the file. */
export interface ListRow {
  /** Line in the file on which it begins, from 1, the header counted. */
  line: number;
  cells: Record<Column, string>;
  /** How many cells the row has, when that is not as many as the header. */
  cellsFound: number | null;
}

/** A list as read, before anything in it is judged. */
export interface List {
  rows: ListRow[];
  /** Columns that are not known and not read. */
  ignoredColumns: string[];
}

/**
 * Reads a list of people: CSV (RFC 4180) in UTF-8, with or without byte order mark, separated by comma, or by semicolon
 * or tab as spreadsheets in many countries write it.
 * @throws Problem 422 that says what to do: `wrong_encoding`, `missing_column`, `doubled_column`, `csv_malformed`,
 * `too_many_rows`, `empty_list`; 413 `too_large`.
 */
export function readList(file: Buffer): List {
  if (file.length > MOST_BYTES)
    throw new Problem(413, 'too_large', 'A list may have 1 MiB. Split it and import the parts.');
  const text = decode(file);
  const firstLine = /^[^\r\n]*/.exec(text)![0];
  const delimiter = [';', '\t'].find((sign) => firstLine.split(sign).length > firstLine.split(',').length);
  const records = parseRecords(text, delimiter ?? ',');
  const [header, ...rows] = records;
  if (!header)
    throw Problem.field('file', 'empty_list', 'The file is empty; its first line must name the columns.');
  const names = header.record.map(columnName);
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw new Problem(
      422,
      'missing_column',
      `The list lacks ${missing.length === 1 ? 'the column' : 'the columns'} ${missing.join(', ')}. Its first line must be: no,${COLUMNS.join(',')}. Cells may be empty.`,
      missing.map((column) => ({
        field: column,
        code: 'missing_column',
        detail: `There is no column ${column}.`,
      })),
    );
  }
  const doubled = names.find(
    (name, index) => COLUMNS.includes(name as Column) && names.indexOf(name) < index,
  );
  if (doubled) {
    throw Problem.field(doubled, 'doubled_column', `The column ${doubled} is there twice; take one out.`);
  }
  if (rows.length > MOST_ROWS) {
    throw Problem.field(
      'file',
      'too_many_rows',
      `A list may have ${MOST_ROWS} rows and this one has ${rows.length}. Split it and import the parts.`,
    );
  }
  return {
    rows: rows.map(({ record, line }) => ({
      line,
      cells: Object.fromEntries(
        COLUMNS.map((column) => [column, record[names.indexOf(column)] ?? '']),
      ) as Record<Column, string>,
      cellsFound: record.length === header.record.length ? null : record.length,
    })),
    ignoredColumns: names.filter((name) => name !== 'no' && name && !COLUMNS.includes(name as Column)),
  };
}

/** `functional_title` is what our own pages call `title`. */
function columnName(cell: string): string {
  const name = cell
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return name === 'functional_title' ? 'title' : name;
}

function decode(file: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    const utf16 = (file[0] === 0xff && file[1] === 0xfe) || (file[0] === 0xfe && file[1] === 0xff);
    throw Problem.field(
      'file',
      'wrong_encoding',
      `The file is not in UTF-8${utf16 ? ' but in UTF-16' : ''}, so names would be spoiled. Save it as "CSV UTF-8" in the spreadsheet and send it again.`,
    );
  }
}

/** Records with the line on which each begins; rows in which nothing stands are left out. */
function parseRecords(text: string, delimiter: string): { record: string[]; line: number }[] {
  try {
    const found = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return found.map(({ record, info }) => ({
      record,
      // The parser tells the line on which a record ends.
      line: info.lines - record.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0),
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw Problem.field(
      'file',
      'csv_malformed',
      `The file can't be read as CSV: ${error.message}. A cell with a quotation mark in it must be quoted, and the mark doubled.`,
    );
  }
}
