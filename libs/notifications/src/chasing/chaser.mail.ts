import { opening, t, type MailWriter } from '@app/mail';
import { nominationBlocks, type InvitationMail } from '../invitation/invitation.mail';
import { deadlineFact } from '../wording/deadline.wording';
import { essentials, hostsFact, nameList, shortTime, titleOf } from '../wording/dialogue.wording';

/** Asks whoever has not answered again. It counts no days and blames nobody: mail may be late, or an answer under way. */
export const chaserMail: MailWriter<InvitationMail> = (mail, language) => {
  const { name, timeZone, dialogue, url, answerBy } = mail;
  const hosts = { hosts: nameList(dialogue.hosts, language), count: dialogue.hosts.length };
  const title = titleOf(dialogue, language);
  return {
    subject: t(language, 'mail.chaser.subject', { title }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title: t(language, 'mail.chaser.title'),
    named: { answerBy },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      opening(t(language, 'mail.chaser.lead', { title })),
      ...nominationBlocks(mail.nomination, language),
      {
        kind: 'facts',
        facts: [
          ...(answerBy
            ? [deadlineFact('mail.answer_by', answerBy, language, dialogue.timeZone, timeZone)]
            : []),
          ...essentials(dialogue, language, timeZone, { join: false }),
          hostsFact(dialogue, language),
        ],
      },
      { kind: 'paragraph', text: t(language, 'mail.chaser.answer') },
      { kind: 'button', label: t(language, 'mail.invitation.button'), url },
      { kind: 'small', text: t(language, 'mail.personal_link') },
      { kind: 'small', text: t(language, 'mail.why_invited', hosts) },
    ],
  };
};
