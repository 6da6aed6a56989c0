import { foreign, t, type MailWriter } from '@app/mail';
import { shortTime } from '../wording/dialogue.wording';
import { organiserPageBlocks } from '../wording/organiser.wording';

/** Somebody whose mail waits. */
export interface Waiting {
  /** As the ledger has it; may be empty. */
  name: string;
  address: string;
}

/** What the mail to an organiser is written from. */
export interface UnwrittenMail {
  name: string;
  /** The organiser's IANA zone. */
  timeZone: string;
  /** Title of the dialogue. */
  title: string;
  /** How many mails wait. */
  count: number;
  /** The first of them. */
  waiting: Waiting[];
  /** Since when the first waits. */
  since: Date;
  /** The organisers' page. */
  page: string;
}

/** "These messages have not been sent": whose, since when, and what to do. */
export const unwrittenMail: MailWriter<UnwrittenMail> = (mail, language) => {
  const about = {
    count: mail.count,
    title: foreign(language, mail.title),
    time: shortTime(language, mail.since, mail.timeZone),
  };
  const lead = t(language, 'mail.unwritten.lead', about);
  const more = mail.count - mail.waiting.length;
  return {
    subject: t(language, 'mail.unwritten.subject', about),
    preheader: lead,
    title: t(language, 'mail.unwritten.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: foreign(language, mail.name) }) },
      { kind: 'paragraph', text: lead },
      {
        kind: 'list',
        items: mail.waiting.map(({ name, address }) =>
          [name, address]
            .filter(Boolean)
            .map((part) => foreign(language, part))
            .join(', '),
        ),
      },
      ...(more > 0
        ? [{ kind: 'paragraph' as const, text: t(language, 'mail.undelivered.more', { count: more }) }]
        : []),
      { kind: 'paragraph', text: t(language, 'mail.unwritten.do') },
      ...organiserPageBlocks(mail.page, language),
      { kind: 'small', text: t(language, 'mail.undelivered.why') },
    ],
  };
};
