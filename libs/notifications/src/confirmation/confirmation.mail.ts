import { opening, t, type MailBlock, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import {
  agendaBlocks,
  documentBlocks,
  essentials,
  hostsFact,
  ownPartBlocks,
  shortTime,
  titleOf,
} from '../wording/dialogue.wording';
import { doorBlocks, joinLink, personalButton, whyRegistered } from '../wording/registrant.wording';

/** "You are registered": at once, or having moved up from the waiting list (parameter `promoted`). */
export const confirmationMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue, parameters } = mail;
  const { timeZone } = registrant;
  const title = titleOf(dialogue, language);
  const join = joinLink(mail);
  const small: MailBlock[] = join ? [{ kind: 'small', text: t(language, 'mail.join_with_care') }] : [];
  return {
    subject: t(language, 'mail.confirmation.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title: t(language, 'mail.confirmation.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(
        t(language, parameters.promoted ? 'mail.confirmation.promoted' : 'mail.confirmation.lead', {
          title,
        }),
      ),
      {
        kind: 'facts',
        facts: [...essentials(dialogue, language, timeZone, { join }), hostsFact(dialogue, language)],
      },
      ...(dialogue.state === 'published'
        ? [{ kind: 'paragraph' as const, text: t(language, 'mail.calendar_added') }]
        : []),
      personalButton(mail, language),
      ...doorBlocks(mail, language),
      ...ownPartBlocks(dialogue, registrant.nameKey, language, timeZone),
      ...agendaBlocks(dialogue, language, timeZone),
      ...documentBlocks(dialogue, language, timeZone),
      ...small,
      ...whyRegistered(language),
    ],
  };
};
