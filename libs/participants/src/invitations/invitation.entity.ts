import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** `prepared`: on the list, not written to yet. */
export type InvitationState = 'prepared' | 'sent' | 'accepted' | 'declined';

/** Someone is asked to take part; their personal link is composed from its id. */
@Entity('invitations')
export class Invitation {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** To which dialogue. */
  @Column('uuid')
  dialogueId: string;

  /** Who is asked. */
  @Column('uuid')
  personId: string;

  /** Where it stands. */
  @Column('text', { default: 'prepared' })
  state: InvitationState;

  /** Raised to revoke every link made before. */
  @Column('integer', { default: 1 })
  linkGeneration: number;

  /** When its mail was queued. */
  @Column('timestamptz', { nullable: true })
  sentAt: Date | null;

  /** When it was accepted or declined last. */
  @Column('timestamptz', { nullable: true })
  answeredAt: Date | null;

  /** Why it was declined, if they said. */
  @Column('text', { nullable: true })
  declineReason: string | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
