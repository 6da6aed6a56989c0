import { Problem } from '@app/platform';
import { readCsv } from './import.csv';
import { readXlsx } from './import.xlsx';
import type { Table } from './table.rules';

/** The media type of a workbook of Excel, and of whatever else writes its format (ISO/IEC 29500). */
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** The most bytes of a list. */
export const MOST_BYTES = 10 * 1024 * 1024;

/** What whoever sends a list says of it. */
export interface SentAs {
  /** `text/csv` or that of XLSX. */
  mediaType: string;
  /** Of CSV: in which encoding, if it was said. */
  charset?: string;
  /** Of XLSX: name of the sheet; the first that is not hidden otherwise. */
  sheet?: string;
}

/**
 * Reads a list by what it is, whatever it is called: a workbook saved under the name of a CSV is still a workbook.
 * @throws Problem 422 that says what to do, see `readCsv` and `readXlsx`, and
 * `empty_list`, `one_column`; 413 `too_large`.
 */
export async function readTable(file: Buffer, sent: SentAs): Promise<Table> {
  if (file.length > MOST_BYTES)
    throw new Problem(413, 'too_large', 'A list may have 10 MiB. Split it and import the parts.');
  const isWorkbook = file.subarray(0, 2).toString('latin1') === 'PK';
  const isOldWorkbook = file.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]));
  const wasCalledWorkbook = sent.mediaType === XLSX;
  const table = isWorkbook || isOldWorkbook ? await readXlsx(file, sent.sheet) : readCsv(file, sent.charset);
  assertList(table);
  if (isWorkbook !== wasCalledWorkbook) {
    table.notes.push({
      code: isWorkbook ? 'really_xlsx' : 'really_csv',
      detail: `The file was sent as ${wasCalledWorkbook ? 'XLSX but is CSV' : 'CSV but is XLSX'}, and was read as what it is.`,
    });
  }
  return table;
}

function assertList({ columns, rows }: Table): void {
  if (columns.length === 0)
    throw Problem.field('file', 'empty_list', 'The file is empty; its first line must name the columns.');
  if (columns.length === 1) {
    throw Problem.field(
      'file',
      'one_column',
      `The list has only one column, "${columns[0]}"; a name and an address are needed. Part the columns by comma, semicolon or tab.`,
    );
  }
  if (rows.length === 0)
    throw Problem.field('file', 'empty_list', 'The list names its columns, but there is nobody beneath.');
}
