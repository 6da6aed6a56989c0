import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DelegationRole } from '../delegations/delegation.entity';
import type { Attends } from '../registrations/registration.entity';

/** A limit on how many may take part, and the lock under which places are taken (design, idea 7). */
@Entity('places')
export class Places {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** The dialogue it belongs to. */
  @Column('uuid')
  dialogueId: string;

  /** What is limited. */
  @Column('text', { default: 'dialogue' })
  scope: 'dialogue' | 'attendance' | 'delegation' | 'role';

  /** Scope `attendance`: places in the room, or online. */
  @Column('text', { nullable: true })
  attends: Attends | null;

  /** Scope `delegation`, and `role` where the role is that in a delegation. */
  @Column('uuid', { nullable: true })
  delegationId: string | null;

  /** Scope `role`: in one delegation, or in all of the dialogue. */
  @Column('text', { nullable: true })
  role: DelegationRole | null;

  /** How many places there are; null: no limit. */
  @Column('integer', { nullable: true })
  places: number | null;

  /** How many are held by someone: confirmed, offered, or back for approval. */
  @Column('integer', { default: 0 })
  taken: number;

  /** How many more are kept for seats of delegations that nobody holds yet. */
  @Column('integer', { default: 0 })
  reserved: number;

  /** The number that the next person on the waitlist gets; taken under the lock, so the order is strict. */
  @Column('bigint', { default: 1 })
  nextWaitlistNumber: string;
}
