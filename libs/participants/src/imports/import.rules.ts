import { canonicalCountry, canonicalLanguage, canonicalTimeZone } from '../../../directory/src/tags.rules';
import { emailKey, isAddress, nameKey } from '../../../platform/src/keys';
import {
  oneLine,
  mechanismCalled,
  MOST_CHARACTERS,
  type KnownMechanism,
} from '../registrations/registration-data.rules';
import type { Column, ListRow } from './import.csv';

/** What confirming an import does with a row. */
export type ImportVerdict = 'add' | 'change' | 'unchanged' | 'refuse';

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

/** A row of a list as understood, with what confirming the import would do. */
export interface ImportRow {
  /** Line in the file, from 1, the header counted. */
  line: number;
  verdict: ImportVerdict;
  /** Why it is refused, or what a reader should look at: stable codes with words. */
  remarks: { code: string; field?: string; detail: string }[];
  /** Which fields differ from the directory, when changed. */
  changes: string[];
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

  return rows.map((listed) => {
    const remarks: ImportRow['remarks'] = [];
    const refusals: ImportRow['remarks'] = [];
    const refuse = (field: Column | undefined, code: string, detail: string) =>
      void refusals.push({ code, ...(field && { field }), detail });
    const remark = (field: Column, code: string, detail: string) =>
      void remarks.push({ code, field, detail });

    if (listed.cellsFound !== null) {
      refuse(
        undefined,
        'wrong_number_of_cells',
        `The row has ${listed.cellsFound} cells, not as many as the first line names columns. Quote a cell that holds the separator.`,
      );
    }
    const cells = Object.fromEntries(
      Object.entries(listed.cells).map(([column, cell]) => [column, oneLine(cell)]),
    ) as Record<Column, string | null>;
    for (const [column, cell] of Object.entries(cells) as [Column, string | null][]) {
      if (cell && cell.length > MOST_CHARACTERS)
        refuse(column, 'too_long', `${column} has more than ${MOST_CHARACTERS} characters; shorten it.`);
      if (cell && /^[=+\-@]/.test(cell))
        remark(column, 'looks_like_formula', `${column} begins like a formula. It is taken as text.`);
      if (cell && /<[a-z/!][^>]*>/i.test(cell))
        remark(column, 'looks_like_html', `${column} holds what looks like HTML. It is taken as text.`);
    }
    const email = readAddress(listed.cells.email, refuse);
    const name = cells.name ?? '';
    if (!name) refuse('name', 'name_missing', 'The name is missing.');
    const key = { email: emailKey(email), name: nameKey(name) };

    const before = known.get(personKey(key.email, key.name));
    const mechanism = cells.mechanism ? mechanismCalled(cells.mechanism, directory.mechanisms) : undefined;
    if (cells.mechanism && !mechanism) {
      refuse(
        'mechanism',
        'mechanism_unknown',
        `There is no mechanism called ${cells.mechanism}. Add it, or this as another name of one, or correct the cell.`,
      );
    }
    const country = cells.country && canonicalCountry(cells.country);
    if (cells.country && !country) {
      refuse(
        'country',
        'country_unknown',
        `${cells.country} is no country; give its two letters by ISO 3166-1, such as MA.`,
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
    const language = cells.language && canonicalLanguage(cells.language);
    if (cells.language && !language) {
      remark(
        'language',
        'language_unknown',
        `${cells.language} is no language; ${before?.language ?? directory.language} is taken.`,
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
      email,
      affiliation: cells.affiliation ?? before?.affiliation ?? null,
      country: country ?? before?.country ?? null,
      mechanism_id: mechanism?.id ?? before?.mechanism_id ?? null,
      capacity: cells.capacity ?? before?.capacity ?? null,
      language: language ?? before?.language ?? directory.language,
      time_zone: timeZone ?? before?.time_zone ?? directory.timeZone,
    };

    const twin = seen.get(personKey(key.email, key.name));
    if (twin && email && name) {
      refuse('name', 'twice_in_list', `${name} with this address is there already, on line ${twin.line}.`);
    }
    if (refusals.length === 0) {
      const neighbour =
        listedAtAddress.get(key.email)?.person.name ??
        atAddress.get(key.email)?.find(({ name_key }) => name_key !== key.name)?.name;
      if (neighbour)
        remark(
          'email',
          'shared_address',
          `${neighbour} has the same address. Both are kept, and each gets their own mails.`,
        );
      const namesake =
        listedOfName.get(key.name)?.person.email ??
        ofName.get(key.name)?.find(({ email_key }) => email_key !== key.email)?.email;
      if (namesake)
        remark('name', 'likely_duplicate', `There is a ${name} at ${namesake} too. Is it the same person?`);
    }

    const changes = before
      ? (Object.values(FIELDS) as (keyof ListedPerson)[]).filter((field) => before[field] !== person[field])
      : [];
    const row: ImportRow = {
      line: listed.line,
      verdict: refusals.length > 0 ? 'refuse' : !before ? 'add' : changes.length > 0 ? 'change' : 'unchanged',
      remarks: [...refusals, ...remarks],
      changes: refusals.length > 0 ? [] : changes,
      person,
      email_key: key.email,
      name_key: key.name,
      person_id: before?.id ?? null,
      person_version: before?.version ?? null,
      invited: before?.invited ?? false,
    };
    if (row.verdict !== 'refuse') {
      seen.set(personKey(key.email, key.name), row);
      listedAtAddress.set(key.email, row);
      listedOfName.set(key.name, row);
    }
    return row;
  });
}

/** A line break is looked for before anything is trimmed: it could carry a second recipient into a header. */
function readAddress(cell: string, refuse: (field: Column, code: string, detail: string) => void): string {
  const address = cell.replace(/^[ \t\u00a0]+|[ \t\u00a0]+$/g, '');
  if (!address) refuse('email', 'email_missing', 'The address is missing.');
  else if (/\p{Cc}/u.test(address))
    refuse('email', 'email_line_break', 'The address holds a line break or another control character.');
  else if (!isAddress(address))
    refuse('email', 'email_invalid', `${address} is no address to which a mail can be sent.`);
  return address.replace(/\p{Cc}/gu, ' ');
}

/** How many rows of each verdict. */
export function countVerdicts(rows: readonly ImportRow[]): Record<ImportVerdict, number> {
  const counts = { add: 0, change: 0, unchanged: 0, refuse: 0 };
  for (const { verdict } of rows) counts[verdict]++;
  return counts;
}
