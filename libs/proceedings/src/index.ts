export type { AgendaPerson, AgendaWarning, AgendaWarningCode } from './agenda/agenda-warnings.rules';
export { AgendaWarnings } from './agenda/agenda-warnings.service';
export {
  withEntries,
  type Annex,
  type AnnexEntry,
  type AnnexMechanism,
  type LeftOut,
} from './annex/annex.rules';
export { ParticipantsLists, type ParticipantsList } from './annex/participants-list.service';
export { SUMMARY } from './mail-kinds';
export type { FrozenNote, ReadableNote, Replaced } from './note/frozen-note.rules';
export { Commitment, Intervention, Note, NoteSession } from './note/note.entity';
export { NoteName } from './note/note-name.entity';
export {
  withPeople,
  type NamedPerson,
  type NoteCommitment,
  type NoteContent,
  type NoteDocument,
  type NoteDocumentIntervention,
  type NoteDocumentSession,
  type NoteIntervention,
} from './note/note.rules';
export type { Represents } from './note/people.rules';
export type { NoteNameRow } from './note/published-note';
export type { MissingSpeaker } from './note/speakers.rules';
export { Notes, type EditedNote, type MadeCommitment, type PublicationPreview } from './note/note.service';
export { ProceedingsModule } from './proceedings.module';
