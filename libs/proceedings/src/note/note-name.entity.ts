import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A name of a person in a published note, beside the frozen content, which holds only its id: so a name can be replaced and
 * the content stays as it was published (docs/decisions/0008). Once erased, only for whom the person took part is left.
 */
@Entity('note_names')
export class NoteName {
  /** As in the frozen content. */
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  noteId: string;

  /** Its place among the names of the note. */
  @Column('integer')
  position: number;

  /** Whether it is a line of the annex, which a withdrawn consent replaces, too; else it stands in the text. */
  @Column('boolean')
  inAnnex: boolean;

  /** The registrations that it may mean: one in the annex; in the text none, or several of people with one name. */
  @Column('uuid', { array: true })
  registrationIds: string[];

  /** The entry of the directory that it means, which may outlive the registration. */
  @Column('uuid', { nullable: true })
  personId: string | null;

  /** As printed. */
  @Column('text', { nullable: true })
  honorific: string | null;

  /** As printed; empty once erased. */
  @Column('text')
  name: string;

  /** As printed in the text. */
  @Column('text', { nullable: true })
  functionalTitle: string | null;

  /** As printed. */
  @Column('text', { nullable: true })
  affiliation: string | null;

  /** As printed in the annex. */
  @Column('text', { nullable: true })
  role: string | null;

  /** Code of the mechanism, as printed in the annex. */
  @Column('text', { nullable: true })
  mechanism: string | null;

  /** The State for which they took part, ISO 3166-1 alpha-2: part of what replaces the name. */
  @Column('text', { nullable: true })
  country: string | null;

  /** Else the mechanism or organization, by its name when the note was published. */
  @Column('text', { nullable: true })
  body: string | null;

  /** When the name was erased. */
  @Column('timestamptz', { nullable: true })
  erasedAt: Date | null;
}
