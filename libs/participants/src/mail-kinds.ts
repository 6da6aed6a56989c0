import { declareMailKind } from '@app/mail';

/**
 * Asks someone to take part; carries no calendar entry (design, idea 14). They have not asked for it and have no registration
 * yet, so this and whatever follows it about the invitation can be ended. Key: `invitation:<invitation>:<generation>`.
 */
export const INVITATION = declareMailKind({
  name: 'invitation',
  about: 'invitation',
  unsubscribable: true,
  ownWords: ['answer_by'],
});

/**
 * The dialogue is cancelled, for whoever was invited and has not answered. Key:
 * `invitation-cancellation:<invitation>:<schedule revision>`.
 */
export const INVITATION_CANCELLATION = declareMailKind({
  name: 'invitation-cancellation',
  about: 'invitation',
  unsubscribable: true,
  ownWords: ['reason'],
});

/**
 * "You are registered", with the calendar entry; also when they moved up from the waitlist (parameter `promoted`).
 * Key: `confirmation:<registration>:<transition>`.
 */
export const CONFIRMATION = declareMailKind({ name: 'confirmation', about: 'registration', ownWords: [] });

/** "It is full; you are on the waitlist." Key: `waitlisted:<registration>:<transition>`. */
export const WAITLISTED = declareMailKind({ name: 'waitlisted', about: 'registration', ownWords: [] });

/** "You have withdrawn"; cancels the calendar entry where there was one (parameter `was_confirmed`). Key: `withdrawal:<registration>:<transition>`. */
export const WITHDRAWAL = declareMailKind({ name: 'withdrawal', about: 'registration', ownWords: [] });

/** Open link: "confirm your address". Key: `address-confirmation:<registration>:<transition>`. */
export const ADDRESS_CONFIRMATION = declareMailKind({
  name: 'address-confirmation',
  about: 'registration',
  ownWords: [],
  namesNobody: true,
});

/** Open link, address and name known already: "you are registered, here is your link". Key holds the minute, so that a storm mails once; after a change of address, `address:<join generation>`. */
export const REGISTRATION_LINK = declareMailKind({ name: 'registration-link', about: 'registration' });

/**
 * "Your link to join was replaced", with the updated calendar entry; only of somebody who takes part and joins online. Key:
 * `join-link:<registration>:<generation of the link to join>`.
 */
export const JOIN_LINK = declareMailKind({ name: 'join-link', about: 'registration' });

/**
 * "… takes part in your place"; cancels the calendar entry where there was one (parameters `was_confirmed`,
 * `substitution_id`). Key: `substituted:<registration>:<transition>`.
 */
export const SUBSTITUTED = declareMailKind({ name: 'substituted', about: 'registration', ownWords: [] });

/**
 * "… named you as substitute; accept or decline" (parameter `substitution_id`). Key:
 * `substitute:<registration>:<transition>`.
 */
export const SUBSTITUTE = declareMailKind({ name: 'substitute', about: 'registration', ownWords: [] });

/**
 * "Your substitute was not approved, and you keep the seat", with the reason (parameter `substitution_id`). Key:
 * `substitution-refused:<registration>:<substitution>`.
 */
export const SUBSTITUTION_REFUSED = declareMailKind({
  name: 'substitution-refused',
  about: 'registration',
  ownWords: ['reason'],
});

/**
 * "… proposes a substitute; please decide", to the focal point of the delegation (parameters `delegation_id`,
 * `link_generation`), else to each organiser who may decide (parameter `organiser_id`). Key:
 * `substitution-proposed:<substitution>:<person or organiser>`.
 */
export const SUBSTITUTION_PROPOSED = declareMailKind({
  name: 'substitution-proposed',
  about: 'substitution',
});

/** "We have received your registration; it is being considered." Key: `awaiting-approval:<registration>:<transition>`. */
export const AWAITING_APPROVAL = declareMailKind({
  name: 'awaiting-approval',
  about: 'registration',
  ownWords: [],
});

/**
 * "It is being considered, and you keep your place": of a change, or of a substitute who accepted (parameter
 * `substitute`). Key: `under-review:<registration>:<transition>`.
 */
export const UNDER_REVIEW = declareMailKind({ name: 'under-review', about: 'registration', ownWords: [] });

/**
 * "Your registration was not accepted", with the reason (parameter `reason`); cancels the calendar entry where there was
 * one (parameter `was_confirmed`). Key: `refusal:<registration>:<transition>`.
 */
export const REFUSAL = declareMailKind({ name: 'refusal', about: 'registration', ownWords: ['reason'] });

/** "A place is held for you until …; do you take it?" Key: `offer:<registration>:<transition>`. */
export const OFFER = declareMailKind({ name: 'offer', about: 'registration', ownWords: ['answer_by'] });

/** "You did not take the place in time, and it went to the next." Key: `offer-lapsed:<registration>:<transition>`. */
export const OFFER_LAPSED = declareMailKind({ name: 'offer-lapsed', about: 'registration', ownWords: [] });

