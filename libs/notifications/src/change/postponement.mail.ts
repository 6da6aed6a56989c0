import { foreign, opening, t, type MailBlock, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { hostsFact, titleOf } from '../wording/dialogue.wording';
import { plannedFor } from '../wording/previously.wording';
import { personalButton, stillWaiting, whyRegistered } from '../wording/registrant.wording';

/** Postponed, no new date yet; takes the entry out of the calendars of the confirmed. */
export const postponementMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue, parameters } = mail;
  const title = titleOf(dialogue, language);
  const reason = dialogue.cancellationReason;
  const standing: MailBlock[] = registrant.mayEnter
    ? [
        { kind: 'paragraph', text: t(language, 'mail.postponement.registration') },
        { kind: 'paragraph', text: t(language, 'mail.calendar_removed') },
      ]
    : [{ kind: 'paragraph', text: t(language, stillWaiting(registrant.state)) }];
  return {
    subject: t(language, 'mail.postponement.subject', { title }),
    preheader: t(language, 'mail.postponement.title'),
    title: t(language, 'mail.postponement.title'),
    named: { reason },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(t(language, 'mail.postponement.lead', { title })),
      {
        kind: 'facts',
        facts: [
          ...(reason ? [{ label: t(language, 'mail.reason'), values: [foreign(language, reason)] }] : []),
          ...plannedFor(parameters, language, registrant.timeZone),
          hostsFact(dialogue, language),
        ],
      },
      ...standing,
      personalButton(mail, language),
      ...whyRegistered(language),
    ],
  };
};
