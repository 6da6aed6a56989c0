import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ImportRow } from './import.rules';

/** A list that was read and previewed; it changes nothing until its organiser confirms it. */
@Entity('imports')
export class Import {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** For which dialogue. */
  @Column('uuid')
  dialogueId: string;

  /** Who read it in. */
  @Column('uuid')
  organiserId: string;

  /** The rows as understood, with what each would do. */
  @Column('jsonb')
  rows: ImportRow[];

  /** When it was carried out. */
  @Column('timestamptz', { nullable: true })
  confirmedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
