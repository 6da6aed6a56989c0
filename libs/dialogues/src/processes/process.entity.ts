import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A longer process, of which dialogues are steps: workshops, consultations, a conference. */
@Entity('processes')
export class Process {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** What it is called. */
  @Column('text')
  title: string;

  /** What it is to achieve. */
  @Column('text', { default: '' })
  purpose: string;

  /** Counts edits, for ETag and If-Match. */
  @Column('integer', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
