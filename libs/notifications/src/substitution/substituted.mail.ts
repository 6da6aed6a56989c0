import { opening, t, type MailBlock, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { shortTime, titleOf } from '../wording/dialogue.wording';

/** "A substitute takes your place"; cancels the calendar entry where there was one (parameter `was_confirmed`). */
export const substitutedMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue, parameters } = mail;
  // Erased since it was queued, or the substitution purged: the mail is as true without the name.
  const { substitution: substitute } = registrant;
  const title = titleOf(dialogue, language);
  const calendar: MailBlock[] = parameters.was_confirmed
    ? [{ kind: 'paragraph', text: t(language, 'mail.calendar_removed') }]
    : [];
  return {
    subject: t(language, 'mail.substituted.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.substituted.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(
        substitute?.name
          ? t(language, 'mail.substituted.lead', { title, substitute: fullName(substitute, language) })
          : t(language, 'mail.substituted.lead.unnamed', { title }),
      ),
      ...calendar,
    ],
  };
};
