import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Who came. A dialogue with no row at all kept no attendance. */
@Entity('attendances')
export class Attendance {
  /** Who. */
  @PrimaryColumn('uuid')
  registrationId: string;

  /** To which dialogue. */
  @Column('uuid')
  dialogueId: string;

  /** When they arrived; null where only that they came was noted. */
  @Column('timestamptz', { nullable: true })
  arrivedAt: Date | null;

  /** When they left before the end. */
  @Column('timestamptz', { nullable: true })
  leftAt: Date | null;

  /** By the list, by the code of their confirmation, or online through their join link. */
  @Column('text', { default: 'list' })
  notedHow: 'list' | 'code' | 'online';

  /** Actor, as in the audit. */
  @Column('text', { default: 'system' })
  notedBy: string;

  /** When it was noted. */
  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  notedAt: Date;
}
