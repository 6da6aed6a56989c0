import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What organisers write as a whole in a dialogue, in rows of several tables or many rows of one. */
export type WrittenDocument =
  'agenda' | 'places' | 'questions' | 'reminder_rules' | 'chasing_rules' | 'attendance' | 'delegations';

/** How often a document was written. A document without a row was never written, and has version 1. */
@Entity('document_versions')
export class DocumentVersion {
  /** In which dialogue. */
  @PrimaryColumn('uuid')
  dialogueId: string;

  /** Which document. */
  @PrimaryColumn('text')
  document: WrittenDocument;

  /** Rises whenever an organiser writes the document, and never through what participants do. */
  @Column('integer')
  version: number;
}
