import { declareMailKind } from '@app/mail';

/** Asks someone to take part; carries no calendar entry (design, idea 14). Key: `invitation:<invitation>:<generation>`. */
export const INVITATION = declareMailKind({ name: 'invitation', about: 'invitation' });

/**
 * The dialogue is cancelled, for whoever was invited and has not answered. Key:
 * `invitation-cancellation:<invitation>:<schedule revision>`.
 */
export const INVITATION_CANCELLATION = declareMailKind({
  name: 'invitation-cancellation',
  about: 'invitation',
});

/**
 * "You are registered", with the calendar entry; also when they moved up from the waitlist (parameter `promoted`).
 * Key: `confirmation:<registration>:<transition>`.
 */
export const CONFIRMATION = declareMailKind({ name: 'confirmation', about: 'registration' });

/** "It is full; you are on the waitlist." Key: `waitlisted:<registration>:<transition>`. */
export const WAITLISTED = declareMailKind({ name: 'waitlisted', about: 'registration' });

/** "You have withdrawn"; cancels the calendar entry where there was one (parameter `was_confirmed`). Key: `withdrawal:<registration>:<transition>`. */
export const WITHDRAWAL = declareMailKind({ name: 'withdrawal', about: 'registration' });

/** Open link: "confirm your address". Key: `address-confirmation:<registration>:<transition>`. */
export const ADDRESS_CONFIRMATION = declareMailKind({ name: 'address-confirmation', about: 'registration' });

/** Open link, address and name known already: "you are registered, here is your link". Key holds the minute, so that a storm mails once. */
export const REGISTRATION_LINK = declareMailKind({ name: 'registration-link', about: 'registration' });
