import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Attends } from '../registrations/registration.entity';

/** The seat someone has in a delegation. */
export const DELEGATION_ROLES = ['head_of_delegation', 'member', 'adviser', 'observer'] as const;
export type DelegationRole = (typeof DELEGATION_ROLES)[number];

/** A mechanism or an organisation has seats in a dialogue, which its focal point fills. How many seats, in all and by role, stands in `places`. */
@Entity('delegations')
export class Delegation {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** In which dialogue. */
  @Column('uuid')
  dialogueId: string;

  /** Whose seats: a mechanism … */
  @Column('uuid', { nullable: true })
  mechanismId: string | null;

  /** … or an organisation, as written. */
  @Column('text', { nullable: true })
  organisation: string | null;

  /** Who nominates: a person of the directory. */
  @Column('uuid', { nullable: true })
  focalPointId: string | null;

  /** Whether its seats are in the room or online; null: as each nominee says. */
  @Column('text', { nullable: true })
  attends: Attends | null;

  /** Until when people are nominated, wall time in the dialogue’s zone; null: until it begins. */
  @Column('text', { nullable: true })
  nominationsCloseAtLocal: string | null;

  /** The same as an instant. */
  @Column('timestamptz', { nullable: true })
  nominationsCloseAt: Date | null;

  /** When seats that nobody has taken go to whoever waits, wall time in the dialogue’s zone; null: never. */
  @Column('text', { nullable: true })
  releaseAtLocal: string | null;

  /** The same as an instant. */
  @Column('timestamptz', { nullable: true })
  releaseAt: Date | null;

  /** When they were released. */
  @Column('timestamptz', { nullable: true })
  releasedAt: Date | null;

  /** When its focal point was asked to nominate. */
  @Column('timestamptz', { nullable: true })
  invitedAt: Date | null;

  /** Raised to revoke every link made before. */
  @Column('integer', { default: 1 })
  linkGeneration: number;

  /** Counts edits, for ETag and If-Match. */
  @Column('integer', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
