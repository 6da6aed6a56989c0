import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What someone answered to a question. */
@Entity('answers')
export class Answer {
  /** Who. */
  @PrimaryColumn('uuid')
  registrationId: string;

  /** To what. */
  @PrimaryColumn('uuid')
  questionId: string;

  /** Text, option, options, day (YYYY-MM-DD), or the name of the file. */
  @Column('jsonb')
  value: string | string[];

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  answeredAt: Date;
}
