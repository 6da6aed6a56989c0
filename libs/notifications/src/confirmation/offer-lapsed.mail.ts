import { opening, t, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { shortTime, titleOf } from '../wording/dialogue.wording';
import { personalButton } from '../wording/registrant.wording';

/** "You did not take the place in time": said once. */
export const offerLapsedMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.offer_lapsed.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.offer_lapsed.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(t(language, 'mail.offer_lapsed.lead', { title })),
      { kind: 'paragraph', text: t(language, 'mail.withdrawal.return') },
      personalButton(mail, language, 'mail.withdrawal.button'),
      { kind: 'small', text: t(language, 'mail.personal_link') },
    ],
  };
};
