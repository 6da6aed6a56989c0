import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What an answer is: text, one or several of the options, a day, a file. */
export type QuestionKind = 'text' | 'choice' | 'choices' | 'date' | 'file';

/** Words by language, BCP 47. */
export type Words = Record<string, string>;

/** Asked only if the answer to another question, or how or in what role someone attends, is one of these. */
export interface Condition {
  /** Code of an earlier question, or `attends`, `role`. */
  of: string;
  is: string[];
}

/** What a dialogue asks of whoever registers. */
@Entity('questions')
export class Question {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Which dialogue asks. */
  @Column('uuid')
  dialogueId: string;

  /** Its name in forms, the API and exports; a-z, 0-9 and _. */
  @Column('text')
  code: string;

  /** Its place among the questions, from 0. */
  @Column('integer')
  position: number;

  /** What an answer is. */
  @Column('text')
  kind: QuestionKind;

  /** The question, by language. */
  @Column('jsonb')
  label: Words;

  /** What helps to answer, by language. */
  @Column('jsonb', { default: {} })
  help: Words;

  /** Among what is chosen. */
  @Column('jsonb', { default: [] })
  options: { value: string; label: Words }[];

  /** Must it be answered where it is asked? */
  @Column('boolean', { default: false })
  required: boolean;

  /** When it is asked; null: always. */
  @Column('jsonb', { nullable: true })
  askedIf: Condition | null;

  /** Are its answers for those only who may see what is sensitive? */
  @Column('boolean', { default: false })
  sensitive: boolean;

  /** The day (UTC) from which its answers are removed. */
  @Column('date', { nullable: true })
  purgeOn: string | null;

  /** When they were. */
  @Column('timestamptz', { nullable: true })
  purgedAt: Date | null;

  /** Media types of files that are taken. */
  @Column('text', { array: true, default: [] })
  fileTypes: string[];

  /** The most bytes of a file. */
  @Column('integer', { default: 2000000 })
  fileBytes: number;
}
