import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { stringify } from 'csv-stringify';
import { Problem } from '@app/platform';
import type { RegistrationState } from '../registrations/registration.entity';
import { RegistrationLists, type ExportedRegistrations } from '../registrations/registration-lists.service';
import { writeSheet } from './sheet';

export type ExportFormat = 'csv' | 'xlsx' | 'json';

/** A file of registrations. */
export interface RegistrationExport {
  /** Of the dialogue, to name the file. */
  slug: string;
  content: Readable | Buffer;
  /** Codes of sensitive questions whose answers are not in it. */
  withheld: string[];
}

/** A workbook is made in memory; so many rows take about 100 MB. */
export const MOST_ROWS_OF_WORKBOOK = 20_000;

/** Widths in a workbook, in characters. */
const WIDTHS: Record<string, number> = {
  no: 6,
  honorific: 10,
  name: 30,
  title: 30,
  email: 34,
  affiliation: 40,
  country: 8,
  mechanism: 12,
  capacity: 18,
  language: 9,
  waitlist_number: 9,
  confirmed_at: 24,
  delegation: 34,
};
const USUAL_WIDTH = 20;

/** Registrations as files, with the answers to questions; those to sensitive ones only for whoever may see them. */
@Injectable()
export class RegistrationExports {
  constructor(private readonly lists: RegistrationLists) {}

  /**
   * All registrations, or those in a state. CSV (RFC 4180) with a byte order mark, so that a spreadsheet reads UTF-8,
   * and with whatever a spreadsheet would execute made text (OWASP, CSV injection); or JSON, an array: neither takes
   * more memory for a longer list. XLSX is made in memory.
   * @throws Problem 422 `too_many_rows` for a workbook of more than 20,000; 404
   */
  async export(
    organiserId: string,
    dialogueId: string,
    format: ExportFormat,
    state?: RegistrationState,
  ): Promise<RegistrationExport> {
    const exported = await this.lists.export(organiserId, dialogueId, state);
    const { slug, withheld } = exported;
    return { slug, withheld, content: await WRITERS[format](exported) };
  }
}

const WRITERS: Record<ExportFormat, (exported: ExportedRegistrations) => Readable | Promise<Buffer>> = {
  csv: ({ columns, rows }) => {
    const csv = stringify({ header: true, bom: true, escape_formulas: true, columns });
    const source = Readable.from(rows);
    source.once('error', (error) => csv.destroy(error));
    csv.once('close', () => source.destroy());
    return source.pipe(csv);
  },

  json: ({ columns, rows }) =>
    Readable.from(
      (async function* () {
        let before = '[';
        for await (const row of rows) {
          const written = Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
          yield `${before}\n${JSON.stringify(written)}`;
          before = ',';
        }
        yield before === '[' ? '[]\n' : '\n]\n';
      })(),
      { objectMode: false },
    ),

  xlsx: async ({ columns, rows }) => {
    const cells: (string | null)[][] = [];
    for await (const row of rows) {
      if (cells.length === MOST_ROWS_OF_WORKBOOK) {
        throw Problem.field(
          'format',
          'too_many_rows',
          `A workbook may have ${MOST_ROWS_OF_WORKBOOK} rows and there are more; export them as csv, or by state.`,
        );
      }
      cells.push(columns.map((column) => (row[column] === null ? null : String(row[column] ?? ''))));
    }
    return writeSheet({
      name: 'Registrations',
      columns: columns.map((title) => ({ title, width: WIDTHS[title] ?? USUAL_WIDTH })),
      rows: cells,
    });
  },
};
