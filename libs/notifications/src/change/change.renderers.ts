import { CANCELLATION, CHANGE, POSTPONEMENT } from '@app/dialogues';
import {
  fullName,
  type RegistrationMail,
  type RegistrationMailKind,
} from '../recipients/registration-mails.service';
import { cancellationMail } from './cancellation.mail';
import { changeMail } from './change.mail';
import { staleNews, type NewsFacts } from './change.rules';
import { postponementMail } from './postponement.mail';

const stale =
  (kind: NewsFacts['kind']) =>
  ({ registrant, dialogue }: RegistrationMail): string | null =>
    staleNews({ kind, registration: registrant, dialogue, newerQueued: registrant.newerQueued });

const wasConfirmed = ({ registrant }: RegistrationMail): boolean => registrant.mayEnter;

/** The mails that tell of a new time or place, a postponement or a cancellation. */
export const changeKinds: RegistrationMailKind[] = [
  {
    kind: CHANGE,
    stale: stale('change'),
    write: changeMail,
    calendar: (mail) => (wasConfirmed(mail) ? 'REQUEST' : null),
  },
  {
    kind: POSTPONEMENT,
    stale: stale('postponement'),
    write: postponementMail,
    calendar: (mail) => (wasConfirmed(mail) ? 'CANCEL' : null),
  },
  {
    kind: CANCELLATION,
    stale: stale('cancellation'),
    write: (mail, language) =>
      cancellationMail(
        {
          name: fullName(mail.registrant, language),
          timeZone: mail.registrant.timeZone,
          dialogue: mail.dialogue,
          parameters: mail.parameters,
          wasConfirmed: wasConfirmed(mail),
          reader: 'registered',
        },
        language,
      ),
    calendar: (mail) => (wasConfirmed(mail) ? 'CANCEL' : null),
  },
];
