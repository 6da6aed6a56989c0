import { foreign, opening, t, type Language, type MailBlock, type MailWriter } from '@app/mail';
import type { DelegationRole } from '@app/participants';
import type { DialogueNow } from '../recipients/dialogues';
import {
  documentBlocks,
  essentials,
  hostsFact,
  languagesFact,
  nameList,
  shortTime,
  titleOf,
} from '../wording/dialogue.wording';
import { deadlineFact } from '../wording/deadline.wording';

/** What an invitation is written from. */
export interface InvitationMail {
  /** Honorific and name, isolated. */
  name: string;
  /** The reader's IANA zone. */
  timeZone: string;
  dialogue: DialogueNow;
  /** Their personal link. */
  url: string;
  /** For which delegation they were nominated; null: invited directly. */
  nomination: Nomination | null;
  /** Until when they should answer; null: no deadline, or it has passed. */
  answerBy: Date | null;
}

/** For which delegation someone is nominated, by whom, and as what. */
export interface Nomination {
  /** Name of the mechanism or organisation, as written. */
  delegation: string;
  /** The focal point's honorific and name, when it was they. */
  by: string | null;
  role: DelegationRole | null;
}

/** Who nominated them, for which delegation and in which role; nothing for whoever is invited directly. */
export function nominationBlocks(nomination: Nomination | null, language: Language): MailBlock[] {
  if (!nomination) return [];
  const { delegation, by, role } = nomination;
  return [
    {
      kind: 'paragraph',
      text: t(language, 'mail.nominated', {
        by: by === null ? 'organiser' : 'focal_point',
        person: foreign(language, by ?? ''),
        delegation: foreign(language, delegation),
        role: role ?? 'other',
      }),
    },
  ];
}

/** Asks someone to take part. Carries no calendar entry: people press Accept in it and believe they are registered. */
export const invitationMail: MailWriter<InvitationMail> = (mail, language) => {
  const { name, timeZone, dialogue, url, nomination, answerBy } = mail;
  const hosts = { hosts: nameList(dialogue.hosts, language), count: dialogue.hosts.length };
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.invitation.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title,
    named: { answerBy },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      opening(t(language, 'mail.invitation.lead', hosts)),
      ...nominationBlocks(nomination, language),
      {
        kind: 'facts',
        facts: [
          ...(dialogue.purpose
            ? [{ label: t(language, 'mail.purpose'), values: [foreign(language, dialogue.purpose)] }]
            : []),
          ...essentials(dialogue, language, timeZone, { join: false }),
          ...(answerBy
            ? [deadlineFact('mail.answer_by', answerBy, language, dialogue.timeZone, timeZone)]
            : []),
          hostsFact(dialogue, language),
          languagesFact(dialogue, language),
        ],
      },
      { kind: 'paragraph', text: t(language, 'mail.invitation.answer') },
      { kind: 'button', label: t(language, 'mail.invitation.button'), url },
      ...documentBlocks(dialogue, language, timeZone),
      { kind: 'small', text: t(language, 'mail.personal_link') },
      { kind: 'small', text: t(language, 'mail.why_invited', hosts) },
    ],
  };
};
