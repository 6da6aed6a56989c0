import { opening, t, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { essentials, hostsFact, shortTime, titleOf } from '../wording/dialogue.wording';
import { personalButton, whyRegistered } from '../wording/registrant.wording';

/** "We have received it; it is being considered." No calendar entry and no link to join: those are for the confirmed. */
export const awaitingApprovalMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.awaiting_approval.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.awaiting_approval.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(t(language, 'mail.awaiting_approval.lead', { title })),
      { kind: 'paragraph', text: t(language, 'mail.awaiting_approval.next') },
      {
        kind: 'facts',
        facts: [
          ...essentials(dialogue, language, registrant.timeZone, { join: false }),
          hostsFact(dialogue, language),
        ],
      },
      personalButton(mail, language, 'mail.waitlisted.button'),
      ...whyRegistered(language),
    ],
  };
};
