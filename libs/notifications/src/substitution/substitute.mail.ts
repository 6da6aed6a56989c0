import { opening, t, type MailWriter } from '@app/mail';
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
import { personalButton } from '../wording/registrant.wording';
import { nameKey } from '@app/platform';

/** "You are named as a substitute": who named them, for what, and where to accept or decline. */
export const substituteMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const { timeZone } = registrant;
  // Erased since it was queued: the mail is as true without the name.
  const leaver = registrant.substitution?.leaver.name ? registrant.substitution.leaver : null;
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.substitute.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title: t(language, 'mail.substitute.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      opening(
        leaver
          ? t(language, 'mail.substitute.lead', { title, leaver: fullName(leaver, language) })
          : t(language, 'mail.substitute.lead.unnamed', { title }),
      ),
      {
        kind: 'facts',
        facts: [...essentials(dialogue, language, timeZone, { join: false }), hostsFact(dialogue, language)],
      },
      { kind: 'paragraph', text: t(language, 'mail.substitute.answer') },
      personalButton(mail, language, 'mail.substitute.button'),
      // The slots are theirs once they accept; the agenda names the leaver until then.
      ...(leaver ? ownPartBlocks(dialogue, nameKey(leaver.name), language, timeZone) : []),
      ...agendaBlocks(dialogue, language, timeZone),
      ...documentBlocks(dialogue, language, timeZone),
      { kind: 'small', text: t(language, 'mail.personal_link') },
      {
        kind: 'small',
        text: leaver
          ? t(language, 'mail.substitute.why', { leaver: fullName(leaver, language) })
          : t(language, 'mail.substitute.why.unnamed'),
      },
    ],
  };
};
