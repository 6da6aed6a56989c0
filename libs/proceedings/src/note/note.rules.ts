/** A statement as it stands in the note. `session` is the number of the agenda session, from 1. */
export interface NoteIntervention {
  session: number;
  speaker: string;
  /** chair, co-chair, national, secretariat, on behalf. */
  capacity: string;
  /** Code of the mechanism they spoke for; null when for their country or themselves. */
  on_behalf_of: string | null;
  text: string;
  /** The moderator's reply. */
  reply: string | null;
  objectives: number[];
  principles: string[];
  commitment: NoteCommitment | null;
}

/** A promise made in an intervention. */
export interface NoteCommitment {
  kind: string;
  text: string;
  /** Calendar day, `2021-02-24`. */
  due: string | null;
}

/** What the rapporteur writes. */
export interface NoteContent {
  introduction: string;
  summaries: { session: number; text: string }[];
  interventions: NoteIntervention[];
  way_forward: string;
}
