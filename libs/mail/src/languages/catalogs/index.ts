import arDialogue from './ar/dialogue.json';
import arMails from './ar/mails.json';
import arNote from './ar/note.json';
import arOrganisers from './ar/organisers.json';
import arParticipants from './ar/participants.json';
import enDialogue from './en/dialogue.json';
import enMails from './en/mails.json';
import enNote from './en/note.json';
import enOrganisers from './en/organisers.json';
import enParticipants from './en/participants.json';
import frDialogue from './fr/dialogue.json';
import frMails from './fr/mails.json';
import frNote from './fr/note.json';
import frOrganisers from './fr/organisers.json';
import frParticipants from './fr/participants.json';

const en = { ...enDialogue, ...enMails, ...enNote, ...enOrganisers, ...enParticipants };

/** A key of the catalogs. English is the measure: a key that another language lacks is a type error. */
export type MessageKey = keyof typeof en;

type Catalog = Record<MessageKey, string>;

/** Every word that a reader of pages or mails reads, by language and key; ICU MessageFormat. */
export const catalogs = {
  ar: {
    ...arDialogue,
    ...arMails,
    ...arNote,
    ...arOrganisers,
    ...arParticipants,
  } satisfies Catalog as Catalog,
  en: en satisfies Catalog as Catalog,
  fr: {
    ...frDialogue,
    ...frMails,
    ...frNote,
    ...frOrganisers,
    ...frParticipants,
  } satisfies Catalog as Catalog,
};
