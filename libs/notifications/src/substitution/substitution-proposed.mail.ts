import { foreign, t, type MailBlock, type MailWriter } from '@app/mail';
import type { DialogueNow } from '../recipients/dialogues';
import { essentials, shortTime, titleOf } from '../wording/dialogue.wording';
import { organiserPageBlocks } from '../wording/organiser.wording';

/** What telling who decides of a proposed substitute is written from. */
export interface SubstitutionProposedMail {
  /** Honorific and name, isolated, as are the other two. */
  name: string;
  /** Who can't come. */
  leaver: string;
  substitute: string;
  /** The reader's IANA zone. */
  timeZone: string;
  dialogue: DialogueNow;
  /** To a focal point: the delegation's name as written, and their link. To an organiser: the organisers' page. */
  reader: { delegation: string; url: string } | { page: string };
}

/** "… proposes a substitute; please decide." */
export const substitutionProposedMail: MailWriter<SubstitutionProposedMail> = (mail, language) => {
  const { name, leaver, substitute, dialogue, timeZone, reader } = mail;
  const title = titleOf(dialogue, language);
  const decide: MailBlock[] =
    'delegation' in reader
      ? [
          {
            kind: 'paragraph',
            text: t(language, 'mail.substitution_proposed.focal_point', {
              delegation: foreign(language, reader.delegation),
              leaver,
            }),
          },
          { kind: 'button', label: t(language, 'mail.substitution_proposed.button'), url: reader.url },
          { kind: 'small', text: t(language, 'mail.focal_link') },
          {
            kind: 'small',
            text: t(language, 'mail.why_focal_point', {
              delegation: foreign(language, reader.delegation),
            }),
          },
        ]
      : [
          { kind: 'paragraph', text: t(language, 'mail.substitution_proposed.organiser') },
          ...organiserPageBlocks(reader.page, language),
          { kind: 'small', text: t(language, 'mail.substitution_proposed.why') },
        ];
  return {
    subject: t(language, 'mail.substitution_proposed.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title: t(language, 'mail.substitution_proposed.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      {
        kind: 'paragraph',
        text: t(language, 'mail.substitution_proposed.lead', { leaver, substitute, title }),
      },
      { kind: 'facts', facts: essentials(dialogue, language, timeZone, { join: false }) },
      ...decide,
    ],
  };
};
