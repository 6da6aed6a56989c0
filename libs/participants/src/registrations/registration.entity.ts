import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { DelegationRole } from '../delegations/delegation.entity';

/**
 * `unconfirmed`: came by the open link, address not yet confirmed, no place taken. `awaiting_approval`: registered, to be
 * approved, no place taken. `offered`: holds a place that they have yet to accept. `under_review`: was confirmed, holds the
 * place, and changed something that has to be approved anew.
 */
export type RegistrationState =
  | 'unconfirmed'
  | 'awaiting_approval'
  | 'waitlisted'
  | 'offered'
  | 'confirmed'
  | 'under_review'
  | 'refused'
  | 'withdrawn';

/** In a hybrid dialogue: in the room, or online. */
export type Attends = 'in_person' | 'virtual';

/** May their name stand on the list of participants already before the dialogue, only in its record, or never? */
export type ConsentToBeListed = 'before' | 'after' | 'never';

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

  /** May their name stand on a list of participants, and from when? */
  @Column('text', { default: 'never' })
  consentToBeListed: ConsentToBeListed;

  /** The delegation whose seat they have. */
  @Column('uuid', { nullable: true })
  delegationId: string | null;

  /** Their seat in it. */
  @Column('text', { nullable: true })
  role: DelegationRole | null;

  /** In the room or online, where the dialogue is both. */
  @Column('text', { nullable: true })
  attends: Attends | null;

  /** Until when an offered place is held; null for a substitute, who has until the dialogue ends. */
  @Column('timestamptz', { nullable: true })
  offerExpiresAt: Date | null;

  /** Raised each time the registration goes for approval. */
  @Column('integer', { default: 0 })
  approvalRound: number;

  /** Whose substitute they are. */
  @Column('uuid', { nullable: true })
  substitutesFor: string | null;

  /** The privacy notice that they accepted. */
  @Column('integer', { nullable: true })
  privacyNoticeVersion: number | null;

  /** When they accepted it. */
  @Column('timestamptz', { nullable: true })
  privacyNoticeAcceptedAt: Date | null;

  /** When their data were erased, and the row kept for the counts. */
  @Column('timestamptz', { nullable: true })
  erasedAt: Date | null;

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

  /** How often their link to join was revoked by itself; see `JOIN_GENERATION`. */
  @Column('integer', { default: 0 })
  joinLinkRevocations: number;

  /** Counts edits, for ETag and If-Match. */
  @Column('integer', { default: 1 })
  version: number;

  @CreateDateColumn({ type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
