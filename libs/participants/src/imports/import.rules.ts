import { languageCalled, languageName, nearestLanguage } from '../../../directory/src/languages.rules';
import { countryCalled, countryName, nearestCountry } from '../../../directory/src/states/states.rules';
import { canonicalTimeZone } from '../../../directory/src/tags.rules';
import { emailKey, isAddress, nameKey } from '../../../platform/src/keys';
import { hasUnseen, oneLine, plainAddress } from '../../../platform/src/stored-text.rules';
import {
  mechanismCalled,
  MOST_CHARACTERS,
  type KnownMechanism,
} from '../registrations/registration-data.rules';
import type { Column, ListRow } from './import-columns.rules';
import { finderOf } from '../../../platform/src/near.rules';
import { roleInAffiliation } from './role-in-affiliation.rules';

/** What confirming an import does with a row: a `duplicate` of another line and what is refused are left out. */
export type ImportVerdict = 'add' | 'change' | 'unchanged' | 'duplicate' | 'refuse';

/** A person as a list tells of them. */
export interface ListedPerson {
  honorific: string | null;
  name: string;
  functional_title: string | null;
  email: string;
  affiliation: string | null;
  country: string | null;
  mechanism_id: string | null;
  capacity: string | null;
  language: string;
  time_zone: string;
}

/** A field of a person as it is, and as it would be; a mechanism by its code. */
export interface FieldChange {
  field: string;
  before: string | null;
  after: string | null;
}

/** Why a row is refused, or what a reader should look at. */
export interface ImportRemark {
  /** Stable. */
  code: string;
  field?: string;
  detail: string;
  /** What may have been meant. */
  suggestion?: string;
}

/** Whom a row seems to name once more. */
export interface DuplicateOf {
  /** On this line of the list; null: in the directory. */
  line: number | null;
  /** In the directory; null: on a line of the list. */
  person_id: string | null;
  name: string;
  /** Only the name is the same: a person must say whether it is the same one, and until then both are kept. */
  is_likely: boolean;
}

/** A row of a list as understood, with what confirming the import would do. */
export interface ImportRow {
  /** Line in the file, from 1, the header counted. */
  line: number;
  verdict: ImportVerdict;
  remarks: ImportRemark[];
  /** Which fields differ from the directory, when changed. */
  changes: FieldChange[];
  duplicate_of: DuplicateOf | null;
  person: ListedPerson;
  /** For comparison only. */
  email_key: string;
  name_key: string;
  /** The person of the directory, and their version when the list was judged; null: not there. */
  person_id: string | null;
  person_version: number | null;
  /** Whether they are on the dialogue's list already. */
  invited: boolean;
}

/** A person of the directory, for comparison. */
export interface DirectoryPerson extends ListedPerson {
  id: string;
  version: number;
  email_key: string;
  name_key: string;
  invited: boolean;
}

/** What a list is judged against. */
export interface Directory {
  mechanisms: readonly KnownMechanism[];
  /** Everyone at an address, or of a name, that the list mentions. */
  people: readonly DirectoryPerson[];
  /** For rows that name no language, or none that is one. */
  language: string;
  /** For rows that name no time zone. */
  timeZone: string;
}

/** The field of a person that a column fills. */
const FIELDS: Record<Column, keyof ListedPerson> = {
  honorific: 'honorific',
  name: 'name',
  title: 'functional_title',
  email: 'email',
  affiliation: 'affiliation',
  country: 'country',
  mechanism: 'mechanism_id',
  capacity: 'capacity',
  language: 'language',
  time_zone: 'time_zone',
};

const PERSON_FIELDS = Object.values(FIELDS);

const personKey = (email: string, name: string): string => `${email}\n${name}`;

/**
 * Judges a list row by row: what confirming it would add, change and refuse, and what a person should look at. An empty
 * cell says nothing, so what the directory has stays.
 */
