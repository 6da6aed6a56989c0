import {
  dateTimeFormat,
  foreign,
  formatList,
  formatPeriod,
  formatTimes,
  formatZone,
  t,
  type Language,
  type MailAgendaSession,
  type MailBlock,
  type MailLink,
} from '@app/mail';
import { remember } from '@app/platform';
import { agendaTimes, type Times } from '@app/dialogues';
import type { DialogueNow } from '../recipients/dialogues';

/** A fact of a dialogue, for a block of facts. */
export interface Fact {
  label: string;
  values: (string | MailLink)[];
}

/** "“Dialogue with …”" without the quotes: the title, isolated. */
export function titleOf(dialogue: DialogueNow, language: Language): string {
  return foreign(language, dialogue.title);
}

/** "A, B and C". */
export function nameList(names: string[], language: Language): string {
  return formatList(
    language,
    names.map((name) => foreign(language, name)),
  );
}

const periods = new Map<string, string[]>();

/**
 * When it is: in the reader's own zone first, then the host's; once when both clocks show the same.
 * @param timeZone the reader's IANA zone.
 */
export function periodLines(
  language: Language,
  period: { startsAt: Date; endsAt: Date },
  hostZone: string,
  timeZone: string,
): string[] {
  const key = [language, period.startsAt.getTime(), period.endsAt.getTime(), hostZone, timeZone].join(' ');
  // Writing a range of times takes longer than all the rest of a mail.
  return remember(periods, key, () => {
    const line = (zone: string) => ({
      time: formatPeriod(language, period.startsAt, period.endsAt, zone),
      zone: formatZone(zone, period.startsAt, period.endsAt),
    });
    const [own, hosts] = [line(timeZone), line(hostZone)];
    if (own.time === hosts.time) return [t(language, 'dialogue.time_here', hosts)];
    return [t(language, 'dialogue.time_for_you', own), t(language, 'mail.time_of_hosts', hosts)];
  });
}

const shortTimes = new Map<string, string>();

/** "Thu 28 Jan 2021, 11:00" in a zone, for subjects. */
export function shortTime(language: Language, instant: Date, timeZone: string): string {
  return remember(shortTimes, `${language} ${instant.getTime()} ${timeZone}`, () =>
    foreign(
      language,
      dateTimeFormat(language, {
        weekday: 'short',
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
        timeZone,
      }).format(instant),
    ),
  );
}

/** An instant in the reader's own zone first, then the host's; once when both clocks show the same. */
export function instantLines(
  language: Language,
  instant: Date,
  hostZone: string,
  timeZone: string,
): string[] {
  const line = (zone: string) => ({
    time: shortTime(language, instant, zone),
    zone: formatZone(zone, instant),
  });
  const [own, hosts] = [line(timeZone), line(hostZone)];
  if (own.time === hosts.time) return [t(language, 'dialogue.time_here', hosts)];
  return [t(language, 'dialogue.time_for_you', own), t(language, 'mail.time_of_hosts', hosts)];
}

/** Where it is, without the link to join. */
export function placeLines({ venue }: Pick<DialogueNow, 'venue'>, language: Language): string[] {
  const online = venue.platform
    ? t(language, 'dialogue.virtual', { platform: foreign(language, venue.platform) })
    : t(language, 'mail.online');
  const room = venue.room ? [foreign(language, venue.room)] : [];
  return { virtual: [online], in_person: room, hybrid: [...room, online] }[venue.kind];
}

/**
 * Time and place, and for the confirmed their own link to join.
 * @param options.join false or null: none.
 */
export function essentials(
  dialogue: DialogueNow,
  language: Language,
  timeZone: string,
  options: { join: string | false | null },
): Fact[] {
  const place = placeLines(dialogue, language);
  const { join } = options;
  return [
    { label: t(language, 'mail.when'), values: periodLines(language, dialogue, dialogue.timeZone, timeZone) },
    ...(place.length > 0 ? [{ label: t(language, 'mail.where'), values: place }] : []),
    ...(join ? [{ label: t(language, 'mail.join'), values: [{ label: join, url: join }] }] : []),
  ];
}

export function hostsFact(dialogue: DialogueNow, language: Language): Fact {
  return {
    label: t(language, 'mail.hosts', { count: dialogue.hosts.length }),
    values: dialogue.hosts.map((host) => foreign(language, host)),
  };
}

export function languagesFact(dialogue: DialogueNow, language: Language): Fact {
  const names = new Intl.DisplayNames(language, { type: 'language' });
  return {
    label: t(language, 'mail.working_languages'),
    values: [
      formatList(
        language,
        dialogue.workingLanguages.map((tag) => names.of(tag) ?? tag),
        'plain',
      ),
    ],
  };
}

