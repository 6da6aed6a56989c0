import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import type { ImportVerdict } from '@app/participants';
import { Line, Texts, given } from '../../http/fields';

/** Which rows of a preview are wanted. */
export class ImportRowsQuery {
  /** How many rows at most, 1 to 500. */
  @given @Type(() => Number) @IsInt() @Min(1) @Max(500) limit: number = 200;

  /** `next_cursor` of the page before. */
  @given @IsString() @MaxLength(1000) cursor?: string;

  /** Only rows of this verdict. */
  @given
  @IsIn(['add', 'change', 'unchanged', 'duplicate', 'refuse'])
  verdict?: ImportVerdict;
}

export class ImportQuery extends ImportRowsQuery {
  /** Of a workbook: name of the sheet; the first that is not hidden otherwise. */
  @given @Line() sheet?: string;

  /** Name of the file, to know it by. */
  @given @Line() file_name?: string;
}

export class ImportMappingInput {
  /**
   * What a column is, by its name: `honorific`, `name`, `given_name`, `family_name`, `title`, `email`, `affiliation`,
   * `country`, `mechanism`, `capacity`, `language`, `time_zone`, or null when it is not to be read. Columns that are not
   * named here are known by their names.
   */
  @Texts({ orNull: true }) mapping: Record<string, string | null>;
}

export class ImportMappingAnswer {
  /** What was said a column is, by its name; null: it is not read. */
  mapping: Record<string, string | null>;
}

export class ImportUndoInput {
  /** Undo the lines of which nothing was used since, and leave the others; otherwise it is all or nothing. */
  @given @IsBoolean() as_far_as_possible: boolean = false;
}

export class ImportCounts {
  add: number;
  change: number;
  unchanged: number;
  duplicate: number;
  refuse: number;
}

export class ImportNote {
  /** Stable code. */
  code: string;
  detail: string;
}

export class ImportColumn {
  /** Its name in the file; one of its own when it has none, or another's. */
  column: string;
  /** What it is taken for; null: it is not read. */
  field: string | null;
  /** `said` in the mapping, or `known` by its name. */
  by: 'said' | 'known' | null;
  /** What it may be, where it is taken for nothing. */
  suggestion: string | null;
  /** The first cells that are not empty. */
  sample: string[];
}

export class ImportFieldChange {
  field: string;
  before: string | null;
  after: string | null;
}

export class ImportDuplicate {
  /** On this line of the list; null: in the directory. */
  line: number | null;
  /** Id in the directory; null: on a line of the list. */
  person_id: string | null;
  name: string;
  /** Only the name is the same. Both are kept until someone says that it is one person. */
  is_likely: boolean;
}

export class ImportRemark {
  /** Stable code. */
  code: string;
  /** The column concerned, if it is one. */
  field?: string;
  detail: string;
  /** What may have been meant, such as the code of a mechanism. */
  suggestion?: string;
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
  /** `add`, `change`, `unchanged`, or left out: `duplicate`, `refuse`. */
  verdict: ImportVerdict;
  /** Why it is refused, or what to look at. */
  remarks: ImportRemark[];
  /** Which fields would change, and from what to what. */
  changes: ImportFieldChange[];
  /** Whom this row seems to name once more. */
  duplicate_of: ImportDuplicate | null;
  /** As it would be afterwards. */
  person: ImportedPerson;
  /** Whether they are on the dialogue's list already. */
  invited: boolean;
}

/** What an import would do, or did. */
export class ImportAnswer {
  id: string;
  file_name: string | null;
  counts: ImportCounts;
  /** Columns of the file that are not read. */
  ignored_columns: string[];
  /** What each column is taken for; empty when it was carried out. */
  columns: ImportColumn[];
  /** Fields that every person needs and no column gives: say which it is in the mapping, then the rows are judged. */
  missing_fields: string[];
  /** What concerns the file as a whole. */
  notes: ImportNote[];
  rows: ImportRowAnswer[];
  /** For `?cursor=` of the next page of rows; null: there are no more. */
  next_cursor: string | null;
  /** When it was carried out, ISO 8601, UTC; null: not yet. */
  confirmed_at: Date | null;
  /** When it was undone, ISO 8601, UTC. */
  undone_at: Date | null;
}

export class ImportLeft {
  line: number;
  /** `registered_already`, `invited_already`, `changed_since`, `used_elsewhere`. */
  code: string;
  detail: string;
}

/** What undoing an import did. */
export class ImportUndone {
  removed_people: number;
  restored_people: number;
  removed_invitations: number;
  /** Lines of which everything stays as it is. */
  left: ImportLeft[];
}

export class ImportConfirmed {
  /** People added to the directory. */
  added: number;
  /** People changed in the directory. */
  changed: number;
  unchanged: number;
  /** Rows that name someone once more. */
  duplicates: number;
  /** Rows left out. */
  refused: number;
  /** People put on the dialogue's list, to be invited. */
  prepared: number;
}