export function judgeList(rows: readonly ListRow[], directory: Directory): ImportRow[] {
  const known = new Map(
    directory.people.map((person) => [personKey(person.email_key, person.name_key), person]),
  );
  const seen = new Map<string, ImportRow>();
  const atAddress = Map.groupBy(directory.people, ({ email_key }) => email_key);
  const ofName = Map.groupBy(directory.people, ({ name_key }) => name_key);
  const listedAtAddress = new Map<string, ImportRow>();
  const listedOfName = new Map<string, ImportRow>();
  const nearestMechanism = finderOf(directory.mechanisms, ({ code, name, nameKeys }) => [
    code,
    name,
    ...nameKeys,
  ]);
  const codeOf = new Map(directory.mechanisms.map(({ id, code }) => [id, code]));

  return rows.map((listed) => {
    const remarks: ImportRemark[] = [];
    const refusals: ImportRemark[] = [];
    const refuse = (field: Column, code: string, detail: string, suggestion?: string) =>
      void refusals.push({ code, field, detail, ...(suggestion && { suggestion }) });
    const remark = (field: Column | undefined, code: string, detail: string, suggestion?: string) =>
      void remarks.push({ code, ...(field && { field }), detail, ...(suggestion && { suggestion }) });

    if (listed.cellsFound !== null) return shifted(listed, listed.cellsFound, directory);
    if (listed.isHidden)
      remark(undefined, 'hidden_row', 'The sheet does not show this row. It is read all the same.');
    for (const field of listed.formulas ?? [])
      remark(
        field,
        'formula_result',
        `${field} is the result of a formula, taken as it stood when the file was saved.`,
      );
    const cells = Object.fromEntries(
      Object.entries(listed.cells).map(([column, cell]) => [column, cleaned(cell)]),
    ) as Record<Column, string | null>;
    for (const [column, cell] of Object.entries(cells) as [Column, string | null][]) {
      if (cell && cell.length > MOST_CHARACTERS)
        refuse(column, 'too_long', `${column} has more than ${MOST_CHARACTERS} characters; shorten it.`);
      if (cell && /^[=+\-@]/.test(cell))
        remark(column, 'looks_like_formula', `${column} begins like a formula. It is taken as text.`);
      if (cell && column !== 'email' && /<[a-z/!][^<>]*>/i.test(cell))
        remark(column, 'looks_like_html', `${column} holds what looks like HTML. It is taken as text.`);
      // Spreadsheets put marks of direction around Arabic text: those are not worth a remark.
      if (hasUnseen(listed.cells[column].replace(/[\u061c\u200e\u200f]/gu, '')))
        remark(column, 'invisible_marks', `${column} held marks that can't be seen; they are left out.`);
    }
    const email = readAddress(listed.cells.email, refuse, remark);
    const name = cells.name ?? '';
    if (!name) refuse('name', 'name_missing', 'The name is missing.');
    const key = { email: emailKey(email), name: nameKey(name) };

    const before = known.get(personKey(key.email, key.name));
    let mechanism = cells.mechanism ? mechanismCalled(cells.mechanism, directory.mechanisms) : undefined;
    if (cells.mechanism && !mechanism) {
      const near = nearestMechanism(cells.mechanism.slice(0, MOST_CHARACTERS));
      refuse(
        'mechanism',
        'mechanism_unknown',
        `There is no mechanism called ${cells.mechanism}. ${near ? `Is ${near.name} (${near.code}) meant? ` : ''}Add it, or this as another name of one, or correct the cell.`,
        near?.code,
      );
    }
    let { affiliation, capacity } = cells;
    const inside = affiliation && roleInAffiliation(affiliation, directory.mechanisms);
    if (inside) {
      const contradicts =
        inside.rest !== null ||
        (capacity !== null && nameKey(capacity) !== nameKey(inside.role)) ||
        (mechanism && inside.mechanism && mechanism.id !== inside.mechanism.id);
      if (contradicts) {
        remark(
          'affiliation',
          'role_in_affiliation',
          `The affiliation says "${inside.role}" in brackets. It is left there, since what stands beside it or in other columns says otherwise.`,
        );
      } else if (capacity === null) {
        remark(
          'affiliation',
          'role_split',
          `"${inside.role}" stood in brackets after the affiliation and is taken as the capacity${!mechanism && inside.mechanism ? `, for the mechanism ${inside.mechanism.code}` : ''}.`,
        );
        affiliation = inside.affiliation;
        capacity = inside.role;
        mechanism ??= cells.mechanism ? undefined : (inside.mechanism ?? undefined);
      }
    }
    const country = cells.country && countryCalled(cells.country);
    if (cells.country && !country) {
      const near = nearestCountry(cells.country.slice(0, MOST_CHARACTERS));
      remark(
        'country',
        'country_unknown',
        `"${cells.country}" is not a State or area that is known. ${near ? `Did you mean ${countryName(near, 'en')} (${near})? ` : ''}${
          before?.country
            ? `${countryName(before.country, 'en')} stays, as the directory says.`
            : 'The field is left empty.'
        }`,
        near,
      );
    }
    const timeZone = cells.time_zone && canonicalTimeZone(cells.time_zone);
    if (cells.time_zone && !timeZone) {
      refuse(
        'time_zone',
        'time_zone_unknown',
        `${cells.time_zone} is no time zone; give its IANA name, such as Africa/Cairo, not an abbreviation or an offset.`,
      );
    }
    const language = cells.language && languageCalled(cells.language);
    if (cells.language && !language) {
      const near = nearestLanguage(cells.language.slice(0, MOST_CHARACTERS));
      remark(
        'language',
        'language_unknown',
        `"${cells.language}" is not a language that is known. ${near ? `Did you mean ${languageName(near)} (${near})? ` : 'Write a name such as French, or a tag such as fr. '}${languageName(before?.language ?? directory.language)} is used.`,
        near,
      );
    }
    if (!before && !cells.language)
      remark('language', 'language_missing', `No language is given; ${directory.language} is taken.`);
    if (!before && !cells.time_zone)
      remark('time_zone', 'time_zone_missing', `No time zone is given; ${directory.timeZone} is taken.`);

    const person: ListedPerson = {
      honorific: cells.honorific ?? before?.honorific ?? null,
      name: name || (before?.name ?? ''),
      functional_title: cells.title ?? before?.functional_title ?? null,
      // An address is the same in capitals, so the directory's stays.
      email: before?.email ?? email,
      affiliation: affiliation ?? before?.affiliation ?? null,
      country: country ?? before?.country ?? null,
      mechanism_id: mechanism?.id ?? before?.mechanism_id ?? null,
      capacity: capacity ?? before?.capacity ?? null,
      language: language ?? before?.language ?? directory.language,
      time_zone: timeZone ?? before?.time_zone ?? directory.timeZone,
    };

    let duplicateOf: DuplicateOf | null = null;
    const twin = seen.get(personKey(key.email, key.name));
    if (refusals.length === 0 && twin) {
      // An empty cell says nothing.
      const differing = (Object.entries(FIELDS) as [Column, keyof ListedPerson][]).flatMap(
        ([column, field]) =>
          column !== 'email' && column !== 'name' && cells[column] && twin.person[field] !== person[field]
            ? [column]
            : [],
      );
      duplicateOf = { line: twin.line, person_id: null, name: twin.person.name, is_likely: false };
      remarks.unshift({
        code: 'twice_in_list',
        field: 'name',
        detail: `${name} with this address is there already, on line ${twin.line}.${differing.length > 0 ? ` This line says otherwise of ${differing.join(', ')}; what line ${twin.line} says is taken.` : ''}`,
      });
    } else if (refusals.length === 0) {
      const neighbour =
        listedAtAddress.get(key.email)?.person.name ??
        atAddress.get(key.email)?.find(({ name_key }) => name_key !== key.name)?.name;
      if (neighbour)
        remark(
          'email',
          'shared_address',
          `${neighbour} has the same address. Both are kept, and each gets their own mails.`,
        );
      const listedNamesake = listedOfName.get(key.name);
      const knownNamesake = ofName.get(key.name)?.find(({ email_key }) => email_key !== key.email);
      const namesake = listedNamesake?.person ?? knownNamesake;
      if (namesake) {
        duplicateOf = {
          line: listedNamesake?.line ?? null,
          person_id: listedNamesake ? null : knownNamesake!.id,
          name: namesake.name,
          is_likely: true,
        };
        remark(
          'name',
          'likely_duplicate',
          `There is a ${name} at ${namesake.email} too. Is it the same person?`,
        );
      }
    }

    const shown = (field: keyof ListedPerson, value: string | null) =>
      field === 'mechanism_id' && value !== null ? (codeOf.get(value) ?? value) : value;
    const changes = before
      ? PERSON_FIELDS.filter((field) => before[field] !== person[field]).map((field) => ({
          field: field === 'mechanism_id' ? 'mechanism' : field,
          before: shown(field, before[field]),
          after: shown(field, person[field]),
        }))
      : [];
    const verdict = verdictOf(
      refusals.length > 0,
      twin !== undefined,
      before !== undefined,
      changes.length > 0,
    );
    const row: ImportRow = {
      line: listed.line,
      verdict,
      remarks: [...refusals, ...remarks],
      changes: verdict === 'change' ? changes : [],
      duplicate_of: duplicateOf,
      person,
      email_key: key.email,
      name_key: key.name,
      person_id: before?.id ?? null,
      person_version: before?.version ?? null,
      invited: before?.invited ?? false,
    };
    if (verdict !== 'refuse' && verdict !== 'duplicate') {
      seen.set(personKey(key.email, key.name), row);
      listedAtAddress.set(key.email, row);
      listedOfName.set(key.name, row);
    }
    return row;
  });
}

