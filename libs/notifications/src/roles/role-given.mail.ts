import { foreign, t, type MailWriter } from '@app/mail';
import type { Role } from '@app/dialogues';

/** What the mail about a role is written from. */
export interface RoleGivenMail {
  name: string;
  /** Title of the dialogue or process. */
  title: string;
  of: 'dialogue' | 'process';
  roles: Role[];
  seesSensitive: boolean;
  /** The sign-in page; the same for everyone, and no secret. */
  url: string;
}

/** What an organiser is in a dialogue or process now, and how they sign in. */
export const roleGivenMail: MailWriter<RoleGivenMail> = (
  { name, title, of, roles, seesSensitive, url },
  language,
) => {
  const lead = t(language, 'mail.role_given.lead', {
    of,
    count: roles.length,
    title: foreign(language, title),
  });
  return {
    subject: t(language, 'mail.role_given.subject', { title: foreign(language, title) }),
    preheader: lead,
    title: t(language, 'mail.role_given.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: foreign(language, name) }) },
      { kind: 'paragraph', text: lead },
      { kind: 'list', items: roles.map((role) => t(language, `mail.role_given.${role}`)) },
      ...(seesSensitive
        ? [{ kind: 'paragraph' as const, text: t(language, 'mail.role_given.sensitive') }]
        : []),
      { kind: 'paragraph', text: t(language, 'mail.role_given.sign_in') },
      { kind: 'button', label: t(language, 'mail.role_given.button'), url },
      { kind: 'small', text: t(language, 'mail.role_given.why') },
    ],
  };
};
