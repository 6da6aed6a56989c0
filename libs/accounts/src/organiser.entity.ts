import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A person of a secretariat who prepares dialogues; signs in with a link mailed to them. */
@Entity('organisers')
export class Organiser {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Address as written. */
  @Column('text')
  email: string;

  /** Address for comparison only. */
  @Column('text', { unique: true })
  emailKey: string;

  /** Name as written. */
  @Column('text')
  name: string;

  /** Language of their mails and pages, BCP 47. */
  @Column('text', { default: 'en' })
  language: string;

  /** IANA zone of their pages. */
  @Column('text', { default: 'UTC' })
  timeZone: string;

  /** May they draft dialogues of their own? Who was only given a role in somebody's may not. */
  @Column('boolean', { default: true })
  mayDraft: boolean;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
