import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/**
 * A mail server, or a domain behind it, to which nothing is sent for now. All workers share it: the one that opens it
 * raises the alarm, and one mail after the other tries whether it can be closed again.
 */
@Entity('smtp_circuits')
export class SmtpCircuit {
  /** `server` for the mail server itself, else the domain of the recipients, in lower case ASCII (RFC 5891). */
  @PrimaryColumn('text')
  scope: string;

  /** What it answered, without addresses. */
  @Column('text')
  answer: string;

  /** Since when. */
  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  openedAt: Date;

  /** From when one mail may try, by the database's clock. */
  @Column('timestamptz')
  nextTryAt: Date;
}
