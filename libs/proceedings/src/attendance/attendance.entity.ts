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

  /** When it was noted. */
  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  notedAt: Date;
}
