import { foreign, opening, t, type MailBlock, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { shortTime, titleOf } from '../wording/dialogue.wording';
import { personalButton, whyRegistered } from '../wording/registrant.wording';

/** "Your substitute was not approved", with the reason; they keep the place. */
export const substitutionRefusedMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const substitution = registrant.substitution!;
  const title = titleOf(dialogue, language);
  const reason: MailBlock[] = substitution.reason
    ? [
        {
          kind: 'facts',
          facts: [{ label: t(language, 'mail.reason'), values: [foreign(language, substitution.reason)] }],
        },
      ]
    : [];
  return {
    subject: t(language, 'mail.substitution_refused.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.substitution_refused.title'),
    named: { reason: substitution.reason },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(
        t(language, 'mail.substitution_refused.lead', {
          title,
          substitute: fullName(substitution, language),
        }),
      ),
      ...reason,
      { kind: 'paragraph', text: t(language, 'mail.substitution_refused.next') },
      personalButton(mail, language),
      ...whyRegistered(language),
    ],
  };
};
