import { foreign, opening, t, type Mail, type MailBlock, type MailWriter } from '@app/mail';
import type { InvitationMail } from '../invitation/invitation.mail';
import { essentials, hostsFact, nameList, shortTime, titleOf } from '../wording/dialogue.wording';
import { plannedFor, previously } from '../wording/previously.wording';

/** What telling the invited of a change is written from. */
export interface InvitationChangeMail extends InvitationMail {
  /** `what` (see `Change`, or `postponement`) and the time that was announced before. */
  parameters: Mail['parameters'];
}

/** Another time or place, or a postponement, for whoever has not answered the invitation. */
export const invitationChangeMail: MailWriter<InvitationChangeMail> = (mail, language) => {
  const { name, timeZone, dialogue, url, parameters } = mail;
  const title = titleOf(dialogue, language);
  const what = String(parameters.what);
  const hosts = { hosts: nameList(dialogue.hosts, language), count: dialogue.hosts.length };
  const why: MailBlock = { kind: 'small', text: t(language, 'mail.why_invited', hosts) };
  if (what === 'postponement') {
    const reason = dialogue.cancellationReason;
    return {
      subject: t(language, 'mail.postponement.subject', { title }),
      preheader: t(language, 'mail.postponement.title'),
      title: t(language, 'mail.postponement.title'),
      blocks: [
        { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
        { kind: 'paragraph', text: t(language, 'mail.postponement.lead', { title }) },
        {
          kind: 'facts',
          facts: [
            ...(reason ? [{ label: t(language, 'mail.reason'), values: [foreign(language, reason)] }] : []),
            ...plannedFor(parameters, language, timeZone),
            hostsFact(dialogue, language),
          ],
        },
        { kind: 'paragraph', text: t(language, 'mail.invitation_change.postponed') },
        why,
      ],
    };
  }
  return {
    subject: t(language, 'mail.change.subject', { what, title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title: t(language, 'mail.change.title', { what }),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      opening(t(language, 'mail.change.lead', { what, title })),
      {
        kind: 'facts',
        facts: [
          ...essentials(dialogue, language, timeZone, { join: false }),
          ...previously(parameters, dialogue, language, timeZone),
          hostsFact(dialogue, language),
        ],
      },
      { kind: 'paragraph', text: t(language, 'mail.invitation_change.open') },
      { kind: 'button', label: t(language, 'mail.invitation.button'), url },
      { kind: 'small', text: t(language, 'mail.personal_link') },
      why,
    ],
  };
};
