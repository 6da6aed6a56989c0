import { foreign, opening, t, type Mail, type MailBlock, type MailWriter } from '@app/mail';
import type { DialogueNow } from '../recipients/dialogues';
import { hostsFact, nameList, titleOf } from '../wording/dialogue.wording';
import { plannedFor } from '../wording/previously.wording';

/** What a cancellation is written from. */
export interface CancellationMail {
  /** Honorific and name, isolated. */
  name: string;
  /** The reader's IANA zone. */
  timeZone: string;
  dialogue: DialogueNow;
  /** The ledger's: the time that they were told, which is not always the one that was set last. */
  parameters: Mail['parameters'];
  /** Whether an entry is to leave their calendar. */
  wasConfirmed: boolean;
  /** As what they read it; a focal point with the name of the mechanism or organisation, as written. */
  reader: 'registered' | 'invited' | { focalPointOf: string };
}

/** The dialogue is cancelled: for the registered, the invited who have not answered, and the focal points. */
export const cancellationMail: MailWriter<CancellationMail> = (
  { name, timeZone, dialogue, parameters, wasConfirmed, reader },
  language,
) => {
  const title = titleOf(dialogue, language);
  const reason = dialogue.cancellationReason;
  const calendar: MailBlock[] = wasConfirmed
    ? [{ kind: 'paragraph', text: t(language, 'mail.calendar_removed') }]
    : [];
  const why =
    reader === 'registered'
      ? t(language, 'mail.why_registered')
      : reader === 'invited'
        ? t(language, 'mail.why_invited', {
            hosts: nameList(dialogue.hosts, language),
            count: dialogue.hosts.length,
          })
        : t(language, 'mail.why_focal_point', { delegation: foreign(language, reader.focalPointOf) });
  return {
    subject: t(language, 'mail.cancellation.subject', { title }),
    preheader: t(language, 'mail.cancellation.title'),
    title: t(language, 'mail.cancellation.title'),
    named: { reason, ...(typeof reader === 'object' && { delegation: reader.focalPointOf }) },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      opening(t(language, 'mail.cancellation.lead', { title })),
      {
        kind: 'facts',
        facts: [
          ...(reason ? [{ label: t(language, 'mail.reason'), values: [foreign(language, reason)] }] : []),
          ...plannedFor(parameters, language, timeZone),
          hostsFact(dialogue, language),
        ],
      },
      ...calendar,
      { kind: 'small', text: why },
    ],
  };
};
