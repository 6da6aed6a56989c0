import { t, type MailWriter } from '@app/mail';
import { fullName, type RegistrationMail } from '../recipients/registration-mails.service';
import { essentials, hostsFact, titleOf } from '../wording/dialogue.wording';
import { joinLink, personalButton } from '../wording/registrant.wording';
import { isForNewAddress, renewed } from './confirmation.rules';

const LEADS = {
  awaiting_approval: 'mail.registration_link.awaiting_approval',
  waitlisted: 'mail.registration_link.waitlisted',
  offered: 'mail.registration_link.offered',
  confirmed: 'mail.registration_link.confirmed',
  under_review: 'mail.registration_link.under_review',
  refused: 'mail.registration_link.refused',
  withdrawn: 'mail.registration_link.withdrawn',
} as const;

/**
 * Whether it changes its reader's calendar: it brings a new link to join, too, to somebody who has the old one there, or the
 * entry to somebody's new address.
 */
export function bringsEntry(mail: RegistrationMail): boolean {
  const { dialogue, registrant, dedupeKey } = mail;
  const hasEntry = registrant.mayEnter && dialogue.state === 'published';
  const isNewLinkToJoin = renewed(dedupeKey) !== null && joinLink(mail) !== null;
  return hasEntry && (isNewLinkToJoin || isForNewAddress(dedupeKey));
}

/** Their personal link: a new one, or the one they have, when they lost it or registered again; only its owner learns that. */
export const registrationLinkMail: MailWriter<RegistrationMail> = (mail, language) => {
  const { registrant, dialogue } = mail;
  const title = titleOf(dialogue, language);
  // An unconfirmed registration gets none: see its rule.
  const lead = LEADS[registrant.state as keyof typeof LEADS];
  return {
    subject: t(language, 'mail.registration_link.subject', { title }),
    preheader: t(language, lead, { title }),
    title: t(language, 'mail.registration_link.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: fullName(registrant, language) }) },
      { kind: 'paragraph', text: t(language, lead, { title }) },
      {
        kind: 'facts',
        facts: [
          ...essentials(dialogue, language, registrant.timeZone, {
            join: joinLink(mail),
          }),
          hostsFact(dialogue, language),
        ],
      },
      ...(bringsEntry(mail)
        ? [{ kind: 'paragraph' as const, text: t(language, 'mail.calendar_updated') }]
        : []),
      personalButton(mail, language),
      { kind: 'small', text: t(language, 'mail.registration_link.why') },
      { kind: 'small', text: t(language, 'mail.personal_link') },
    ],
  };
};
