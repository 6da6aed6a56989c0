import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Someone whom an organiser may invite. Not an address: five people may share one mailbox (design, idea 13). */
@Entity('people')
export class Person {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** The organiser in whose directory they are kept. */
  @Column('uuid')
  organiserId: string;

  /** "H.E.", "Lt. Gen.", "Ms."; as written. */
  @Column('text', { nullable: true })
  honorific: string | null;

  /** Name as written, in any script. */
  @Column('text')
  name: string;

  /** Name for comparison only. */
  @Column('text')
  nameKey: string;

  /** "Director of International Security". */
  @Column('text', { nullable: true })
  functionalTitle: string | null;

  /** Address as written. */
  @Column('text')
  email: string;

  /** Address for comparison only. */
  @Column('text')
  emailKey: string;

  /** "Ministry of Foreign Affairs, Morocco". */
  @Column('text', { nullable: true })
  affiliation: string | null;

  /** ISO 3166-1 alpha-2. */
  @Column('text', { nullable: true })
  country: string | null;

  /** The mechanism they belong to. */
  @Column('uuid', { nullable: true })
  mechanismId: string | null;

  /** The role in which they attend or speak: "co-chair", "secretariat". */
  @Column('text', { nullable: true })
  capacity: string | null;

  /** The language they read, BCP 47. */
  @Column('text')
  language: string;

  /** Their IANA zone. */
  @Column('text')
  timeZone: string;

  /** Counts edits, for ETag and If-Match. */
  @Column('integer', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
