import { foreign, opening, t, type MailBlock, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { shortTime, titleOf } from '../wording/dialogue.wording';
import { personalButton } from '../wording/registrant.wording';

/**
 * "You have withdrawn", or "you are no longer nominated": cancels the calendar entry where there was one (parameter
 * `was_confirmed`).
 */
export const withdrawalMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue, parameters } = mail;
  const title = titleOf(dialogue, language);
  const calendar: MailBlock[] = parameters.was_confirmed
    ? [{ kind: 'paragraph', text: t(language, 'mail.calendar_removed') }]
    : [];
  if (registrant.removedFrom !== null) {
    const delegation = foreign(language, registrant.removedFrom);
    return {
      subject: t(language, 'mail.withdrawal.removed.subject', { title }),
      preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
      title: t(language, 'mail.withdrawal.removed.title'),
      blocks: [
        { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
        { kind: 'paragraph', text: t(language, 'mail.withdrawal.removed.lead', { title, delegation }) },
        ...calendar,
        { kind: 'paragraph', text: t(language, 'mail.withdrawal.removed.ask') },
      ],
    };
  }
  const back: MailBlock[] =
    dialogue.state === 'cancelled'
      ? []
      : [
          { kind: 'paragraph', text: t(language, 'mail.withdrawal.return') },
          personalButton(mail, language, 'mail.withdrawal.button'),
          { kind: 'small', text: t(language, 'mail.personal_link') },
        ];
  return {
    subject: t(language, 'mail.withdrawal.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.withdrawal.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(t(language, 'mail.withdrawal.lead', { title })),
      ...calendar,
      ...back,
    ],
  };
};
