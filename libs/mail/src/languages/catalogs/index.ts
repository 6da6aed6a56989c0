import arDelegations from './ar/delegations.json';
import arApprovals from './ar/approvals.json';
import arDialogue from './ar/dialogue.json';
import arDoor from './ar/door.json';
import arLists from './ar/lists.json';
import arMails from './ar/mails.json';
import arNote from './ar/note.json';
import arOrganisers from './ar/organisers.json';
import arParticipants from './ar/participants.json';
import arPrivacy from './ar/privacy.json';
import arSubstitutions from './ar/substitutions.json';
import arQuestions from './ar/questions.json';
import arRoles from './ar/roles.json';
import enDelegations from './en/delegations.json';
import enApprovals from './en/approvals.json';
import enDialogue from './en/dialogue.json';
import enDoor from './en/door.json';
import enLists from './en/lists.json';
import enMails from './en/mails.json';
import enNote from './en/note.json';
import enOrganisers from './en/organisers.json';
import enParticipants from './en/participants.json';
import enPrivacy from './en/privacy.json';
import enSubstitutions from './en/substitutions.json';
import enQuestions from './en/questions.json';
import enRoles from './en/roles.json';
import frDelegations from './fr/delegations.json';
import frApprovals from './fr/approvals.json';
import frDialogue from './fr/dialogue.json';
import frDoor from './fr/door.json';
import frLists from './fr/lists.json';
import frMails from './fr/mails.json';
import frNote from './fr/note.json';
import frOrganisers from './fr/organisers.json';
import frParticipants from './fr/participants.json';
import frPrivacy from './fr/privacy.json';
import frSubstitutions from './fr/substitutions.json';
import frQuestions from './fr/questions.json';
import frRoles from './fr/roles.json';

const en = {
  ...enDelegations,
  ...enApprovals,
  ...enDialogue,
  ...enLists,
  ...enMails,
  ...enNote,
  ...enOrganisers,
  ...enParticipants,
  ...enPrivacy,
  ...enQuestions,
  ...enRoles,
  ...enDoor,
  ...enSubstitutions,
};

/** A key of the catalogs. English is the measure: a key that another language lacks is a type error. */
export type MessageKey = keyof typeof en;

type Catalog = Record<MessageKey, string>;

/** Every word that a reader of pages or mails reads, by language and key; ICU MessageFormat. */
export const catalogs = {
  ar: {
    ...arDelegations,
    ...arApprovals,
    ...arDialogue,
    ...arDoor,
    ...arLists,
    ...arMails,
    ...arNote,
    ...arOrganisers,
    ...arParticipants,
    ...arPrivacy,
    ...arSubstitutions,
    ...arQuestions,
    ...arRoles,
  } satisfies Catalog as Catalog,
  en: en satisfies Catalog as Catalog,
  fr: {
    ...frDelegations,
    ...frApprovals,
    ...frDialogue,
    ...frDoor,
    ...frLists,
    ...frMails,
    ...frNote,
    ...frOrganisers,
    ...frParticipants,
    ...frPrivacy,
    ...frSubstitutions,
    ...frQuestions,
    ...frRoles,
  } satisfies Catalog as Catalog,
};
