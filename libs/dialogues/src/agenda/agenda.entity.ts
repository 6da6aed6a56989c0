import {
  Column,
  Entity,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import type { DialogueDocument } from '../dialogue.entity';

/** A part of the agenda with a moderator; its time follows from the durations before it. */
@Entity('agenda_sessions')
export class AgendaSession {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** The dialogue it belongs to. */
  @Column('uuid')
  dialogueId: string;

  /** Its number in the agenda, from 1. */
  @Column('integer')
  position: number;

  /** Title as written. */
  @Column('text')
  title: string;

  /** Planned minutes. */
  @Column('integer')
  minutes: number;

  /** Moderator's name as written. */
  @Column('text', { nullable: true })
  moderator: string | null;

  /** Moderator's name for comparison only. */
  @Column('text', { nullable: true })
  moderatorKey: string | null;

  /** What an open discussion is asked. */
  @Column('text', { array: true, default: '{}' })
  guidingQuestions: string[];

  @OneToMany(() => AgendaItem, (item) => item.session)
  items: Relation<AgendaItem>[];
}

/** A point of a session, with its speakers. */
@Entity('agenda_items')
export class AgendaItem {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** The session it belongs to. */
  @Column('uuid')
  sessionId: string;

  @ManyToOne(() => AgendaSession, (session) => session.items, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'session_id' })
  session: Relation<AgendaSession>;

  /** Its number in the session, from 1. */
  @Column('integer')
  position: number;

  /** Title as written. */
  @Column('text')
  title: string;

  /** Planned minutes. */
  @Column('integer')
  minutes: number;

  /** Moderator's name as written. */
  @Column('text', { nullable: true })
  moderator: string | null;

  /** Moderator's name for comparison only. */
  @Column('text', { nullable: true })
  moderatorKey: string | null;

  /** Speakers' names as written, in order. */
  @Column('text', { array: true, default: '{}' })
  speakers: string[];

  /** Speakers' names for comparison only. */
  @Column('text', { array: true, default: '{}' })
  speakerKeys: string[];

  /** Documents of this point. */
  @Column('jsonb', { default: [] })
  documents: DialogueDocument[];
}
