import { SUBSTITUTE, SUBSTITUTED, SUBSTITUTION_REFUSED } from '@app/participants';
import { staleTransition, staleWithdrawal } from '../confirmation/confirmation.rules';
import type { RegistrantNow } from '../recipients/registrants';
import type { RegistrationMailKind } from '../recipients/registration-mails.service';
import { substituteMail } from './substitute.mail';
import { substitutedMail } from './substituted.mail';
import { staleRefusal } from './substitution.rules';
import { substitutionRefusedMail } from './substitution-refused.mail';

const GONE = 'The substitution is gone.';

/** Nobody is named any more: it was purged, or the name was erased. */
const isGone = ({ substitution }: RegistrantNow): boolean =>
  !substitution || substitution.name === '' || substitution.leaver.name === '';

/** The mails that tell of a substitute: to who leaves, to who comes, and that it may not be. */
export const substitutionKinds: RegistrationMailKind[] = [
  {
    kind: SUBSTITUTED,
    stale: ({ registrant, parameters }) =>
      staleWithdrawal({
        registration: registrant,
        wasConfirmed: parameters.was_confirmed === true,
        newerQueued: registrant.newerQueued,
      }),
    write: substitutedMail,
    calendar: ({ parameters }) => (parameters.was_confirmed ? 'CANCEL' : null),
  },
  {
    kind: SUBSTITUTE,
    stale: ({ registrant, dialogue, dedupeKey }) =>
      staleTransition({
        tellsOf: 'offered',
        transitionId: dedupeKey.split(':')[2]!,
        registration: registrant,
        dialogue,
      }),
    write: substituteMail,
  },
  {
    kind: SUBSTITUTION_REFUSED,
    stale: ({ registrant, dialogue }) =>
      isGone(registrant) ? GONE : staleRefusal({ registration: registrant, dialogue }),
    write: substitutionRefusedMail,
  },
];
