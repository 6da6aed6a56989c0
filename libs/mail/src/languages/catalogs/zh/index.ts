import type { Catalog } from '../en';
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

export const zh = {
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
} satisfies Catalog;
