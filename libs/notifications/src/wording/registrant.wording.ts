import { t, type Language, type MailBlock } from '@app/mail';
import type { RegistrationMail } from '../recipients/registration-mails.service';

/** The button with the reader's personal link. */
export function personalButton(
  { registrant, links }: RegistrationMail,
  language: Language,
  label:
    | 'mail.open_registration'
    | 'mail.substitute.button'
    | 'mail.waitlisted.button'
    | 'mail.withdrawal.button' = 'mail.open_registration',
): MailBlock {
  return {
    kind: 'button',
    label: t(language, label),
    url: links.registration(registrant.id, registrant.linkGeneration),
  };
}

const small = new Map<Language, MailBlock[]>();

/** What the personal link is, and why they are written to. The same blocks in every mail, so rendered once. */
export function whyRegistered(language: Language): MailBlock[] {
  let blocks = small.get(language);
  if (!blocks) {
    blocks = [
      { kind: 'small', text: t(language, 'mail.personal_link') },
      { kind: 'small', text: t(language, 'mail.why_registered') },
    ];
    small.set(language, blocks);
  }
  return blocks;
}
