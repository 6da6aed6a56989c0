import { foreign, formatZone, t, type MailWriter } from '@app/mail';
import { shortTime } from '../wording/dialogue.wording';

/** What the mail with a one-time link is written from. */
export interface SignInMail {
  name: string;
  /** The organiser's IANA zone. */
  timeZone: string;
  expiresAt: Date;
  url: string;
}

/** The one-time link of an organiser. Opening it shows a button; pressing that signs in. */
export const signInMail: MailWriter<SignInMail> = ({ name, timeZone, expiresAt, url }, language) => {
  const lead = t(language, 'mail.sign_in.lead', {
    time: shortTime(language, expiresAt, timeZone),
    zone: formatZone(timeZone, expiresAt),
  });
  return {
    subject: t(language, 'mail.sign_in.subject'),
    preheader: lead,
    title: t(language, 'mail.sign_in.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: foreign(language, name) }) },
      { kind: 'paragraph', text: lead },
      { kind: 'button', label: t(language, 'mail.sign_in.button'), url },
      { kind: 'small', text: t(language, 'mail.sign_in.not_you') },
    ],
  };
};
