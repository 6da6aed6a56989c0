import { foreign, t, type MailWriter } from '@app/mail';
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

/** What an invitation is written from. */
export interface InvitationMail {
  /** Honorific and name, isolated. */
  name: string;
  /** The reader's IANA zone. */
  timeZone: string;
  dialogue: DialogueNow;
  /** Their personal link. */
  url: string;
}

/** Asks someone to take part. Carries no calendar entry: people press Accept in it and believe they are registered. */
export const invitationMail: MailWriter<InvitationMail> = ({ name, timeZone, dialogue, url }, language) => {
  const hosts = { hosts: nameList(dialogue.hosts, language), count: dialogue.hosts.length };
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.invitation.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title,
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      { kind: 'paragraph', text: t(language, 'mail.invitation.lead', hosts) },
      {
        kind: 'facts',
        facts: [
          ...(dialogue.purpose
            ? [{ label: t(language, 'mail.purpose'), values: [foreign(language, dialogue.purpose)] }]
            : []),
          ...essentials(dialogue, language, timeZone, { join: false }),
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
