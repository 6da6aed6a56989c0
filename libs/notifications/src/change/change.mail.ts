import { opening, t, type MailBlock, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { essentials, hostsFact, shortTime, titleOf } from '../wording/dialogue.wording';
import { previously } from '../wording/previously.wording';
import { joinLink, personalButton, stillWaiting, whyRegistered } from '../wording/registrant.wording';

/**
 * Another time or place, with the calendar entry for the confirmed. Parameters: `what` (see `Change`) and the time that
 * was announced before.
 */
export const changeMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue, parameters } = mail;
  const { timeZone } = registrant;
  const title = titleOf(dialogue, language);
  const what = String(parameters.what);
  const standing: MailBlock[] = registrant.mayEnter
    ? [
        { kind: 'paragraph', text: t(language, 'mail.calendar_updated') },
        { kind: 'paragraph', text: t(language, 'mail.change.confirmed') },
      ]
    : [{ kind: 'paragraph', text: t(language, stillWaiting(registrant.state)) }];
  return {
    subject: t(language, 'mail.change.subject', { what, title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title: t(language, 'mail.change.title', { what }),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(t(language, 'mail.change.lead', { what, title })),
      {
        kind: 'facts',
        facts: [
          ...essentials(dialogue, language, timeZone, { join: joinLink(mail) }),
          ...previously(parameters, dialogue, language, timeZone),
          hostsFact(dialogue, language),
        ],
      },
      ...standing,
      personalButton(mail, language),
      ...whyRegistered(language),
    ],
  };
};
