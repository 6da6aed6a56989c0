import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What people are told about their data; a new version is a new row. */
@Entity('privacy_notices')
export class PrivacyNotice {
  /** In which dialogue. */
  @PrimaryColumn('uuid')
  dialogueId: string;

  /** From 1. */
  @PrimaryColumn('integer')
  version: number;

  /** The notice, by language. */
  @Column('jsonb')
  texts: Record<string, string>;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
