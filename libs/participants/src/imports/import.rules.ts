/** What confirming an import does with a row. */
export type ImportVerdict = 'add' | 'change' | 'unchanged' | 'refuse';

/** A row of a list as understood, with what confirming the import would do. */
export interface ImportRow {
  /** Line in the file, from 1, the header counted. */
  line: number;
  verdict: ImportVerdict;
  /** Why it is refused, or what a reader should look at: stable codes with words. */
  remarks: { code: string; field?: string; detail: string }[];
  /** Which fields differ from the directory, when changed. */
  changes: string[];
  person: {
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
  };
}
