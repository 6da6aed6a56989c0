export { Attendance } from './attendance/attendance.entity';
export { SUMMARY } from './mail-kinds';
export { Commitment, Intervention, Note, NoteSession } from './note/note.entity';
export type { NoteCommitment, NoteContent, NoteIntervention } from './note/note.rules';
