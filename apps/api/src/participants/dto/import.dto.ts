import type { ImportVerdict } from '@app/participants';

export class ImportCounts {
  add: number;
  change: number;
  unchanged: number;
  refuse: number;
}

export class ImportRemark {
  /** Stable code. */
  code: string;
  /** The column concerned, if it is one. */
  field?: string;
  detail: string;
}

export class ImportedPerson {
  honorific: string | null;
  name: string;
  functional_title: string | null;
  email: string;
  affiliation: string | null;
  country: string | null;
  /** Id of the mechanism. */
  mechanism_id: string | null;
  capacity: string | null;
  language: string;
  time_zone: string;
}

export class ImportRowAnswer {
  /** Line in the file, from 1, the header counted. */
  line: number;
  /** `add`, `change`, `unchanged` or `refuse`. */
  verdict: ImportVerdict;
  /** Why it is refused, or what to look at. */
  remarks: ImportRemark[];
  /** Which fields would change. */
  changes: string[];
  /** As it would be afterwards. */
  person: ImportedPerson;
  /** Whether they are on the dialogue's list already. */
  invited: boolean;
}

/** What an import would do, or did. */
export class ImportAnswer {
  id: string;
  counts: ImportCounts;
  /** Columns of the file that are not read. */
  ignored_columns: string[];
  rows: ImportRowAnswer[];
  /** When it was carried out, ISO 8601, UTC; null: not yet. */
  confirmed_at: Date | null;
}

export class ImportConfirmed {
  /** People added to the directory. */
  added: number;
  /** People changed in the directory. */
  changed: number;
  unchanged: number;
  /** Rows left out. */
  refused: number;
  /** People put on the dialogue's list, to be invited. */
  prepared: number;
}
