import { foreign, t, type MailWriter } from '@app/mail';
import { organiserPageBlocks } from '../wording/organiser.wording';

/** Somebody whom a mail did not reach. */
export interface Unreached {
  /** As the ledger has it; may be empty. */
  name: string;
  address: string;
  /** What the other server said. */
  diagnostic: string;
}

/** What the mail to an organiser is written from. */
export interface UndeliveredMail {
  name: string;
  /** Title of the dialogue. */
  title: string;
  /** How many mails did not arrive. */
  count: number;
  /** The first of them. */
  unreached: Unreached[];
  /** The organisers' page. */
  page: string;
}

/** "These messages did not arrive": whom, what the other server said, and what to do. */
export const undeliveredMail: MailWriter<UndeliveredMail> = (mail, language) => {
  const about = { count: mail.count, title: foreign(language, mail.title) };
  const lead = t(language, 'mail.undelivered.lead', about);
  const more = mail.count - mail.unreached.length;
  return {
    subject: t(language, 'mail.undelivered.subject', about),
    preheader: lead,
    title: t(language, 'mail.undelivered.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: foreign(language, mail.name) }) },
      { kind: 'paragraph', text: lead },
      {
        kind: 'list',
        items: mail.unreached.map(({ name, address, diagnostic }) =>
          t(language, name === '' ? 'mail.undelivered.address' : 'mail.undelivered.person', {
            name: foreign(language, name),
            address: foreign(language, address),
            diagnostic: foreign(language, diagnostic),
          }),
        ),
      },
      ...(more > 0
        ? [{ kind: 'paragraph' as const, text: t(language, 'mail.undelivered.more', { count: more }) }]
        : []),
      { kind: 'paragraph', text: t(language, 'mail.undelivered.do') },
      ...organiserPageBlocks(mail.page, language),
      { kind: 'small', text: t(language, 'mail.undelivered.why') },
    ],
  };
};
