import { declareMailKind } from '@app/mail';

/**
 * Time or place changed, with the calendar entry (parameter `what`, and the time and place that were announced before).
 * Key: `change:<registration>:<schedule revision>`, and for any other change that the organiser had announced `:<version>`
 * of the dialogue too.
 */
export const CHANGE = declareMailKind({ name: 'change', about: 'registration', ownWords: [] });

/** The dialogue is cancelled; cancels the calendar entry. Key: `cancellation:<registration>:<schedule revision>`. */
export const CANCELLATION = declareMailKind({
  name: 'cancellation',
  about: 'registration',
  ownWords: ['reason'],
});

/** The dialogue is postponed, no new date yet; cancels the calendar entry. Key: `postponement:<registration>:<schedule revision>`. */
export const POSTPONEMENT = declareMailKind({
  name: 'postponement',
  about: 'registration',
  ownWords: ['reason'],
});

/** A reminder (parameter `before`). Key: `reminder:<registration>:<participation count>:<schedule revision>:<before>`. */
export const REMINDER = declareMailKind({ name: 'reminder', about: 'registration', ownWords: [] });

/**
 * A role in a dialogue or a process (parameter `dialogue` or `process`, its id) was given or changed; about an
 * organiser. Key: `role-given:<organiser>:<change>`.
 */
export const ROLE_GIVEN = declareMailKind({ name: 'role-given', about: 'organiser' });