/** A row whose cells may stand in each other's places: nothing in it is judged. */
function shifted(listed: ListRow, cellsFound: number, directory: Directory): ImportRow {
  return {
    line: listed.line,
    verdict: 'refuse',
    remarks: [
      {
        code: 'wrong_number_of_cells',
        detail: `The row has ${cellsFound} cells, not as many as the first line names columns. Quote a cell that holds the separator.`,
      },
    ],
    changes: [],
    duplicate_of: null,
    person: {
      honorific: null,
      name: cleaned(listed.cells.name) ?? '',
      functional_title: null,
      email: oneLine(listed.cells.email) ?? '',
      affiliation: null,
      country: null,
      mechanism_id: null,
      capacity: null,
      language: directory.language,
      time_zone: directory.timeZone,
    },
    email_key: '',
    name_key: '',
    person_id: null,
    person_version: null,
    invited: false,
  };
}

function verdictOf(isRefused: boolean, isTwin: boolean, isKnown: boolean, differs: boolean): ImportVerdict {
  if (isRefused) return 'refuse';
  if (isTwin) return 'duplicate';
  if (!isKnown) return 'add';
  return differs ? 'change' : 'unchanged';
}

/** A cell as it is stored: as written, in whatever script. */
function cleaned(cell: string): string | null {
  return oneLine(cell.slice(0, 10 * MOST_CHARACTERS));
}

