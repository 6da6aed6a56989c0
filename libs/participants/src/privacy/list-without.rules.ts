import { emailKey, nameKey } from '../../../platform/src/keys';

/** By what a list may name somebody. */
export interface Named {
  email_key: string;
  name_key: string;
  /** Their entry in the directory; null: none. */
  person_id: string | null;
}

/** A list that was read in, as it is kept; see `ImportRow`, `Table` and `ImportUndo`. */
export interface KeptList {
  rows: unknown;
  source: unknown;
  undo: unknown;
}

type Json = Record<string, unknown>;

/**
 * A list without what is about somebody: their rows, the cells of their rows in the file, what undoing needs of them,
 * and remarks of other rows that name them. Everything else is about other people and stays as it is: a namesake at
 * another address, whoever shares the mailbox, and a name that holds theirs ("Ali" in "Alicia" or "Khalid Ali").
 */
export function listWithout({ rows, source, undo }: KeptList, named: readonly Named[]): KeptList {
  const all = array(rows);
  const isTheirs = (row: Json) => isAbout(row, named) || isAbout(row.person, named);
  const gone = new Set(all.filter(isTheirs).map(({ line }) => line));
  return {
    rows:
      all.length === 0
        ? rows
        : all.filter((row) => !isTheirs(row)).map((row) => remarkless(row, named, gone)),
    source: !isPlain(source)
      ? source
      : {
          ...source,
          rows: array(source.rows).map((row) =>
            isCellsOf(row.cells, named) ? { ...row, cells: null } : row,
          ),
        },
    undo: !isPlain(undo)
      ? undo
      : Object.fromEntries(
          Object.entries(undo).map(([kind, entries]) => [
            kind,
            Array.isArray(entries)
              ? array(entries).filter((entry) => !isAbout(entry, named) && !isAbout(entry.before, named))
              : entries,
          ]),
        ),
  };
}

/** Another person's row, that may be compared to theirs. */
function remarkless(row: Json, named: readonly Named[], gone: ReadonlySet<unknown>): Json {
  const twin = row.duplicate_of;
  const isTwin =
    isPlain(twin) && (isAbout(twin, named) || (typeof twin.line === 'number' && gone.has(twin.line)));
  return {
    ...row,
    ...(isTwin && { duplicate_of: null }),
    ...(Array.isArray(row.remarks) && {
      remarks: array(row.remarks).map((remark) =>
        isNamedIn(remark.detail, named) ? { ...remark, detail: '' } : remark,
      ),
    }),
  };
}

/** Whether it is of their entry of the directory, or has their name and address, both. */
function isAbout(value: unknown, named: readonly Named[]): boolean {
  if (!isPlain(value)) return false;
  const email = text(value.email_key) || emailKey(text(value.email));
  const name = text(value.name_key) || nameKey(text(value.name));
  return named.some(
    ({ email_key, name_key, person_id }) =>
      (person_id !== null && (value.id === person_id || value.person_id === person_id)) ||
      (email_key !== '' && email === email_key && name === name_key),
  );
}

/** Whether one of these cells is their name, and one holds their address, such as `Hoda <hoda@ministry.example>`. */
function isCellsOf(cells: unknown, named: readonly Named[]): boolean {
  if (!Array.isArray(cells)) return false;
  const names = cells.map((cell) => nameKey(text(cell)));
  const addresses = cells.flatMap((cell) => addressesIn(text(cell)));
  return named.some(
    ({ email_key, name_key }) =>
      email_key !== '' && addresses.includes(email_key) && names.includes(name_key),
  );
}

/** Whether their name or address stands in a text as words of their own. */
function isNamedIn(said: unknown, named: readonly Named[]): boolean {
  const words = nameKey(text(said));
  const addresses = addressesIn(text(said));
  return named.some(
    ({ email_key, name_key }) =>
      (email_key !== '' && addresses.includes(email_key)) ||
      (name_key !== '' &&
        new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(name_key)}(?![\\p{L}\\p{N}])`, 'u').test(words)),
  );
}

/** Keys of what may be addresses in a text, such as `Hoda <hoda@ministry.example>`: each word, and without its outer signs. */
function addressesIn(said: string): string[] {
  return said
    .split(/[\s<>()[\]",;:]+/u)
    .filter((word) => word.includes('@'))
    .flatMap((word) => [word, word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')].map(emailKey));
}

function isPlain(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function array(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isPlain) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
