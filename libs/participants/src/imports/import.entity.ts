import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ImportRow } from './import.rules';
import type { ImportUndo } from './imports.service';
import type { Table } from './table.rules';

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

  /** Name of the file, as sent. */
  @Column('text', { nullable: true })
  fileName: string | null;

  /** The table as read, to judge it anew; null when carried out. */
  @Column('jsonb', { nullable: true })
  source: Table | null;

  /** Which column of the table is which field, as the organiser said; null: by their names. */
  @Column('jsonb', { nullable: true })
  mapping: Record<string, string | null> | null;

  /** How often the mapping was set, and 1. */
  @Column('integer', { default: 1 })
  mappingVersion: number;

  /** What undoing it needs to know: people added, people as they were, invitations prepared. */
  @Column('jsonb', { nullable: true })
  undo: ImportUndo | null;

  /** When it was undone. */
  @Column('timestamptz', { nullable: true })
  undoneAt: Date | null;

  /** When it was carried out. */
  @Column('timestamptz', { nullable: true })
  confirmedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
