export type { AgendaPerson, AgendaWarning, AgendaWarningCode } from './agenda/agenda-warnings.rules';
export { AgendaWarnings } from './agenda/agenda-warnings.service';
export type { Annex, AnnexEntry, AnnexMechanism } from './annex/annex.rules';
export { ParticipantsLists, type ParticipantsList } from './annex/participants-list.service';
export { SUMMARY } from './mail-kinds';
export { Commitment, Intervention, Note, NoteSession } from './note/note.entity';
export type {
  NamedPerson,
  NoteCommitment,
  NoteContent,
  NoteDocument,
  NoteDocumentIntervention,
  NoteDocumentSession,
  NoteIntervention,
} from './note/note.rules';
export { Notes, type EditedNote, type MadeCommitment, type ReadableNote } from './note/note.service';
export { ProceedingsModule } from './proceedings.module';
