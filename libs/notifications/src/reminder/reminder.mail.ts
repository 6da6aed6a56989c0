import { formatList, opening, t, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import {
  agendaBlocks,
  documentBlocks,
  essentials,
  ownPartBlocks,
  placeLines,
  shortTime,
  titleOf,
} from '../wording/dialogue.wording';
import { joinLink, personalButton, whyRegistered } from '../wording/registrant.wording';

/** Time, place, link to join and agenda, shortly before. It names the time and never "tomorrow": mail may be late. */
export const reminderMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const { timeZone } = registrant;
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.reminder.subject', {
      title,
      time: shortTime(language, dialogue.startsAt, timeZone),
    }),
    preheader: formatList(language, placeLines(dialogue, language), 'plain'),
    title: t(language, 'mail.reminder.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(t(language, 'mail.reminder.lead', { title })),
      { kind: 'facts', facts: essentials(dialogue, language, timeZone, { join: joinLink(mail) }) },
      ...ownPartBlocks(dialogue, registrant.nameKey, language, timeZone),
      ...agendaBlocks(dialogue, language, timeZone),
      ...documentBlocks(dialogue, language, timeZone),
      personalButton(mail, language),
      ...whyRegistered(language),
    ],
  };
};
