import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsIn,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  ValidateBy,
  type ValidationOptions,
} from 'class-validator';
import { mailKinds, MAIL_STATES, type MailState } from '@app/mail';
import { PageQuery, given } from '../../http/fields';
import { MailReturnAnswer } from './returns.dto';

/** `a,b` or given several times: several. */
const several = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' ? value.split(',') : value,
);
/** An instant with its zone: without one nobody knows when it is. */
const instant = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(value)
    ? new Date(value)
    : value,
);
const INSTANT = { message: '$property must be an instant with its zone, such as 2060-01-28T09:00:00Z' };

/** The name of a kind of mail: a mistyped one would concern no mail, and look as if there were none. */
function IsMailKind(options?: ValidationOptions): PropertyDecorator {
  const names = () => mailKinds().map(({ name }) => name);
  return ValidateBy(
    {
      name: 'isMailKind',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && names().includes(value),
        defaultMessage: () => `$property must be one of: ${names().toSorted().join(', ')}`,
      },
    },
    options,
  );
}

export class MailsQuery extends PageQuery {
  /** Only of these kinds, such as `invitation`; several with commas. */
  @given
  @several
  @IsArray()
  @ArrayMaxSize(50)
  @IsMailKind({ each: true })
  @ApiPropertyOptional({ type: [String] })
  kind?: string[];

  /** Only in these states; several with commas. */
  @given
  @several
  @IsArray()
  @IsIn(MAIL_STATES, { each: true })
  @ApiPropertyOptional({ enum: MAIL_STATES, isArray: true })
  state?: MailState[];

  /** Only to this address. */
  @given @IsString() @MaxLength(320) recipient?: string;

  /** Only about the person with this registration or invitation, or about this delegation or other thing. */
  @given @IsUUID() about?: string;

  /** Only in this language, such as `ar`. */
  @given @IsString() @MaxLength(35) language?: string;

  /** `true`: only those that may have gone out twice; `false`: only the others. */
  @given
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  uncertain?: boolean;

  /** Queued before this instant. */
  @given @instant @IsDate(INSTANT) queued_before?: Date;

  /** Queued at this instant or later. */
  @given @instant @IsDate(INSTANT) queued_after?: Date;

  /** Sent before this instant. */
  @given @instant @IsDate(INSTANT) sent_before?: Date;

  /** Sent at this instant or later. */
  @given @instant @IsDate(INSTANT) sent_after?: Date;
}

export class MailAnswer {
  id: string;
  /** Why it is sent. */
  kind: string;
  /** What `subject_id` is: `registration`, `invitation` … */
  about: string;
  /** The registration, invitation … that it is about. */
  subject_id: string;
  recipient: string;
  recipient_name: string;
  language: string;
  state: MailState;
  /** SMTP transactions that were tried. */
  attempts: number;
  /** True when a worker died so late that it may have gone out twice. */
  uncertain: boolean;
  /** What the mail server answered last, or why it was not sent. */
  answer: string | null;
  /** Left part of its Message-ID. */
  message_id: string;
  created_at: string;
  /** Not before this instant, while it waits. */
  next_attempt_at: string | null;
  /** When somebody released it, or sent it again. */
  released_at: string | null;
  /** When the server took it. */
  sent_at: string | null;
  /** After this it is not sent but recorded as missed. */
  useful_until: string | null;
}

export class MailDetailAnswer extends MailAnswer {
  /** What came back of it, the newest first. */
  returns: MailReturnAnswer[];
  /** The same sent before or after it on somebody's word, the oldest first. */
  again: MailAnswer[];
}

export class MailCountAnswer {
  kind: string;
  state: MailState;
  count: number;
}

export class MailsPage {
  items: MailAnswer[];
  /** Of the whole dialogue, whatever is filtered, by kind and state. */
  counts: MailCountAnswer[];
  /** Of what is filtered, on all its pages. */
  matching: MailCountAnswer[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}

/** Which mails; what is left out does not narrow, and nothing at all means every mail of the dialogue. */
export class WhichMails {
  /** Only of this kind, such as `reminder`. */
  @given @IsMailKind() kind?: string;

  /** Queued before this instant. */
  @given
  @instant
  @IsDate(INSTANT)
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  queued_before?: Date;

  /** Queued at this instant or later. */
  @given
  @instant
  @IsDate(INSTANT)
  @ApiPropertyOptional({ type: String, format: 'date-time' })
  queued_after?: Date;

  /** Only these, 1,000 at most. */
  @given
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @Matches(/^\d{1,18}$/, { each: true, message: 'each of ids must be the id of a mail' })
  ids?: string[];
}

export class KindCount {
  kind: string;
  count: number;
}

export class MailsConcerned {
  /** How many mails were concerned. */
  count: number;
  /** The same by kind. */
  kinds: KindCount[];
}

export class MailStates {
  queued: number;
  /** Being handed to the mail server now. */
  sending: number;
  sent: number;
  /** The server wants them later. */
  deferred: number;
  /** Waits until somebody releases it. */
  held: number;
  /** Refused for good, or bounced. */
  failed: number;
  /** The address bounces, or its reader wants no such mail. */
  suppressed: number;
  /** No longer warranted. */
  stale: number;
  /** Their use ended before they could go. */
  missed: number;
}

export class ProgressAnswer {
  /** All mails of the dialogue. */
  states: MailStates;
  /** The same for each kind. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/MailStates' },
  })
  kinds: Record<string, MailStates>;
  /** Whether something still waits or is on the line. */
  moving: boolean;
}
