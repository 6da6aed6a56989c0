import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** An address to which nothing is sent any more, since it bounced; lifting it deletes the row and writes an audit line. */
@Entity('address_suppressions')
export class AddressSuppression {
  /** The address as `emailKey` has it. */
  @PrimaryColumn('text')
  emailKey: string;

  /** By which an organiser names it, so that no address stands in a path. */
  @Column('uuid', { unique: true, default: () => 'gen_random_uuid()' })
  id: string;

  /** Enhanced status code (RFC 3463) that caused it: `5.1.1`. */
  @Column('text')
  status: string;

  /** What the server said, on one line. */
  @Column('text')
  diagnostic: string;

  /** The mail that bounced. */
  @Column('bigint', { nullable: true })
  mailId: string | null;

  /** Since when. */
  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
