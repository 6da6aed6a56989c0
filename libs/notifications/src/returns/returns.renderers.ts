import { CALENDAR_REPLY } from '@app/participants';
import type { RegistrationMailKind } from '../recipients/registration-mails.service';
import { calendarReplyMail, staleCalendarReply } from './calendar-reply.mail';

/** The mails about registrations that follow what came back. */
export const returnsKinds: RegistrationMailKind[] = [
  { kind: CALENDAR_REPLY, stale: staleCalendarReply, write: calendarReplyMail },
];
