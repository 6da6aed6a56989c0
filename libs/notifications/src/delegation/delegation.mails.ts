import {
  brackets,
  foreign,
  honoured,
  opening,
  sign,
  t,
  type Language,
  type MailBlock,
  type MailWriter,
} from '@app/mail';
import type { DelegationRole } from '@app/participants';
import { deadlineFact } from '../wording/deadline.wording';
import {
  documentBlocks,
  essentials,
  hostsFact,
  languagesFact,
  nameList,
  shortTime,
  titleOf,
} from '../wording/dialogue.wording';
import type { DialogueNow } from '../recipients/dialogues';

/** What a mail to a focal point is written from. */
export interface DelegationMail {
  /** Honorific and name, isolated. */
  name: string;
  /** The reader's IANA zone. */
  timeZone: string;
  dialogue: DialogueNow;
  /** Name of the mechanism or organisation, as written. */
  delegation: string;
  seats: number;
  seatsByRole: Partial<Record<DelegationRole, number>>;
  /** How many of the seats nobody is nominated for. */
  empty: number;
  /** Nominees who have not answered. */
  silent: { honorific: string | null; name: string; role: DelegationRole | null }[];
  closesAt: Date;
  closed: boolean;
  /** The focal point's link. */
  url: string;
}

/** Asks a focal point to nominate. */
export const nominationRequestMail: MailWriter<DelegationMail> = (mail, language) => {
  const { dialogue, timeZone } = mail;
  const hosts = { hosts: nameList(dialogue.hosts, language), count: dialogue.hosts.length };
  const title = titleOf(dialogue, language);
  const delegation = foreign(language, mail.delegation);
  return {
    subject: t(language, 'mail.nomination_request.subject', { title, delegation }),
    preheader: shortTime(language, dialogue.startsAt, timeZone),
    title,
    named: { delegation: mail.delegation, answerBy: mail.closesAt },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: mail.name }) },
      opening(t(language, 'mail.nomination_request.lead', { ...hosts, delegation })),
      {
        kind: 'facts',
        facts: [
          ...(dialogue.purpose
            ? [{ label: t(language, 'mail.purpose'), values: [foreign(language, dialogue.purpose)] }]
            : []),
          ...essentials(dialogue, language, timeZone, { join: false }),
          hostsFact(dialogue, language),
          languagesFact(dialogue, language),
          { label: t(language, 'delegation.seats'), values: seatLines(mail, language) },
          deadlineFact('delegation.until', mail.closesAt, language, dialogue.timeZone, timeZone),
        ],
      },
      { kind: 'paragraph', text: t(language, 'mail.nomination_request.how') },
      { kind: 'button', label: t(language, 'mail.nomination_request.button'), url: mail.url },
      ...documentBlocks(dialogue, language, timeZone),
      ...whyFocalPoint(mail, language),
    ],
  };
};

/** Reminds a focal point of seats that nobody is nominated for. */
export const nominationChaserMail: MailWriter<DelegationMail> = (mail, language) => {
  const { dialogue, timeZone } = mail;
  const title = titleOf(dialogue, language);
  const delegation = foreign(language, mail.delegation);
  const until = deadlineFact('delegation.until', mail.closesAt, language, dialogue.timeZone, timeZone);
  return {
    subject: t(language, 'mail.nomination_chaser.subject', { title, delegation }),
    preheader: `${until.label}${sign(language, ':')}${shortTime(language, mail.closesAt, timeZone)}`,
    title: t(language, 'mail.nomination_chaser.title'),
    named: { delegation: mail.delegation, answerBy: mail.closesAt },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: mail.name }) },
      opening(
        t(language, 'mail.nomination_chaser.lead', {
          title,
          delegation,
          seats: mail.seats,
          count: mail.empty,
        }),
      ),
      { kind: 'facts', facts: [until, ...essentials(dialogue, language, timeZone, { join: false })] },
      { kind: 'paragraph', text: t(language, 'mail.nomination_chaser.how') },
      { kind: 'button', label: t(language, 'mail.nomination_request.button'), url: mail.url },
      ...whyFocalPoint(mail, language),
    ],
  };
};

/** Tells a focal point which of their nominees have not answered. */
export const silenceMail: MailWriter<DelegationMail> = (mail, language) => {
  const { dialogue, timeZone, silent } = mail;
  const title = titleOf(dialogue, language);
  const delegation = foreign(language, mail.delegation);
  return {
    subject: t(language, 'mail.silence.subject', { title, delegation }),
    preheader: nameList(
      silent.map(({ name }) => name),
      language,
    ),
    title: t(language, 'mail.silence.title'),
    named: { delegation: mail.delegation, answerBy: mail.closed ? null : mail.closesAt },
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name: mail.name }) },
      opening(t(language, 'mail.silence.lead', { title, delegation, count: silent.length })),
      {
        kind: 'list',
        items: silent.map(({ honorific, name, role }) => {
          const shown = foreign(language, honoured({ honorific, name }));
          return role ? shown + brackets(language).join(t(language, `role.${role}`)) : shown;
        }),
      },
      { kind: 'paragraph', text: t(language, mail.closed ? 'mail.silence.closed' : 'mail.silence.open') },
      {
        kind: 'facts',
        facts: [
          ...(mail.closed
            ? []
            : [deadlineFact('delegation.until', mail.closesAt, language, dialogue.timeZone, timeZone)]),
          ...essentials(dialogue, language, timeZone, { join: false }),
        ],
      },
      { kind: 'button', label: t(language, 'mail.silence.button'), url: mail.url },
      ...whyFocalPoint(mail, language),
    ],
  };
};

function seatLines({ seats, seatsByRole }: DelegationMail, language: Language): string[] {
  return [
    t(language, 'delegation.seats.count', { count: seats }),
    ...(['head_of_delegation', 'member', 'adviser', 'observer'] as const).flatMap((role) => {
      const count = seatsByRole[role];
      if (count === undefined) return [];
      const key = count === 0 ? 'delegation.seats.none' : 'delegation.seats.role';
      return [t(language, key, { role: t(language, `role.${role}`), count })];
    }),
  ];
}

/** How every mail to a focal point ends; `link`: whether it carries theirs. */
export function whyFocalPoint(
  { delegation }: DelegationMail,
  language: Language,
  { link }: { link: boolean } = { link: true },
): MailBlock[] {
  return [
    ...(link ? [{ kind: 'small' as const, text: t(language, 'mail.focal_link') }] : []),
    {
      kind: 'small',
      text: t(language, 'mail.why_focal_point', { delegation: foreign(language, delegation) }),
    },
  ];
}
