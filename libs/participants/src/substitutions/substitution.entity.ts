import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Someone who can’t come names who comes instead. */
@Entity('substitutions')
export class Substitution {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** In which dialogue. */
  @Column('uuid')
  dialogueId: string;

  /** Who can’t come. */
  @Column('uuid')
  registrationId: string;

  /** The registration of who comes instead, once approved. */
  @Column('uuid', { nullable: true })
  substituteId: string | null;

  /** Of the substitute, as written. */
  @Column('text', { nullable: true })
  honorific: string | null;

  /** Of the substitute, as written. */
  @Column('text')
  name: string;

  /** Of the substitute, as written. */
  @Column('text')
  email: string;

  /** Of the substitute. */
  @Column('text', { nullable: true })
  functionalTitle: string | null;

  /** Of the substitute, BCP 47. */
  @Column('text')
  language: string;

  /** Where it stands; dropped: whoever named them withdrew, or named someone else. */
  @Column('text', { default: 'proposed' })
  state: 'proposed' | 'approved' | 'refused' | 'dropped';

  /** Actor who approved or refused, as in the audit. */
  @Column('text', { nullable: true })
  decidedBy: string | null;

  /** Why it was refused, as the person is told. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** When. */
  @Column('timestamptz', { nullable: true })
  decidedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
