import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsObject, IsString, MaxLength } from 'class-validator';
import type {
  AnswerValue,
  Attends,
  DelegationRole,
  ConsentToBeListed,
  ExportFormat,
  RegistrationState,
} from '@app/participants';
import { Line, PageQuery, given } from '../../http/fields';

const STATES = [
  'unconfirmed',
  'awaiting_approval',
  'waitlisted',
  'offered',
  'confirmed',
  'under_review',
  'refused',
  'withdrawn',
];

/** Answers by the code of their question. */
const ANSWERS = {
  type: 'object' as const,
  additionalProperties: {
    oneOf: [{ type: 'string' as const }, { type: 'array' as const, items: { type: 'string' as const } }],
  },
  example: { diet: 'vegetarian' },
};

/** Someone registers by the open link of a dialogue. */
export class NewRegistration {
  /** "H.E.", "Ms."; as written. */
  @given @Line(300, { empty: true }) honorific?: string;

  /** Name as written, in any script. */
  @Line() name: string;

  /** "Director of International Security". */
  @given @Line(300, { empty: true }) functional_title?: string;

  /** Address; a mail to confirm it goes there. */
  @IsString() @MaxLength(320) email: string;

  /** "Ministry of Foreign Affairs, Morocco". */
  @Line() affiliation: string;

  /** ISO 3166-1 alpha-2. */
  @given @Line(300, { empty: true }) country?: string;

  /** Code or name of a mechanism. */
  @given @Line(300, { empty: true }) mechanism?: string;

  /** The role in which they attend or speak. */
  @given @Line(300, { empty: true }) capacity?: string;

  /** In a hybrid dialogue: `in_person` or `virtual`. */
  @given @IsIn(['in_person', 'virtual']) attends?: Attends;

  /** The language they read, BCP 47; the first working language of the dialogue unless given. */
  @given @Line(300) language?: string;

  /** Their IANA zone; the dialogue's unless given. */
  @given @Line(300) time_zone?: string;

  /** May their name stand on the list of participants: already before the dialogue, in its record only (`after`), or never? */
  @given @IsIn(['before', 'after', 'never']) consent_to_be_listed?: ConsentToBeListed;

  /** The version of the privacy notice that they accepted; needed where the dialogue has one, and only the newest counts. */
  @given @IsInt() privacy_notice_version?: number;

  /** What the organisers ask, by the code of the question: text, option, list of options, or day (YYYY-MM-DD). */
  @ApiPropertyOptional(ANSWERS)
  @given
  @IsObject()
  answers?: Record<string, unknown>;
}

/** The same for everybody, whether the address is known or not. */
export class RegistrationReceived {
  /** `received`: a mail is on its way to the address, and tells what to do next. */
  status: 'received';

  detail: string;
}

export class RegistrationsQuery extends PageQuery {
  /** Only those in this state. */
  @given @IsIn(STATES) state?: RegistrationState;

  /** Only those of the mechanism with this code. */
  @given @Line(100) mechanism?: string;

  /** `true`: with what they answered. */
  @given
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  answers?: boolean;
}

export class ExportQuery {
  /** Only those in this state. */
  @given @IsIn(STATES) state?: RegistrationState;
}

export class ExportFormatQuery extends ExportQuery {
  /** `csv`, `xlsx` or `json`. */
  @IsIn(['csv', 'xlsx', 'json']) format: ExportFormat;
}

export class RegistrationAnswer {
  id: string;
  /** The invitation it answers; null when it came by the open link. */
  invitation_id: string | null;
  /** `unconfirmed`, `awaiting_approval`, `waitlisted`, `offered`, `confirmed`, `under_review`, `refused` or `withdrawn`. */
  state: RegistrationState;
  honorific: string | null;
  name: string;
  functional_title: string | null;
  email: string;
  affiliation: string | null;
  country: string | null;
  /** Code of the mechanism. */
  mechanism: string | null;
  capacity: string | null;
  language: string;
  time_zone: string;
  consent_to_be_listed: ConsentToBeListed;
  /** In the room or online, where the dialogue is both. */
  attends: Attends | null;
  /** The delegation whose seat they have. */
  delegation_id: string | null;
  /** Name of its mechanism or organisation. */
  delegation: string | null;
  /** Their seat in it: `head_of_delegation`, `member`, `adviser` or `observer`. */
  role: DelegationRole | null;
  /** Instant, ISO 8601, UTC. */
  confirmed_at: Date | null;
  /** Until when they may take the place that is offered; instant, ISO 8601, UTC. */
  offer_expires_at: Date | null;
  /** Their number on the waitlist: the lowest moves up first. */
  waitlist_number: number | null;
  version: number;
  /** Instant, ISO 8601, UTC. */
  created_at: Date;
  /** When their data were erased, and the row kept for the counts; instant, ISO 8601, UTC. */
  erased_at: Date | null;
}

/** A registration with what they answered. */
export class RegistrationWithAnswers extends RegistrationAnswer {
  /** By the code of the question: text, option, list of options, day, or the name of a file. */
  @ApiProperty(ANSWERS)
  answers: Record<string, AnswerValue>;

  /** Codes of the sensitive questions whose answers are withheld from you. */
  answers_withheld: string[];
}

/** What an organiser corrects; what is left out stays. */
export class RegistrationCorrection {
  /** "H.E.", "Ms."; as written. */
  @given @Line(300, { empty: true }) honorific?: string;

  /** Name as written, in any script. */
  @given @Line() name?: string;

  @given @Line(300, { empty: true }) functional_title?: string;

  /** Address to which everything is mailed from now on. */
  @given @IsString() @MaxLength(320) email?: string;

  @given @Line() affiliation?: string;

  /** ISO 3166-1 alpha-2; empty: none. */
  @given @Line(300, { empty: true }) country?: string;

  /** Code or name of a mechanism; empty: none. */
  @given @Line(300, { empty: true }) mechanism?: string;

  @given @Line(300, { empty: true }) capacity?: string;

  /** In a hybrid dialogue, unless their delegation has decided. */
  @given @IsIn(['in_person', 'virtual']) attends?: Attends;

  /** Their seat in their delegation. */
  @given @IsIn(['head_of_delegation', 'member', 'adviser', 'observer']) role?: DelegationRole;

  /** BCP 47. */
  @given @Line(300) language?: string;

  /** IANA zone. */
  @given @Line(300) time_zone?: string;

  @given @IsIn(['before', 'after', 'never']) consent_to_be_listed?: ConsentToBeListed;
}

export class RegistrationCountsAnswer {
  unconfirmed: number;
  awaiting_approval: number;
  waitlisted: number;
  offered: number;
  confirmed: number;
  under_review: number;
  refused: number;
  withdrawn: number;
  /** How many places there are; null: no limit. */
  places: number | null;
}

/** One of a list; with answers where they are asked for. */
export class RegistrationItem extends RegistrationAnswer {
  /** By the code of the question: text, option, list of options, day, or the name of a file. */
  @ApiPropertyOptional(ANSWERS)
  answers?: Record<string, AnswerValue>;
}

export class RegistrationsPage {
  items: RegistrationItem[];
  next_cursor: string | null;
  /** Of all registrations of the dialogue, not only of this page. */
  counts: RegistrationCountsAnswer;
  /** With `answers=true`: codes of the sensitive questions whose answers are withheld from you. */
  answers_withheld?: string[];
}
