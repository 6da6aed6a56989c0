import { Worker } from 'node:worker_threads';
import { log, Problem } from '@app/platform';
import { tooManyRows } from './import.csv';
import { MOST_ROWS, tableOf, type Note, type Table, type TableRow } from './table.rules';
import { locked, packStored, unpackXml } from './zip';

/** A sheet takes a moment; one that takes longer is made to. */
const READING_MS = 20_000;
const READING_MEMORY_MB = 256;

/**
 * Runs in a thread of its own with a limit of memory and time: a few bytes can claim a cell in the last row and column
 * of a sheet of seventeen thousand million. Numbers and dates become text there.
 */
const READER = `
const { parentPort, workerData } = require('node:worker_threads');
const { readSheet } = require(workerData.library);
const text = (cell) =>
  cell === null || cell === undefined ? ''
  : cell instanceof Date ? cell.toISOString().replace(/T00:00:00\\.000Z$/, '').replace(/\\.000Z$/, '').replace('T', ' ')
  : String(cell);
readSheet(Buffer.from(workerData.file), workerData.sheet, { trim: false }).then(
  (rows) => parentPort.postMessage({
    rows: rows.flatMap((cells, index) => {
      const written = cells.map(text);
      return written.some((cell) => cell.trim() !== '') ? [{ line: index + 1, cells: written }] : [];
    }).slice(0, workerData.mostRows),
  }),
  (error) => parentPort.postMessage({ error: String(error && error.message) }),
);`;

/**
 * Reads a sheet of a workbook: everything as text, formulas as the result that was kept with them, hidden rows too.
 * @param sheet its name; the first that is not hidden otherwise.
 * @throws Problem 422 `xlsx_malformed`, `xlsx_refused`, `xlsx_locked`, `sheet_unknown`, `too_many_rows`
 */
export async function readXlsx(file: Buffer, sheet?: string): Promise<Table> {
  if (file[0] === 0xd0) throw locked();
  const parts = await unpackXml(file);
  const sheets = sheetsOf(parts);
  const chosen =
    sheet === undefined
      ? (sheets.find(({ isHidden }) => !isHidden) ?? sheets[0])
      : sheets.find(({ name }) => name === sheet);
  if (!chosen) {
    if (sheets.length === 0) throw unreadable('there is no sheet inside');
    throw Problem.field(
      'sheet',
      'sheet_unknown',
      `There is no sheet "${sheet}". The sheets are: ${sheets.map(({ name }) => name).join(', ')}.`,
    );
  }
  const rows = await inTurn(() => readInThread(packStored(parts), sheets.indexOf(chosen) + 1));
  if (rows.length > MOST_ROWS + 1) throw tooManyRows();
  const { formulas, hidden } = markings(parts.get(chosen.path)?.toString('utf8') ?? '');
  const notes: Note[] = [];
  const others = sheets.filter((other) => other !== chosen).map(({ name }) => name);
  if (others.length > 0) {
    notes.push({
      code: 'other_sheets',
      detail: `Only the sheet "${chosen.name}" was read. Others are: ${others.join(', ')}.`,
    });
  }
  return tableOf(
    rows.map((row) => ({
      line: row.line,
      cells: row.cells.map((cell) => cell.replaceAll('\0', '\u0001').toWellFormed()),
      ...(formulas.has(row.line) && { formulas: formulas.get(row.line)! }),
      ...(hidden.has(row.line) && { isHidden: true }),
    })),
    notes,
  );
}

const unreadable = (what: string) =>
  Problem.field(
    'file',
    'xlsx_malformed',
    `The file can't be read as XLSX: ${what}. Open it in the spreadsheet, save it again and send that, or save it as "CSV UTF-8".`,
  );

interface Sheet {
  name: string;
  path: string;
  isHidden: boolean;
}

