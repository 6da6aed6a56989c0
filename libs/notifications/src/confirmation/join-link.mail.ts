import { t, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { essentials, hostsFact, shortTime, titleOf } from '../wording/dialogue.wording';
import { joinLink } from '../wording/registrant.wording';

/**
 * "Your link to join was replaced." No personal link is in it: where that was revoked, too, it is for the organisers to
 * send, or for its owner to ask for.
 */
export const joinLinkMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const title = titleOf(dialogue, language);
  const join = joinLink(mail);
  return {
    subject: t(language, 'mail.join_link.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.join_link.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      { kind: 'paragraph', text: t(language, 'mail.join_link.lead', { title }) },
      {
        kind: 'facts',
        facts: [
          ...essentials(dialogue, language, registrant.timeZone, { join }),
          hostsFact(dialogue, language),
        ],
      },
      { kind: 'paragraph', text: t(language, 'mail.calendar_updated') },
      { kind: 'small', text: t(language, 'mail.join_with_care') },
      { kind: 'small', text: t(language, 'mail.why_registered') },
    ],
  };
};
