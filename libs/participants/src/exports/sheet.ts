import { createRequire } from 'node:module';

/** The most characters of a cell of a workbook (ISO/IEC 29500 as Excel reads it). */
const MOST_CHARACTERS_OF_CELL = 32_767;

/** A sheet of text. */
export interface TextSheet {
  /** Name of the sheet, 31 characters at most. */
  name: string;
  /** The columns with their widths in characters. */
  columns: { title: string; width: number }[];
  /** Rows of cells; null is an empty one. A row of one cell is a heading over all columns. */
  rows: (string | null)[][];
  /** Whether its first column stands at the right. */
  isRightToLeft?: boolean;
}

type WriteXlsx = typeof import('write-excel-file/node', { with: { 'resolution-mode': 'import' } }).default;

/**
 * Writes a workbook with one sheet, the names of its columns always in sight. Every cell is text: nothing in it is ever
 * computed, whatever sign it begins with.
 */
export async function writeSheet({ name, columns, rows, isRightToLeft = false }: TextSheet): Promise<Buffer> {
  // The package calls itself ESM and brings a CommonJS file as well, which is the one that loads everywhere.
  const write = createRequire(__filename)('write-excel-file/node') as WriteXlsx & { default?: WriteXlsx };
  const cell = (value: string | null, isHeading = false) =>
    value === null || value === ''
      ? null
      : { value: clean(value), type: String, ...(isHeading && { fontWeight: 'bold' as const }) };
  return (write.default ?? write)(
    [
      columns.map(({ title }) => cell(title, true)),
      ...rows.map((cells) => cells.map((value) => cell(value, cells.length === 1 && columns.length > 1))),
    ],
    {
      sheet: name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31),
      columns: columns.map(({ width }) => ({ width })),
      stickyRowsCount: 1,
      rightToLeft: isRightToLeft,
    },
  ).toBuffer();
}

/** Control characters have no place in XML (XML 1.0, 2.2). */
function clean(value: string): string {
  return (
    value
      .toWellFormed()
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
      .slice(0, MOST_CHARACTERS_OF_CELL)
  );
}
