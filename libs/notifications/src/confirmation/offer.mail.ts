import { opening, sign, t, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { essentials, hostsFact, instantLines, shortTime, titleOf } from '../wording/dialogue.wording';
import { personalButton, whyRegistered } from '../wording/registrant.wording';

/** "A place is held for you until …": the deadline in the reader's own time beside the host's. */
export const offerMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const { timeZone, offerExpiresAt } = registrant;
  const title = titleOf(dialogue, language);
  const deadline = offerExpiresAt && {
    label: t(language, 'mail.offer.deadline'),
    values: instantLines(language, offerExpiresAt, dialogue.timeZone, timeZone),
  };
  return {
    subject: t(language, 'mail.offer.subject', { title }),
    preheader: offerExpiresAt
      ? `${t(language, 'mail.offer.deadline')}${sign(language, ':')}${shortTime(language, offerExpiresAt, timeZone)}`
      : t(language, 'mail.offer.title'),
    title: t(language, 'mail.offer.title'),
    named: { answerBy: offerExpiresAt },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(t(language, 'mail.offer.lead', { title })),
      { kind: 'paragraph', text: t(language, 'mail.offer.next') },
      ...(deadline ? [{ kind: 'facts' as const, facts: [deadline] }] : []),
      personalButton(mail, language, 'mail.offer.button'),
      {
        kind: 'facts',
        facts: [...essentials(dialogue, language, timeZone, { join: false }), hostsFact(dialogue, language)],
      },
      ...whyRegistered(language),
    ],
  };
};
