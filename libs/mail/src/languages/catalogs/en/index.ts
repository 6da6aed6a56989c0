import approvals from './approvals.json';
import delegations from './delegations.json';
import dialogue from './dialogue.json';
import door from './door.json';
import lists from './lists.json';
import mails from './mails.json';
import note from './note.json';
import organisers from './organisers.json';
import participants from './participants.json';
import privacy from './privacy.json';
import questions from './questions.json';
import returns from './returns.json';
import roles from './roles.json';
import substitutions from './substitutions.json';

export const en = {
  ...approvals,
  ...delegations,
  ...dialogue,
  ...door,
  ...lists,
  ...mails,
  ...note,
  ...organisers,
  ...participants,
  ...privacy,
  ...questions,
  ...returns,
  ...roles,
  ...substitutions,
};

/** A key of the catalogs. English is the measure: a key that another language lacks is a type error. */
export type MessageKey = keyof typeof en;

/** The words of one language by key, in ICU MessageFormat. */
export type Catalog = Record<MessageKey, string>;
