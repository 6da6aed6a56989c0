import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Where a dialogue takes place. */
export interface Venue {
  kind: 'virtual' | 'in_person' | 'hybrid';
  /** Name of the platform, when virtual or hybrid. */
  platform?: string;
  /** Link to join; shown to the confirmed only. */
  join_url?: string;
  /** Room and address, when in person or hybrid. */
  room?: string;
}

/** A background document. */
export interface DialogueDocument {
  title: string;
  url: string;
}

/** `postponed`: the old time no longer holds and there is no new one yet. */
export type DialogueState = 'draft' | 'published' | 'postponed' | 'cancelled';

/** What participants were last told, to compare with what is so now (design, idea 10). */
export interface Announced {
  state: DialogueState;
  /** Instants in ISO 8601, UTC. */
  starts_at: string;
  ends_at: string;
  time_zone: string;
  venue: Venue;
}

/** A meeting of two hours to two days with people who speak for governments. */
@Entity('dialogues')
export class Dialogue {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Whose dialogue it is. */
  @Column('uuid')
  organiserId: string;

  /** Its name in public addresses. */
  @Column('text', { unique: true })
  slug: string;

  /** Title as written. */
  @Column('text')
  title: string;

  /** What it is for. */
  @Column('text', { default: '' })
  purpose: string;

  /** Wall-clock start in `timeZone`, `2021-01-28T11:00`; the truth of the start (design, idea 9). */
  @Column('text')
  startsAtLocal: string;

  /** Wall-clock end in `timeZone`. */
  @Column('text')
  endsAtLocal: string;

  /** The host's IANA zone. */
  @Column('text')
  timeZone: string;

  /** The instant of `startsAtLocal`, derived. */
  @Column('timestamptz')
  startsAt: Date;

  /** The instant of `endsAtLocal`, derived. */
  @Column('timestamptz')
  endsAt: Date;

  /** Where. */
  @Column('jsonb')
  venue: Venue;

  /** The agencies that host it, in order. */
  @Column('text', { array: true })
  hosts: string[];

  /** BCP 47; the first is the fallback for readers whose language is not spoken here. */
  @Column('text', { array: true })
  workingLanguages: string[];

  /** Background documents, in order. */
  @Column('jsonb', { default: [] })
  documents: DialogueDocument[];

  /** By invitation only, or by an open link too. */
  @Column('text')
  registration: 'invitation' | 'open';

  /** Where it stands. */
  @Column('text', { default: 'draft' })
  state: DialogueState;

  /** Told to participants when it is cancelled or postponed. */
  @Column('text', { nullable: true })
  cancellationReason: string | null;

  /** Rises with every change of time, place or cancellation; the SEQUENCE of calendar entries (RFC 5545 3.8.7.4). */
  @Column('integer', { default: 1 })
  scheduleRevision: number;

  /** When it last rose; reminders due before are not owed. */
  @Column('timestamptz', { default: () => 'now()' })
  scheduleChangedAt: Date;

  /** What participants were last told; null while nobody was told anything. */
  @Column('jsonb', { nullable: true })
  announced: Announced | null;

  /** When to compare and tell, gathered over a few minutes of editing; null: nothing to tell. */
  @Column('timestamptz', { nullable: true })
  announcementDueAt: Date | null;

  /** The organiser wants the next announcement to go out, whatever changed; cleared when it did. */
  @Column('boolean', { default: false })
  announceRequested: boolean;

  /** The process of which it is a step. */
  @Column('uuid', { nullable: true })
  processId: string | null;

  /** How many approvers must approve a registration; 0: none. */
  @Column('integer', { default: 0 })
  approvalsNeeded: number;

  /** Whether a place that becomes free is given to the next on the waitlist at once, or offered. */
  @Column('text', { default: 'at_once' })
  promotion: 'at_once' | 'offer';

  /** How long an offer holds the place, ISO 8601 duration. */
  @Column('text', { default: 'P2D' })
  offerFor: string;

  /** Whether a delegate may name a substitute: not at all, with approval, or freely. */
  @Column('text', { default: 'closed' })
  substitution: 'closed' | 'approved' | 'free';

  /** Until when invited people should answer, wall time in the host's zone. */
  @Column('text', { nullable: true })
  answersDueAtLocal: string | null;

  /** The same as an instant. */
  @Column('timestamptz', { nullable: true })
  answersDueAt: Date | null;

  /** How many days after its end the personal data are removed; null: not by themselves. */
  @Column('integer', { nullable: true })
  retentionDays: number | null;

  /** When they were. */
  @Column('timestamptz', { nullable: true })
  purgedAt: Date | null;

  /** Counts edits, for ETag and If-Match. */
  @Column('integer', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;

  /** When it was first published. */
  @Column('timestamptz', { nullable: true })
  publishedAt: Date | null;
}
