import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What an approver decided on a registration, once in each round. */
@Entity('approvals')
export class Approval {
  /** On which registration. */
  @PrimaryColumn('uuid')
  registrationId: string;

  /** The registration’s `approvalRound` that it belongs to. */
  @PrimaryColumn('integer')
  round: number;

  /** Who decided. */
  @PrimaryColumn('uuid')
  organiserId: string;

  /** What. */
  @Column('text')
  decision: 'approved' | 'refused';

  /** Why it was refused, as the person is told. */
  @Column('text', { nullable: true })
  reason: string | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  decidedAt: Date;
}