/** Blocks that everyone with this language and zone shares: written once, and rendered once since they are the same object. */
interface SharedBlocks {
  agenda: MailBlock[];
  documents: MailBlock[];
}

/** By what they say, so that the thousands of pages of one mailing share them and a change makes new ones. */
const sharedBlocks = new Map<string, SharedBlocks>();
const contents = new WeakMap<DialogueNow, string>();

function shared(dialogue: DialogueNow, language: Language, timeZone: string): SharedBlocks {
  let content = contents.get(dialogue);
  if (content === undefined) {
    const { startsAt, endsAt, agenda, documents } = dialogue;
    contents.set(dialogue, (content = JSON.stringify([startsAt, endsAt, agenda, documents])));
  }
  return remember(sharedBlocks, `${language} ${timeZone} ${content}`, () => ({
    agenda: writeAgenda(dialogue, language, timeZone),
    documents: writeDocuments(dialogue, language),
  }));
}

/** The agenda with its times in the reader's zone; nothing when there is none. */
export function agendaBlocks(dialogue: DialogueNow, language: Language, timeZone: string): MailBlock[] {
  return shared(dialogue, language, timeZone).agenda;
}

/** Background documents; nothing when there are none. */
export function documentBlocks(dialogue: DialogueNow, language: Language, timeZone: string): MailBlock[] {
  return shared(dialogue, language, timeZone).documents;
}

function writeDocuments(dialogue: DialogueNow, language: Language): MailBlock[] {
  if (dialogue.documents.length === 0) return [];
  const items = dialogue.documents.map(({ title, url }) => ({ label: foreign(language, title), url }));
  return [
    { kind: 'heading', text: t(language, 'mail.documents') },
    { kind: 'list', items },
  ];
}

function writeAgenda(dialogue: DialogueNow, language: Language, timeZone: string): MailBlock[] {
  if (dialogue.agenda.length === 0) return [];
  const times = (part: Times, whole: Times) => formatTimes(language, part, whole, timeZone);
  const planned = agendaTimes(dialogue.startsAt, dialogue.agenda);
  const sessions: MailAgendaSession[] = dialogue.agenda.map((session, index) => ({
    times: times(planned[index]!, dialogue),
    title: foreign(language, session.title),
    lines: roles(session, language),
    items: session.items.map((item, itemIndex) => ({
      times: times(planned[index]!.items[itemIndex]!, planned[index]!),
      title: foreign(language, item.title),
      lines: roles(item, language),
    })),
    questions: session.guidingQuestions.map((question) => foreign(language, question)),
  }));
  const zone = formatZone(timeZone, dialogue.startsAt, planned.at(-1)!.endsAt);
  return [
    { kind: 'heading', text: t(language, 'mail.agenda') },
    { kind: 'small', text: t(language, 'mail.agenda_zone', { zone }) },
    { kind: 'agenda', sessions },
  ];
}

function roles(part: { moderator: string | null; speakers?: string[] }, language: Language): string[] {
  const { moderator, speakers = [] } = part;
  return [
    ...(moderator ? [t(language, 'mail.moderator', { person: foreign(language, moderator) })] : []),
    ...(speakers.length > 0
      ? [t(language, 'mail.speakers', { count: speakers.length, people: nameList(speakers, language) })]
      : []),
  ];
}

/** What the agenda expects of this person, by name, with its times in their zone; nothing when it names them nowhere. */
export function ownPartBlocks(
  dialogue: DialogueNow,
  nameKey: string,
  language: Language,
  timeZone: string,
): MailBlock[] {
  const names = (part: { moderatorKey: string | null; speakerKeys?: string[] }) =>
    part.moderatorKey === nameKey || part.speakerKeys?.includes(nameKey) === true;
  if (!dialogue.agenda.some((session) => names(session) || session.items.some(names))) return [];
  const planned = agendaTimes(dialogue.startsAt, dialogue.agenda);
  const parts = dialogue.agenda.flatMap((session, index) => [
    ...(names(session) ? [{ title: session.title, ...planned[index]! }] : []),
    ...session.items.flatMap((item, itemIndex) =>
      names(item) ? [{ title: item.title, ...planned[index]!.items[itemIndex]! }] : [],
    ),
  ]);
  return [
    { kind: 'heading', text: t(language, 'mail.your_part') },
    {
      kind: 'list',
      items: parts.map(({ title, ...part }) => {
        const times = formatTimes(language, part, dialogue, timeZone);
        return `${times}  ${foreign(language, title)}`;
      }),
    },
  ];
}
