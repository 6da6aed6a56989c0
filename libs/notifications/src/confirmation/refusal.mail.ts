import { foreign, opening, t, type MailBlock, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { hostsFact, shortTime, titleOf } from '../wording/dialogue.wording';

/**
 * "Your registration was not accepted", with the approver's reason (parameter `reason`); takes the entry out of the
 * calendar of whoever was confirmed before (parameter `was_confirmed`).
 */
export const refusalMail: MailWriter<RegistrationMail> = ({ registrant, dialogue, parameters }, language) => {
  const title = titleOf(dialogue, language);
  const { reason } = parameters;
  const calendar: MailBlock[] = parameters.was_confirmed
    ? [{ kind: 'paragraph', text: t(language, 'mail.calendar_removed') }]
    : [];
  return {
    subject: t(language, 'mail.refusal.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.refusal.title'),
    named: { reason: typeof reason === 'string' ? reason : null },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(t(language, 'mail.refusal.lead', { title })),
      {
        kind: 'facts',
        facts: [
          ...(typeof reason === 'string' && reason
            ? [{ label: t(language, 'mail.reason'), values: [foreign(language, reason)] }]
            : []),
          hostsFact(dialogue, language),
        ],
      },
      { kind: 'paragraph', text: t(language, 'mail.refusal.next') },
      ...calendar,
    ],
  };
};
