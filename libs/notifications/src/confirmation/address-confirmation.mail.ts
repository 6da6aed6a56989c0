import { opening, t, type MailWriter } from '@app/mail';
import type { RegistrationMail } from '../recipients/registration-mails.service';
import { essentials, hostsFact, titleOf } from '../wording/dialogue.wording';

/**
 * Open link: "confirm your address". The personal link's page has the button while the address is unconfirmed; the
 * place is taken only then. It names nobody: the person who typed the name may not be the one who reads the mail.
 */
export const addressConfirmationMail: MailWriter<RegistrationMail> = (
  { registrant, dialogue, links },
  language,
) => {
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.address_confirmation.subject', { title }),
    preheader: t(language, 'mail.address_confirmation.next'),
    title: t(language, 'mail.address_confirmation.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting_to_anybody') },
      opening(t(language, 'mail.address_confirmation.lead', { title })),
      { kind: 'paragraph', text: t(language, 'mail.address_confirmation.next') },
      {
        kind: 'button',
        label: t(language, 'mail.address_confirmation.button'),
        url: links.registration(registrant.id, registrant.linkGeneration),
      },
      {
        kind: 'facts',
        facts: [
          ...essentials(dialogue, language, registrant.timeZone, { join: false }),
          hostsFact(dialogue, language),
        ],
      },
      { kind: 'small', text: t(language, 'mail.address_confirmation.not_you') },
    ],
  };
};
