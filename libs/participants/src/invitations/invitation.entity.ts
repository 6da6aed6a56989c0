import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DelegationRole } from '../delegations/delegation.entity';

/** `prepared`: on the list, not written to yet; `removed`: a nominee whose focal point took them off again. */
export type InvitationState = 'prepared' | 'sent' | 'accepted' | 'declined' | 'removed';

/** Someone is asked to take part; their personal link is composed from its id. */
@Entity('invitations')
export class Invitation {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** To which dialogue. */
  @Column('uuid')
  dialogueId: string;

  /** Who is asked; null once their data are erased, and only that somebody was asked is kept. */
  @Column('uuid', { nullable: true })
  personId: string | null;

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

  /** The delegation for which they were nominated; null: invited directly. */
  @Column('uuid', { nullable: true })
  delegationId: string | null;

  /** Their seat in it. */
  @Column('text', { nullable: true })
  role: DelegationRole | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
