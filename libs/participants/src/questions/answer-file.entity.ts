import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A file that is an answer. */
@Entity('answer_files')
export class AnswerFile {
  /** Whose. */
  @PrimaryColumn('uuid')
  registrationId: string;

  /** To what. */
  @PrimaryColumn('uuid')
  questionId: string;

  /** Its name, as sent. */
  @Column('text')
  name: string;

  /** As found in its content. */
  @Column('text')
  mediaType: string;

  /** The file. */
  @Column('bytea', { select: false })
  content: Buffer;
}
