import { REMINDER } from '@app/dialogues';
import type { RegistrationMailKind } from '../recipients/registration-mails.service';
import { reminderMail } from './reminder.mail';
import { staleReminder } from './reminder.rules';

export const reminderKind: RegistrationMailKind = {
  kind: REMINDER,
  stale: ({ registrant, dialogue, dedupeKey, parameters }) =>
    staleReminder({
      registration: registrant,
      dialogue,
      participationCount: Number(dedupeKey.split(':')[2]),
      startsAt: new Date(String(parameters.starts_at)),
    }),
  write: reminderMail,
};
