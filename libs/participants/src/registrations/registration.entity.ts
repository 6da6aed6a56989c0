import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** `unconfirmed`: came by the open link, address not yet confirmed, no place taken. */
export type RegistrationState = 'unconfirmed' | 'confirmed' | 'waitlisted' | 'withdrawn';

/** Someone takes part in a dialogue, with their data as they are for this dialogue and its record. */
@Entity('registrations')
export class Registration {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** In which dialogue. */
  @Column('uuid')
  dialogueId: string;

  /** The invitation it answers; none when it came by the open link. */
  @Column('uuid', { nullable: true, unique: true })
  invitationId: string | null;

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

  /** The role in which they attend or speak. */
  @Column('text', { nullable: true })
  capacity: string | null;

  /** The language they read, BCP 47. */
  @Column('text')
  language: string;

  /** Their IANA zone. */
  @Column('text')
  timeZone: string;

  /** May their name stand in the annex? */
  @Column('boolean', { default: false })
  consentToBeListed: boolean;

  /** Where it stands. */
  @Column('text')
  state: RegistrationState;

  /** New with every change of state; part of the dedupe key of the mail that tells of it (design, idea 4). */
  @Column('uuid', { default: () => 'gen_random_uuid()' })
  transitionId: string;

  /** How often they became confirmed; part of the dedupe key of reminders. */
  @Column('integer', { default: 0 })
  participationCount: number;

  /** Since when they are confirmed; null while they are not. */
  @Column('timestamptz', { nullable: true })
  confirmedAt: Date | null;

  /** Their number on the waitlist; null while they are not on it. */
  @Column('bigint', { nullable: true })
  waitlistNumber: string | null;

  /** Raised to revoke every link made before. */
  @Column('integer', { default: 1 })
  linkGeneration: number;

  /** Counts edits, for ETag and If-Match. */
  @Column('integer', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
