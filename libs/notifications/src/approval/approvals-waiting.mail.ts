import { foreign, honoured, t, type Language, type MailBlock, type MailWriter } from '@app/mail';
import type { Waiting } from '@app/participants';
import { organiserPageBlocks } from '../wording/organiser.wording';

/** What the mail to an approver is written from. */
export interface ApprovalsWaitingMail {
  name: string;
  /** Title of the dialogue. */
  title: string;
  /** How many registrations wait for them. */
  waiting: number;
  /** The first of them. */
  people: Waiting[];
  /** The organisers' page. */
  page: string;
}

/** "So many registrations wait for your decision", and whose. */
export const approvalsWaitingMail: MailWriter<ApprovalsWaitingMail> = (mail, language) => {
  const about = { count: mail.waiting, title: foreign(language, mail.title) };
  const lead = t(language, 'mail.approvals_waiting.lead', about);
  const more = mail.waiting - mail.people.length;
  return {
    subject: t(language, 'mail.approvals_waiting.subject', about),
    preheader: lead,
    title: t(language, 'mail.approvals_waiting.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: foreign(language, mail.name) }) },
      { kind: 'paragraph', text: lead },
      ...named(mail.people, 'awaiting_approval', language),
      ...named(mail.people, 'under_review', language),
      ...(more > 0
        ? [{ kind: 'paragraph' as const, text: t(language, 'mail.approvals_waiting.more', { count: more }) }]
        : []),
      ...organiserPageBlocks(mail.page, language),
      { kind: 'small', text: t(language, 'mail.approvals_waiting.why') },
    ],
  };
};

/** Those who wait for the same reason, under a heading; nothing when there are none. */
function named(people: Waiting[], state: Waiting['state'], language: Language): MailBlock[] {
  const items = people
    .filter((person) => person.state === state)
    .map((person) => {
      const name = foreign(language, honoured(person));
      if (!person.affiliation) return name;
      const affiliation = foreign(language, person.affiliation);
      return t(language, 'mail.approvals_waiting.person', { name, affiliation });
    });
  if (items.length === 0) return [];
  const heading = state === 'awaiting_approval' ? 'new' : 'changed';
  return [
    { kind: 'heading', text: t(language, `mail.approvals_waiting.${heading}`) },
    { kind: 'list', items },
  ];
}
