import { t, type MailWriter } from '@app/mail';
import type { RegistrationMail } from '../recipients/registration-mails.service';
import { titleOf } from '../wording/dialogue.wording';

/**
 * "Removed from your calendar", to an address that is no longer theirs: no name, no link and no reason, since somebody else may
 * read there.
 */
export const calendarRemovalMail: MailWriter<RegistrationMail> = ({ dialogue }, language) => {
  const title = titleOf(dialogue, language);
  const lead = t(language, 'mail.calendar_removal.lead', { title });
  return {
    subject: t(language, 'mail.calendar_removal.subject', { title }),
    preheader: lead,
    title: t(language, 'mail.calendar_removal.title'),
    blocks: [{ kind: 'paragraph', text: lead }],
  };
};
