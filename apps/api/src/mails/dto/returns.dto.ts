import type { ReturnKind } from '@app/mail';

export class MailReturnAnswer {
  id: string;
  /** `hard bounce`, `soft bounce`, `delay`, `calendar reply`, `automatic reply` or `other`. */
  kind: ReturnKind;
  /** The mail that it answers, proved by the secret in the address it came to. */
  mail_id: string | null;
  /** Why that mail was sent. */
  mail_kind: string | null;
  recipient: string | null;
  recipient_name: string | null;
  /** The registration whose calendar entry it answers, proved likewise. */
  registration_id: string | null;
  /** Enhanced status code (RFC 3463) of a bounce such as `5.1.1`, or what a calendar answered: `DECLINED`. */
  status: string | null;
  /** What the other server said of it. */
  diagnostic: string | null;
  received_at: string;
  /** When the organisers were mailed of it. */
  told_at: string | null;
}

export class MailReturnsPage {
  items: MailReturnAnswer[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}

export class SuppressionAnswer {
  id: string;
  /** The address, in lower case. */
  address: string;
  /** Enhanced status code (RFC 3463) of the bounce. */
  status: string;
  /** What the other server said. */
  diagnostic: string;
  /** The mail that bounced, where it is one of this dialogue. */
  mail_id: string | null;
  created_at: string;
}

export class SuppressionsPage {
  items: SuppressionAnswer[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}
