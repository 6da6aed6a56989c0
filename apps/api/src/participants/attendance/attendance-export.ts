import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import writeExcelFile from 'write-excel-file/node';
import type { DoorRow } from '@app/participants';

/** The list, page by page, and the host's zone, in which its times are told. */
interface Exported {
  timeZone: string;
  pages: AsyncGenerator<DoorRow[]>;
}

const COLUMNS = [
  'no',
  'honorific',
  'name',
  'title',
  'affiliation',
  'delegation',
  'role',
  'attends',
  'state',
  'came',
  'arrived_at',
  'left_at',
  'late',
  'how',
  'noted_by',
] as const;

type Line = Record<(typeof COLUMNS)[number], string | number | null>;

/** CSV as every export of ours: UTF-8 with a byte order mark, and nothing in it that a spreadsheet would execute. */
export function attendanceCsv(exported: Exported): Readable {
  const csv = stringify({ header: true, bom: true, escape_formulas: true, columns: [...COLUMNS] });
  const lines = Readable.from(linesOf(exported));
  lines.once('error', (error) => csv.destroy(error));
  csv.once('close', () => lines.destroy());
  return lines.pipe(csv);
}

/** One sheet with a heading that stays in sight. Every text is a text cell: a formula is shown and not calculated. */
export async function attendanceXlsx(exported: Exported): Promise<Buffer> {
  const rows: {
    value: string | number;
    type: StringConstructor | NumberConstructor;
    fontWeight?: 'bold';
  }[][] = [COLUMNS.map((column) => ({ value: column, type: String, fontWeight: 'bold' as const }))];
  for await (const line of linesOf(exported)) {
    rows.push(
      COLUMNS.map((column) => {
        const value = line[column] ?? '';
        return { value, type: typeof value === 'number' ? Number : String };
      }),
    );
  }
  return writeExcelFile(rows as never, {
    sheet: 'Attendance',
    stickyRowsCount: 1,
    columns: COLUMNS.map((column) => ({ width: column === 'no' ? 6 : column === 'name' ? 30 : 20 })),
  }).toBuffer();
}

async function* linesOf({ pages, timeZone }: Exported): AsyncGenerator<Line> {
  const local = (instant: Date | null): string | null =>
    instant &&
    Temporal.Instant.fromEpochMilliseconds(instant.getTime())
      .toZonedDateTimeISO(timeZone)
      .toString({ smallestUnit: 'second', timeZoneName: 'never' });
  let number = 0;
  for await (const rows of pages) {
    for (const row of rows) {
      yield {
        no: ++number,
        honorific: row.honorific,
        name: row.name,
        title: row.functional_title,
        affiliation: row.affiliation,
        delegation: row.delegation,
        role: row.role,
        attends: row.attends,
        state: row.state,
        came: row.present ? 'yes' : 'no',
        arrived_at: local(row.arrived_at),
        left_at: local(row.left_at),
        late: row.late ? 'yes' : '',
        how: row.how,
        noted_by: row.noted_by,
      };
    }
  }
}
