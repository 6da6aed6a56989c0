import { t, type MailWriter } from '@app/mail';
import { takesPart } from '@app/participants';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { shortTime, titleOf } from '../wording/dialogue.wording';
import { personalButton, whyRegistered } from '../wording/registrant.wording';

/** Why somebody who declined in their calendar need not be asked any more; null when they do. */
export function staleCalendarReply({ registrant, dialogue, dedupeKey }: RegistrationMail): string | null {
  if (!takesPart(registrant.state)) return 'They do not take part any more.';
  if (dialogue.state === 'cancelled') return 'The dialogue is cancelled.';
  const [, , participation, revision] = dedupeKey.split(':').map(Number);
  if (participation !== registrant.participationCount) return 'They came back since they declined.';
  if (revision !== dialogue.scheduleRevision)
    return 'They declined another time or place than the one that holds now.';
  return null;
}

/** "You declined in your calendar": nothing has changed by it, and their own link says it for certain. */
export const calendarReplyMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.calendar_reply.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, registrant.timeZone),
    title: t(language, 'mail.calendar_reply.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      { kind: 'paragraph', text: t(language, 'mail.calendar_reply.lead', { title }) },
      { kind: 'paragraph', text: t(language, 'mail.calendar_reply.ask') },
      personalButton(mail, language),
      ...whyRegistered(language),
    ],
  };
};
