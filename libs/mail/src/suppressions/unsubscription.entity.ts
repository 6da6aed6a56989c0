import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/**
 * Somebody wants no mail any more that is not strictly about their own registration (RFC 8058). It holds for one
 * invitation, registration or delegation, not for an address: five delegates may share one.
 */
@Entity('unsubscriptions')
export class Unsubscription {
  /** What the mails were about, see `Mail.subjectId`. */
  @PrimaryColumn('uuid')
  subjectId: string;

  /** The dialogue of the mail whose link was used. */
  @Column('uuid', { nullable: true })
  dialogueId: string | null;

  /** Since when. */
  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
