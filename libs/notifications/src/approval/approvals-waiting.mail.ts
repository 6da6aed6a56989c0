import { foreign, t, type MailWriter } from '@app/mail';

/** What the mail to an approver is written from. */
export interface ApprovalsWaitingMail {
  name: string;
  /** Title of the dialogue. */
  title: string;
  /** How many registrations wait for them. */
  waiting: number;
  /** The sign-in page; the same for everyone, and no secret. */
  signIn: string;
  /** Addresses of the API: who is new, and who changed what had been approved. */
  added: string;
  changed: string;
}

/** "So many registrations wait for your decision", and where to see them; no participant is named in it. */
export const approvalsWaitingMail: MailWriter<ApprovalsWaitingMail> = (mail, language) => {
  const about = { count: mail.waiting, title: foreign(language, mail.title) };
  const lead = t(language, 'mail.approvals_waiting.lead', about);
  return {
    subject: t(language, 'mail.approvals_waiting.subject', about),
    preheader: lead,
    title: t(language, 'mail.approvals_waiting.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: foreign(language, mail.name) }) },
      { kind: 'paragraph', text: lead },
      { kind: 'button', label: t(language, 'mail.approvals_waiting.button'), url: mail.signIn },
      { kind: 'paragraph', text: t(language, 'mail.approvals_waiting.how') },
      {
        kind: 'list',
        items: [
          { label: t(language, 'mail.approvals_waiting.new'), url: mail.added },
          { label: t(language, 'mail.approvals_waiting.changed'), url: mail.changed },
        ],
      },
      { kind: 'small', text: t(language, 'mail.approvals_waiting.why') },
    ],
  };
};
