import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/**
 * What came back. `hard bounce`: the address takes no mail. `soft bounce`: not now. `delay`: the other server still tries.
 * `calendar reply`: somebody pressed a button in their calendar. `automatic reply`: out of office and the like. `other`:
 * a person wrote to a service mailbox, or it can't be told.
 */
export type ReturnKind =
  'hard bounce' | 'soft bounce' | 'delay' | 'calendar reply' | 'automatic reply' | 'other';

/** One message that came back to a service mailbox. Its text is not kept: people write private things. */
@Entity('mail_returns')
export class MailReturn {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: string;

  /** SHA-256 (hex) of envelope recipient and message: the same message handed in twice is one. */
  @Column('text', { unique: true })
  digest: string;

  /** What it is. */
  @Column('text')
  kind: ReturnKind;

  /** The mail it answers, proved by the secret in the address it came to; null: none, or not proved. */
  @Column('bigint', { nullable: true })
  mailId: string | null;

  /** The dialogue of that mail, or of the calendar entry. */
  @Column('uuid', { nullable: true })
  dialogueId: string | null;

  /** The registration whose calendar entry it answers, proved likewise. */
  @Column('uuid', { nullable: true })
  registrationId: string | null;

  /** Enhanced status code (RFC 3463) of a bounce, PARTSTAT (RFC 5545, 3.2.12) of a calendar reply. */
  @Column('text', { nullable: true })
  status: string | null;

  /** What the other server said of it, on one line; for bounces only. */
  @Column('text', { nullable: true })
  diagnostic: string | null;

  /** When the organisers were told; null: not yet, or not to be told. */
  @Column('timestamptz', { nullable: true })
  toldAt: Date | null;

  /** When it came in. */
  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  receivedAt: Date;
}
