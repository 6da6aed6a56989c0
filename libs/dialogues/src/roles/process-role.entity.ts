import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from './rights.rules';

/** What an organiser may do in every dialogue of a process. */
@Entity('process_roles')
export class ProcessRole {
  /** In which process. */
  @PrimaryColumn('uuid')
  processId: string;

  /** Who. */
  @PrimaryColumn('uuid')
  organiserId: string;

  /** Their name as whoever gave the role wrote it: what an account is called is not told for an address. */
  @Column('text', { nullable: true })
  name: string | null;

  /** Which roles; at least one. */
  @Column('text', { array: true })
  roles: Role[];

  /** May they see answers to sensitive questions? */
  @Column('boolean', { default: false })
  seesSensitive: boolean;

  /** Another one with every edit, and never one that was before, also after the roles were taken away and given again. */
  @Column('integer', { default: () => `nextval('edits')` })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
