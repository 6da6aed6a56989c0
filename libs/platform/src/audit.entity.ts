import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One line of the append-only record of who did what, written in the transaction of the change itself. */
@Entity('audit_entries')
export class AuditEntry {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: string;

  /** When, by the database's clock. */
  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  happenedAt: Date;

  /** Who: `organiser:<id>`, `link:<registration or invitation id>`, `public`, `worker`, `operator`. */
  @Column('text')
  actor: string;

  /** From where: the address of origin of the request, if there was one. */
  @Column('text', { nullable: true })
  origin: string | null;

  /** What: a noun and what became of it, such as `dialogue.cancelled`. */
  @Column('text')
  action: string;

  /** The dialogue it concerns, if any. */
  @Column('uuid', { nullable: true })
  dialogueId: string | null;

  /** The row it concerns: a registration, an invitation, a token. */
  @Column('uuid', { nullable: true })
  subjectId: string | null;

  /** What changed, without secrets and without more personal data than the trace needs. */
  @Column('jsonb', { default: {} })
  details: Record<string, unknown>;
}