/** The sheets in their order, from the workbook and its relations. */
function sheetsOf(parts: ReadonlyMap<string, Buffer>): Sheet[] {
  const workbook = parts.get('xl/workbook.xml')?.toString('utf8');
  const relations = parts.get('xl/_rels/workbook.xml.rels')?.toString('utf8');
  if (workbook === undefined || relations === undefined) throw unreadable('it is no workbook');
  const targets = new Map(
    [...relations.matchAll(/<(?:\w+:)?Relationship\b([^<>]*)>/g)].map(([, attributes]) => [
      attribute(attributes!, 'Id'),
      attribute(attributes!, 'Target') ?? '',
    ]),
  );
  return [...workbook.matchAll(/<(?:\w+:)?sheet\b([^<>]*)>/g)].map(([, attributes]) => {
    const target = targets.get(attribute(attributes!, '\\w+:id')) ?? '';
    return {
      name: attribute(attributes!, 'name') ?? '',
      path: target.startsWith('/') ? target.slice(1) : `xl/${target}`,
      isHidden: /hidden/i.test(attribute(attributes!, 'state') ?? ''),
    };
  });
}

function attribute(attributes: string, name: string): string | undefined {
  const [, , value] = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(["'])(.*?)\\1`).exec(attributes) ?? [];
  return value
    ?.replace(/&#x([0-9a-f]{1,6});/gi, (_, code: string) => fromCode(Number.parseInt(code, 16)))
    .replace(/&#(\d{1,7});/g, (_, code: string) => fromCode(Number(code)))
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof ENTITIES) => ENTITIES[entity]);
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const fromCode = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '');

/** Which cells hold formulas and which rows are hidden, both by row from 1, from the sheet's tags alone. */
function markings(xml: string): { formulas: Map<number, number[]>; hidden: Set<number> } {
  const formulas = new Map<number, number[]>();
  const hidden = new Set<number>();
  let cell: RegExpExecArray | null = null;
  for (const [, tag, attributes] of xml.matchAll(/<(?:\w+:)?(row|c|f)\b([^<>]*)>/g)) {
    if (tag === 'row') {
      if (/\shidden\s*=\s*["'](1|true)["']/.test(attributes!))
        hidden.add(Number(attribute(attributes!, 'r')));
    } else if (tag === 'c') {
      cell = /^([A-Z]{1,3})(\d{1,7})$/.exec(attribute(attributes!, 'r') ?? '');
    } else if (cell) {
      const line = Number(cell[2]);
      const column = [...cell[1]!].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1;
      formulas.set(line, [...(formulas.get(line) ?? []), column]);
      cell = null;
    }
  }
  return { formulas, hidden };
}

/** One sheet at a time in each process, so that what several may take together stays within bounds. */
let lastTurn: Promise<unknown> = Promise.resolve();
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.then(work);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

function readInThread(file: Buffer, sheet: number): Promise<TableRow[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(READER, {
      eval: true,
      workerData: { library: require.resolve('read-excel-file/node'), file, sheet, mostRows: MOST_ROWS + 2 },
      resourceLimits: { maxOldGenerationSizeMb: READING_MEMORY_MB },
      stdout: true,
      stderr: true,
    });
    const timer = setTimeout(() => fail('reading it takes too long'), READING_MS);
    const fail = (what: string) => {
      clearTimeout(timer);
      void worker.terminate();
      reject(unreadable(what));
    };
    worker.once('message', ({ rows, error }: { rows?: TableRow[]; error?: string }) => {
      if (!rows) return fail((error ?? 'a part of it is damaged').replace(/\.$/, '').slice(0, 300));
      clearTimeout(timer);
      resolve(rows);
      void worker.terminate();
    });
    worker.once('error', (error: Error & { code?: string }) => {
      log.warn({ code: error.code }, 'a workbook could not be read');
      fail(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? 'its cells are spread too far; delete empty rows and columns'
          : 'a part of it is damaged',
      );
    });
    worker.once('exit', () => fail('a part of it is damaged'));
  });
}