/**
 * To an approver: "so many registrations wait for your decision", once a day at most. Key:
 * `approvals-waiting:<dialogue>:<organiser>:<day in their zone>`.
 */
export const APPROVALS_WAITING = declareMailKind({ name: 'approvals-waiting', about: 'organiser' });

/**
 * Asks a focal point to nominate, with their link; about others' registrations, like every mail about a delegation, so all
 * of them can be ended. Key: `nomination-request:<delegation>:<generation>`.
 */
export const NOMINATION_REQUEST = declareMailKind({
  name: 'nomination-request',
  about: 'delegation',
  unsubscribable: true,
  ownWords: ['delegation', 'answer_by'],
});

/** Asks whoever is silent again, with their link. Key: `chaser:<invitation>:<generation>:<rule>`. */
export const CHASER = declareMailKind({
  name: 'chaser',
  about: 'invitation',
  unsubscribable: true,
  ownWords: ['answer_by'],
});

/** Reminds a focal point of seats that nobody is nominated for. Key: `nomination-chaser:<delegation>:<generation>:<rule>`. */
export const NOMINATION_CHASER = declareMailKind({
  name: 'nomination-chaser',
  about: 'delegation',
  unsubscribable: true,
  ownWords: ['delegation', 'answer_by'],
});

/**
 * Tells a focal point which of their nominees (parameter `invitations`, their ids) are silent. Key:
 * `silence:<delegation>:<generation>:<rule>:<instant at which the last of them was asked>`.
 */
export const SILENCE = declareMailKind({
  name: 'silence',
  about: 'delegation',
  unsubscribable: true,
  ownWords: ['delegation', 'answer_by'],
});

/**
 * Another time or place, or a postponement, for whoever was invited and has not answered (parameter `what`, and the time
 * and place that were announced before). Key: `invitation-change:<invitation>:<schedule revision>`.
 */
export const INVITATION_CHANGE = declareMailKind({
  name: 'invitation-change',
  about: 'invitation',
  unsubscribable: true,
  ownWords: [],
});

/**
 * Another time or place, or a postponement, for a focal point who was asked to nominate (parameter `what`, and the time
 * and place that were announced before). Key: `delegation-change:<delegation>:<generation>:<schedule revision>`.
 */
export const DELEGATION_CHANGE = declareMailKind({
  name: 'delegation-change',
  about: 'delegation',
  unsubscribable: true,
  ownWords: ['delegation'],
});

/**
 * The dialogue is cancelled, for a focal point who was asked to nominate. Key:
 * `delegation-cancellation:<delegation>:<generation>:<schedule revision>`.
 */
export const DELEGATION_CANCELLATION = declareMailKind({
  name: 'delegation-cancellation',
  about: 'delegation',
  unsubscribable: true,
  ownWords: ['delegation', 'reason'],
});

/**
 * Six digits that prove more than the link does; they stand nowhere but in the mail. It goes to the address on file, or
 * to the one that shall replace it. Awaited: they asked for it a moment ago, and one bounce in the past must not keep them
 * from their data. Key: `code:<personal code>`.
 */
export const PERSONAL_CODE = declareMailKind({ name: 'code', about: 'registration', awaited: true });

/**
 * "Your data are erased", the last mail, whose ledger row then forgets its reader (parameter `withdrawn`); cancels the calendar
 * entry where there was one (parameter `was_confirmed`). Key: `erased:<registration>`.
 */
export const ERASED = declareMailKind({ name: 'erased', about: 'registration' });

/**
 * To the owners of a dialogue: which personal data were removed (parameters `days`, null when an owner asked for it, and a
 * count for each kind of thing). Key: `purged:<dialogue>:<organiser>:<instant of the purge>`.
 */
export const PURGED = declareMailKind({ name: 'purged', about: 'organiser' });

/**
 * "You declined in your calendar; tell us by your link whether you can't come": nothing has changed by it. Key:
 * `calendar-reply:<registration>:<participation count>:<schedule revision>`.
 */
export const CALENDAR_REPLY = declareMailKind({ name: 'calendar-reply', about: 'registration' });

/**
 * To anyone who manages a dialogue: which of its mails wait because they could not be written. Once a day while there are any.
 * Key: `unwritten:<dialogue>:<organiser>:<day, UTC>`.
 */
export const UNWRITTEN = declareMailKind({ name: 'unwritten', about: 'organiser' });

/**
 * To the address that somebody registered had before: removes the entry from the calendar there, and says nothing else
 * (parameter `join_generation`, as it was when the entry was made). Key: `calendar-removal:<registration>:<generation>`.
 */
export const CALENDAR_REMOVAL = declareMailKind({ name: 'calendar-removal', about: 'registration' });

/**
 * To whoever manages a dialogue: which mails came back for good (parameters `first` and `last`, ids of what came back). Key:
 * `undelivered:<dialogue>:<organiser>:<last>`.
 */
export const UNDELIVERED = declareMailKind({ name: 'undelivered', about: 'organiser' });
