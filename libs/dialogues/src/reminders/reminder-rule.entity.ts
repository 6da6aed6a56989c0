import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Everyone who is confirmed, or only those the agenda names as speaker or moderator. */
export type ReminderAudience = 'everyone' | 'speakers';

/** "A day before the start": reminders are derived from it, never scheduled one by one (design, idea 3). */
@Entity('reminder_rules')
export class ReminderRule {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** The dialogue it belongs to. */
  @Column('uuid')
  dialogueId: string;

  /** How long before the start, ISO 8601 duration; `P1D` is a calendar day in the dialogue's zone. */
  @Column('text')
  before: string;

  /** Whom it reminds. */
  @Column('text')
  audience: ReminderAudience;

  /** Since when the rule is there; nothing that was due before is owed. */
  @Column('timestamptz', { default: () => 'now()' })
  effectiveAt: Date;

  /** The instant it falls due, derived from start, zone and `before`. */
  @Column('timestamptz')
  dueAt: Date;

  /** When the reminder loses its use: the next reminder of this dialogue, or the start. Derived. */
  @Column('timestamptz')
  usefulUntil: Date;

  /** When its mails were last queued. */
  @Column('timestamptz', { nullable: true })
  plannedAt: Date | null;
}
