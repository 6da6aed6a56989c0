import { foreign, opening, t, type Mail, type MailWriter } from '@app/mail';
import { whyFocalPoint, type DelegationMail } from '../delegation/delegation.mails';
import { deadlineFact } from '../wording/deadline.wording';
import { essentials, hostsFact, shortTime, titleOf } from '../wording/dialogue.wording';
import { plannedFor, previously } from '../wording/previously.wording';

/** What telling a focal point of a change is written from. */
export interface DelegationChangeMail extends DelegationMail {
  /** `what` (see `Change`, or `postponement`) and the time that was announced before. */
  parameters: Mail['parameters'];
}

/** Another time or place, or a postponement, for a focal point who was asked to nominate. */
export const delegationChangeMail: MailWriter<DelegationChangeMail> = (mail, language) => {
  const { dialogue, timeZone, parameters } = mail;
  const title = titleOf(dialogue, language);
  const what = String(parameters.what);
  if (what === 'postponement') {
    const reason = dialogue.cancellationReason;
    return {
      subject: t(language, 'mail.postponement.subject', { title }),
      preheader: t(language, 'mail.postponement.title'),
      title: t(language, 'mail.postponement.title'),
      blocks: [
        { kind: 'paragraph', text: t(language, 'mail.greeting', { name: mail.name }) },
        { kind: 'paragraph', text: t(language, 'mail.postponement.lead', { title }) },
        {
          kind: 'facts',
          facts: [
            ...(reason ? [{ label: t(language, 'mail.reason'), values: [foreign(language, reason)] }] : []),
            ...plannedFor(parameters, language, timeZone),
            hostsFact(dialogue, language),
          ],
        },
        { kind: 'paragraph', text: t(language, 'mail.delegation_change.postponed') },
        ...whyFocalPoint(mail, language, { link: false }),
      ],
    };
  }
  const until = mail.closed
    ? []
    : [deadlineFact('delegation.until', mail.closesAt, language, dialogue.timeZone, timeZone)];
  return {
    subject: t(language, 'mail.change.subject', { what, title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title: t(language, 'mail.change.title', { what }),
    named: { delegation: mail.delegation },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: mail.name }) },
      opening(t(language, 'mail.change.lead', { what, title })),
      {
        kind: 'facts',
        facts: [
          ...essentials(dialogue, language, timeZone, { join: false }),
          ...previously(parameters, dialogue, language, timeZone),
          hostsFact(dialogue, language),
          ...until,
        ],
      },
      {
        kind: 'paragraph',
        text: t(language, mail.closed ? 'mail.delegation_change.closed' : 'mail.delegation_change.open'),
      },
      { kind: 'button', label: t(language, 'mail.silence.button'), url: mail.url },
      ...whyFocalPoint(mail, language),
    ],
  };
};
