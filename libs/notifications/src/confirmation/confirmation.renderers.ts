import {
  ADDRESS_CONFIRMATION,
  AWAITING_APPROVAL,
  CALENDAR_REMOVAL,
  CONFIRMATION,
  JOIN_LINK,
  OFFER,
  OFFER_LAPSED,
  REFUSAL,
  REGISTRATION_LINK,
  UNDER_REVIEW,
  WAITLISTED,
  WITHDRAWAL,
} from '@app/participants';
import { emailKey } from '@app/platform';
import type { RegistrationMail, RegistrationMailKind } from '../recipients/registration-mails.service';
import { addressConfirmationMail } from './address-confirmation.mail';
import { joinLink } from '../wording/registrant.wording';
import { awaitingApprovalMail } from './awaiting-approval.mail';
import { calendarRemovalMail } from './calendar-removal.mail';
import { confirmationMail } from './confirmation.mail';
import {
  isForNewAddress,
  renewed,
  staleCalendarRemoval,
  staleJoinLink,
  staleRegistrationLink,
  staleTransition,
  staleWithdrawal,
  type TransitionFacts,
} from './confirmation.rules';
import { joinLinkMail } from './join-link.mail';
import { offerLapsedMail } from './offer-lapsed.mail';
import { offerMail } from './offer.mail';
import { refusalMail } from './refusal.mail';
import { bringsEntry, registrationLinkMail } from './registration-link.mail';
import { underReviewMail } from './under-review.mail';
import { waitlistedMail } from './waitlisted.mail';
import { withdrawalMail } from './withdrawal.mail';

const stale =
  (tellsOf: TransitionFacts['tellsOf']) =>
  ({ registrant, dialogue, dedupeKey, parameters }: RegistrationMail): string | null =>
    staleTransition({
      tellsOf,
      endsEntry: tellsOf === 'refused' && parameters.was_confirmed === true,
      transitionId: dedupeKey.split(':')[2]!,
      registration: registrant,
      dialogue,
    });

/** The mails that tell someone what became of their registration. */
export const confirmationKinds: RegistrationMailKind[] = [
  {
    kind: CONFIRMATION,
    stale: stale('confirmed'),
    write: confirmationMail,
    // While it is postponed its old time belongs in no calendar.
    calendar: ({ dialogue }) => (dialogue.state === 'published' ? 'REQUEST' : null),
  },
  { kind: WAITLISTED, stale: stale('waitlisted'), write: waitlistedMail },
  { kind: AWAITING_APPROVAL, stale: stale('awaiting_approval'), write: awaitingApprovalMail },
  { kind: UNDER_REVIEW, stale: stale('under_review'), write: underReviewMail },
  {
    kind: REFUSAL,
    stale: stale('refused'),
    write: refusalMail,
    calendar: ({ parameters }) => (parameters.was_confirmed ? 'CANCEL' : null),
  },
  { kind: OFFER, stale: stale('offered'), write: offerMail },
  { kind: OFFER_LAPSED, stale: stale('withdrawn'), write: offerLapsedMail },
  {
    kind: WITHDRAWAL,
    stale: ({ registrant, parameters }) =>
      staleWithdrawal({
        registration: registrant,
        wasConfirmed: parameters.was_confirmed === true,
        newerQueued: registrant.newerQueued,
      }),
    write: withdrawalMail,
    calendar: ({ parameters }) => (parameters.was_confirmed ? 'CANCEL' : null),
  },
  { kind: ADDRESS_CONFIRMATION, stale: stale('unconfirmed'), write: addressConfirmationMail },
  {
    kind: REGISTRATION_LINK,
    stale: ({ registrant, dialogue, dedupeKey, recipient }) =>
      staleRegistrationLink({
        registration: registrant,
        dialogue,
        newerQueued: registrant.newerQueued,
        generation: renewed(dedupeKey),
        isForNewAddress: isForNewAddress(dedupeKey),
        hasMovedOn: emailKey(recipient.address) !== emailKey(registrant.email),
      }),
    write: registrationLinkMail,
    calendar: (mail) => (bringsEntry(mail) ? 'REQUEST' : null),
  },
  {
    kind: CALENDAR_REMOVAL,
    stale: ({ registrant, recipient }) =>
      staleCalendarRemoval({
        isTheirsAgain: emailKey(recipient.address) === emailKey(registrant.email),
        wasWrittenTo: registrant.wasWrittenTo,
      }),
    write: calendarRemovalMail,
    calendar: () => 'CANCEL',
    // As the entry was there: nothing of what they are called and may do since then.
    reader: ({ registrant, parameters, recipient }) => ({
      ...registrant,
      honorific: null,
      name: recipient.name,
      email: recipient.address,
      state: 'withdrawn',
      mayEnter: false,
      joinGeneration: Number(parameters.join_generation),
    }),
  },
  {
    kind: JOIN_LINK,
    stale: (mail) =>
      staleJoinLink({
        registration: mail.registrant,
        dialogue: mail.dialogue,
        hasLink: joinLink(mail) !== null,
        generation: Number(mail.dedupeKey.split(':')[2]),
      }),
    write: joinLinkMail,
    calendar: () => 'REQUEST',
  },
];
