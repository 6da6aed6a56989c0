import { fieldNamed } from './import-columns.rules';

/** Something that a reader should look at: a stable code with words. */
export interface Note {
  code: string;
  detail: string;
}

/** A row of a list as it stands in the file. */
export interface TableRow {
  /** Line in the file, or row of the sheet, on which it begins, from 1. */
  line: number;
  cells: string[];
  /** Which cells, from 0, are the results of formulas. */
  formulas?: number[];
  /** Whether the sheet does not show it. */
  isHidden?: boolean;
}

/** A list as read, before anything in it is judged. */
export interface Table {
  /** The columns, each by a name of its own. */
  columns: string[];
  rows: TableRow[];
  notes: Note[];
}

/** The most rows of a list. */
export const MOST_ROWS = 5_000;

/** In so many rows from the top the names of the columns are looked for; above them stand titles and logos. */
const HEADER_WITHIN = 15;

/**
 * Makes a table of the rows of a file: finds the row that names the columns, which is the first, or the one beneath
 * titles in which most names are known, and gives columns without a name, or with another's, a name of their own.
 */
export function tableOf(rows: readonly TableRow[], notes: Note[]): Table {
  const known = rows
    .slice(0, HEADER_WITHIN)
    .map(({ cells }) => cells.filter((cell) => fieldNamed(cell) !== null).length);
  const most = Math.max(0, ...known);
  const header = (known[0] ?? 0) >= 2 || most < 2 ? 0 : known.indexOf(most);
  const names = rows[header]?.cells ?? [];
  const width = names.findLastIndex((cell) => cell.trim() !== '') + 1;
  const seen = new Map<string, number>();
  const columns = names.slice(0, width).map((cell, index) => {
    const name = cell.replace(/[\s\p{Cc}\u200b-\u200f\ufeff]+/gu, ' ').trim() || `column ${index + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
  return {
    columns,
    rows: rows.slice(header + 1),
    notes: [
      ...notes,
      ...(header > 0
        ? [
            {
              code: 'header_found',
              detail: `The columns are named on line ${rows[header]!.line}; what stands above is not read.`,
            },
          ]
        : []),
    ],
  };
}
