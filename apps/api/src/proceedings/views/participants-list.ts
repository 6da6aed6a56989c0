import {
  brackets,
  direction,
  formatDay,
  formatPeriod,
  formatZone,
  honoured,
  isolate,
  sign,
  t,
  type Language,
} from '@app/mail';
import type { TextSheet } from '@app/participants';
import type { Annex, AnnexEntry, ParticipantsList } from '@app/proceedings';
import { knownRole } from './known-words';

/** The list of participants in words; texts of unknown direction stand in Unicode isolates. */
export interface ListInWords {
  language: Language;
  isRightToLeft: boolean;
  /** Of the document, for its metadata: plain text. */
  title: string;
  kind: string;
  heading: string;
  when: string;
  where: string;
  asOf: string;
  hint: string;
  /** Instead of groups, when nobody may be named. */
  nobody: string | null;
  groups: { title: string | null; entries: { number: number; text: string }[] }[];
}

/** Puts the list into words, in the order and wording of the annex of a note for file (domain.md, 11). */
export function listInWords(
  list: ParticipantsList<Annex>,
  language: Language,
  now = new Date(),
): ListInWords {
  const { dialogue, over, annex } = list;
  const { kind, platform, room } = dialogue.venue;
  return {
    language,
    isRightToLeft: direction(language) === 'rtl',
    title: t(language, 'list.title_of', { title: dialogue.title }),
    kind: t(language, 'list.title'),
    heading: isolate(dialogue.title),
    when: t(language, 'dialogue.time_here', {
      time: formatPeriod(language, dialogue.startsAt, dialogue.endsAt, dialogue.timeZone),
      zone: formatZone(dialogue.timeZone, dialogue.startsAt, dialogue.endsAt),
    }),
    where: t(language, `dialogue.${kind}`, { platform: isolate(platform ?? ''), room: isolate(room ?? '') }),
    asOf: t(language, 'list.as_of', { day: formatDay(language, now, dialogue.timeZone) }),
    hint: t(language, over ? 'list.hint_after' : 'list.hint_before'),
    nobody: annex.groups.length === 0 ? t(language, 'list.nobody') : null,
    groups: annex.groups.map(({ mechanism, entries }) => ({
      title: mechanism
        ? isolate(mechanism.name)
        : annex.mechanisms.length > 0
          ? t(language, 'note.others')
          : null,
      entries: entries.map((entry) => ({ number: entry.number, text: entryInWords(entry, language) })),
    })),
  };
}

function entryInWords(entry: AnnexEntry, language: Language): string {
  const comma = sign(language, ',');
  const person = isolate(honoured(entry));
  const beside = [
    entry.role && (knownRole(language, entry.role) ?? isolate(entry.role)),
    entry.mechanism && isolate(entry.mechanism),
  ].filter(Boolean);
  const said = beside.join(comma);
  const affiliation = [
    entry.affiliation && isolate(entry.affiliation),
    said && (entry.affiliation ? brackets(language).join(said) : brackets(language).join(said).trim()),
  ].filter(Boolean);
  return [person, affiliation.join('')].filter(Boolean).join(comma);
}

/** The list as a sheet, a row for each person. */
export function listAsSheet(list: ParticipantsList<Annex>, language: Language): TextSheet {
  return {
    name: t(language, 'list.title'),
    isRightToLeft: direction(language) === 'rtl',
    columns: [
      { title: t(language, 'list.column.number'), width: 6 },
      { title: t(language, 'list.column.mechanism'), width: 34 },
      { title: t(language, 'list.column.honorific'), width: 12 },
      { title: t(language, 'list.column.name'), width: 34 },
      { title: t(language, 'list.column.affiliation'), width: 52 },
      { title: t(language, 'list.column.role'), width: 22 },
    ],
    rows: list.annex.groups.flatMap(({ mechanism, entries }) =>
      entries.map(({ number, honorific, name, affiliation, role }) => [
        String(number),
        mechanism && `${mechanism.name} (${mechanism.code})`,
        honorific,
        name,
        affiliation,
        role && (knownRole(language, role) ?? role),
      ]),
    ),
  };
}
