import { opening, t, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { essentials, hostsFact, shortTime, titleOf } from '../wording/dialogue.wording';
import { personalButton, whyRegistered } from '../wording/registrant.wording';

/**
 * "It is being considered, and you keep your place": what they changed, or that they come as a substitute (parameter
 * `substitute`). No calendar entry and no link to join: the confirmation that follows has both.
 */
export const underReviewMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue, parameters } = mail;
  const title = titleOf(dialogue, language);
  const lead = parameters.substitute ? 'mail.under_review.substitute' : 'mail.under_review.lead';
  return {
    subject: t(language, 'mail.under_review.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.under_review.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      // Words for who changed something would say the wrong thing to a substitute.
      parameters.substitute
        ? { kind: 'paragraph', text: t(language, lead, { title }) }
        : opening(t(language, lead, { title })),
      { kind: 'paragraph', text: t(language, 'mail.under_review.next') },
      {
        kind: 'facts',
        facts: [
          ...essentials(dialogue, language, registrant.timeZone, { join: false }),
          hostsFact(dialogue, language),
        ],
      },
      personalButton(mail, language),
      ...whyRegistered(language),
    ],
  };
};