/** A line break is looked for before anything is trimmed: it could carry a second recipient into a header. */
function readAddress(
  cell: string,
  refuse: (field: Column, code: string, detail: string) => void,
  remark: (field: Column, code: string, detail: string) => void,
): string {
  const lines = cell.slice(0, 10 * MOST_CHARACTERS).replace(/^[ \t\p{Zs}]+|[ \t\p{Zs}]+$/gu, '');
  const written = plainAddress(lines);
  let address = written;
  if (!address) refuse('email', 'email_missing', 'The address is missing.');
  else if (/[\p{Cc}\u2028\u2029]/u.test(lines))
    refuse('email', 'email_line_break', 'The address holds a line break or another control character.');
  else if (!isAddress(address)) {
    // As copied out of a mail: `Hoda Mansy <hoda@las.example>`, `mailto:hoda@las.example`, `hoda@las.example;`.
    address = address
      .normalize('NFKC')
      .replace(/^[^<>]*<([^<>]+)>[;,.]?$/, '$1')
      .replace(/^mailto:/i, '')
      .replace(/[;,.]+$/, '')
      .trim();
    if (isAddress(address)) {
      remark('email', 'address_taken_out', `${address} is taken out of "${written}".`);
    } else if (address.split(/[;,/\s]+/).filter((part) => isAddress(part)).length > 1) {
      refuse(
        'email',
        'email_several',
        'There are several addresses; leave one, and give others their own row.',
      );
    } else {
      refuse('email', 'email_invalid', `${written} is no address to which a mail can be sent.`);
    }
  }
  return address.replace(/\p{Cc}/gu, ' ');
}

/** By what a row's person is looked for in the directory. */
export function keysOf({ cells }: ListRow): { email: string; name: string } {
  const ignored = () => undefined;
  return {
    email: emailKey(readAddress(cells.email, ignored, ignored)),
    name: nameKey(cleaned(cells.name) ?? ''),
  };
}

/** How many rows of each verdict. */
export function countVerdicts(rows: readonly ImportRow[]): Record<ImportVerdict, number> {
  const counts = { add: 0, change: 0, unchanged: 0, duplicate: 0, refuse: 0 };
  for (const { verdict } of rows) counts[verdict]++;
  return counts;
}
