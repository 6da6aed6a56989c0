import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/**
 * What may become of a mail. `deferred`: the server wants it later. `held`: waits until somebody releases it. `failed`:
 * refused for good, or bounced. `suppressed`: its address bounces, or its reader wants no such mail. `stale`: no longer
 * warranted. `missed`: its use ended before it could go.
 */
export const MAIL_STATES = [
  'queued',
  'sending',
  'sent',
  'deferred',
  'held',
  'failed',
  'suppressed',
  'stale',
  'missed',
] as const;
export type MailState = (typeof MAIL_STATES)[number];

/** One row a mail: the outbox and the lock in one (design, idea 1). */
@Entity('mails')
export class Mail {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: string;

  /** The contract it was queued under, see `MailKind`. */
  @Column('text')
  kind: string;

  /** The dialogue it concerns; none for a sign-in. */
  @Column('uuid', { nullable: true })
  dialogueId: string | null;

  /** What it is about: a registration, an invitation or a sign-in link, as its kind says. */
  @Column('uuid')
  subjectId: string;

  /** The reader's name when it was queued. */
  @Column('text', { default: '' })
  recipientName: string;

  /** The address it was queued for; the one it went to once sent. */
  @Column('text')
  recipient: string;

  /** Whether name and address are taken off once it has its outcome: its reader's data were erased. */
  @Column('boolean', { default: false })
  forgetRecipient: boolean;

  /** The language of the reader when it was queued, BCP 47. */
  @Column('text')
  language: string;

  /** Two inserts with one key are one mail. */
  @Column('text', { unique: true })
  dedupeKey: string;

  /**
   * The few facts that can't be loaded again later, such as which reminder this is, or what was announced before. Of people
   * only ids, and the reason of a refusal; erasure removes them.
   */
  @Column('jsonb', { default: {} })
  parameters: Record<string, string | number | boolean | null>;

  /** After this instant it is not sent but recorded as missed; null: always useful. */
  @Column('timestamptz', { nullable: true })
  usefulUntil: Date | null;

  /** Where it stands. */
  @Column('text', { default: 'queued' })
  state: MailState;

  /** True when a worker died, or the line broke, so late that the mail may have gone out twice. */
  @Column('boolean', { default: false })
  uncertain: boolean;

  /** How many SMTP transactions were tried. */
  @Column('integer', { default: 0 })
  attempts: number;

  /** Not before this instant, by the database's clock. */
  @Column('timestamptz', { default: () => 'now()' })
  nextAttemptAt: Date;

  /** The worker process that has it, while that process's heartbeat lives. */
  @Column('uuid', { nullable: true })
  claimedBy: string | null;

  /** When somebody released it; with `MAIL_HOLD` only what was released since then is sent. Null: never held, or held still. */
  @Column('timestamptz', { nullable: true })
  releasedAt: Date | null;

  /** Whether it goes, or went, without calendar entry and pictures, since the server found it too large. */
  @Column('boolean', { default: false })
  withoutAttachments: boolean;

  /** What the mail server answered last, what came back, or why it was not sent. */
  @Column('text', { nullable: true })
  answer: string | null;

  /** Since when it waits because it could not be written; null: it could, or was not tried. */
  @Column('timestamptz', { nullable: true })
  unwrittenSince: Date | null;

  /** The left part of its Message-ID; the same in every attempt. */
  @Column('uuid', { default: () => 'gen_random_uuid()' })
  messageId: string;

  /** SHA-256 (hex) of subject, text, HTML and calendar as they were sent. */
  @Column('text', { nullable: true })
  contentHash: string | null;

  /** When it was queued. */
  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;

  /** When the server's 250 was recorded. */
  @Column('timestamptz', { nullable: true })
  sentAt: Date | null;
}
