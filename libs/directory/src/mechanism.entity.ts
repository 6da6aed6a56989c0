import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Who chairs a mechanism, as the organiser writes it. */
export interface Chair {
  /** State or person, as written. */
  name: string;
  /** `chair`, `co-chair`, `former co-chair` … */
  role: string;
}

/** An inter-state consultation mechanism (ISCM): a standing forum of States on migration. */
@Entity('mechanisms')
export class Mechanism {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** The organiser in whose directory it is kept. */
  @Column('uuid')
  organiserId: string;

  /** Short code as written, such as `5+5`. */
  @Column('text')
  code: string;

  /** Code for comparison only. */
  @Column('text')
  codeKey: string;

  /** Full name. */
  @Column('text')
  name: string;

  /** Other names under which lists mention it. */
  @Column('text', { array: true, default: '{}' })
  otherNames: string[];

  /** Code, name and other names for comparison only. */
  @Column('text', { array: true, default: '{}' })
  nameKeys: string[];

  /** Its chair or co-chairs now. */
  @Column('jsonb', { default: [] })
  chairs: Chair[];

  /** Counts edits, for ETag and If-Match. */
  @Column('integer', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
