import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { MAIL_STATES, type MailState } from '@app/mail';
import { PageQuery } from '../../http/fields';

export class MailsQuery extends PageQuery {
  /** Only of this kind, such as `invitation`. */
  @IsOptional() @IsString() @MaxLength(50) kind?: string;

  /** Only in this state. */
  @IsOptional() @IsIn(MAIL_STATES) state?: MailState;

  /** Only to this address. */
  @IsOptional() @IsString() @MaxLength(320) recipient?: string;
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
  /** When the server took it. */
  sent_at: string | null;
  /** After this it is not sent but recorded as missed. */
  useful_until: string | null;
}

export class MailCount {
  kind: string;
  state: MailState;
  count: number;
}

export class MailsPage {
  items: MailAnswer[];
  /** Of the whole dialogue, whatever is filtered, by kind and state. */
  counts: MailCount[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}
