import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';
import type { FrozenNote } from './frozen-note.rules';

/** The note for file: what was said, by whom, in which capacity. */
@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Of which dialogue. */
  @Column('uuid', { unique: true })
  dialogueId: string;

  /** Words before the sessions. */
  @Column('text', { default: '' })
  introduction: string;

  /** The way forward. */
  @Column('text', { default: '' })
  wayForward: string;

  /** Counts edits, for ETag and If-Match. */
  @Column('integer', { default: 1 })
  version: number;

  /** When it was published; a published note is fixed. */
  @Column('timestamptz', { nullable: true })
  publishedAt: Date | null;

  /** The note as published, annex included, with ids in the place of people: their names are in `note_names`. Never changes. */
  @Column('jsonb', { nullable: true })
  published: FrozenNote | null;

  @UpdateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  updatedAt: Date;
}

/** What the note says about one agenda session, before its interventions. */
@Entity('note_sessions')
export class NoteSession {
  @PrimaryColumn('uuid')
  noteId: string;

  /** The agenda session. */
  @PrimaryColumn('uuid')
  sessionId: string;

  /** Who opened or moderated it and what was presented. */
  @Column('text', { default: '' })
  summary: string;
}

/** A statement from the floor. */
@Entity('interventions')
export class Intervention {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  noteId: string;

  /** The agenda session in which it was made. */
  @Column('uuid')
  sessionId: string;

  /** Its number in the session, from 1. */
  @Column('integer')
  position: number;

  /** Speaker's name as written; empty once it is erased from the published note. */
  @Column('text')
  speaker: string;

  /** Speaker's name for comparison only. */
  @Column('text')
  speakerKey: string;

  /** Speaker's name beside the published note; null until then. */
  @Column('uuid', { nullable: true })
  nameId: string | null;

  /** In which capacity they spoke: chair, co-chair, national, secretariat, on behalf. */
  @Column('text')
  capacity: string;

  /** The mechanism they spoke for; null when for their country or themselves. */
  @Column('uuid', { nullable: true })
  onBehalfOf: string | null;

  /** What they said. */
  @Column('text')
  text: string;

  /** What the moderator replied. */
  @Column('text', { nullable: true })
  reply: string | null;

  /** Numbers of the objectives it is about. */
  @Column('integer', { array: true, default: '{}' })
  objectives: number[];

  /** Guiding principles it is about. */
  @Column('text', { array: true, default: '{}' })
  principles: string[];
}

/** A promise made in an intervention. */
@Entity('commitments')
export class Commitment {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Where it was made. */
  @Column('uuid', { unique: true })
  interventionId: string;

  /** Written input, oral statement, side event, joint paper, to be confirmed. */
  @Column('text')
  kind: string;

  /** What was promised. */
  @Column('text')
  text: string;

  /** By which day, in the dialogue's zone. */
  @Column('date', { nullable: true })
  due: string | null;
}
