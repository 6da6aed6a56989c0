import { Column, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** An organiser's own words for a kind of mail of one dialogue, in one language. */
@Entity('mail_wordings')
export class MailWording {
  @PrimaryColumn('uuid')
  dialogueId: string;

  /** Name of the kind of mail. */
  @PrimaryColumn('text')
  kind: string;

  /** BCP 47; one of Plenary's. */
  @PrimaryColumn('text')
  language: string;

  /** With placeholders such as `{title}`; null: Plenary's own. */
  @Column('text', { nullable: true })
  subject: string | null;

  /** The paragraphs that open the mail, with placeholders; null: Plenary's own. */
  @Column('text', { array: true, nullable: true })
  opening: string[] | null;

  /** Paragraphs added at the end, before the small print; null: none. */
  @Column('text', { array: true, nullable: true })
  closing: string[] | null;

  /** Another one with every edit, and never one that was before, also after the words were removed and written again. */
  @Column('integer', { default: () => `nextval('edits')` })
  version: number;

  /** When it was saved last. */
  @UpdateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  updatedAt: Date;
}
