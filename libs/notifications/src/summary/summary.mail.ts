import { foreign, formatDay, opening, t, type MailBlock, type MailWriter } from '@app/mail';
import type { NoteDocument } from '@app/proceedings';
import { nameList } from '../wording/dialogue.wording';

/** What of a note its mail says: none of it names a person of the dialogue. */
export type MailedNote = Omit<NoteDocument<unknown>, 'venue' | 'ends_at'>;

/** What the mail that brings the note is written from. */
export interface SummaryMail {
  /** Honorific and name, isolated. */
  name: string;
  note: MailedNote;
  /** The note's page. */
  url: string;
}

/** Blocks in the rapporteur's words, the same for everyone with this language. */
const shared = new WeakMap<MailedNote, Map<string, MailBlock[]>>();

function wordsOf(note: MailedNote, language: Parameters<typeof t>[0]): MailBlock[] {
  let byLanguage = shared.get(note);
  if (!byLanguage) shared.set(note, (byLanguage = new Map()));
  let blocks = byLanguage.get(language);
  if (!blocks) byLanguage.set(language, (blocks = writeWords(note, language)));
  return blocks;
}

function writeWords(note: MailedNote, language: Parameters<typeof t>[0]): MailBlock[] {
  const paragraphs = (text: string): MailBlock[] =>
    text
      .split(/\n\s*\n/)
      .filter((paragraph) => paragraph.trim() !== '')
      .map((paragraph) => ({ kind: 'paragraph', text: foreign(language, paragraph.trim()) }));
  const count = note.sessions
    .flatMap(({ interventions }) => interventions)
    .filter(({ commitment }) => commitment).length;
  return [
    ...paragraphs(note.introduction),
    { kind: 'paragraph', text: t(language, 'mail.summary.commitments', { count }) },
    ...(note.way_forward.trim() === ''
      ? []
      : [
          { kind: 'heading' as const, text: t(language, 'mail.summary.way_forward') },
          ...paragraphs(note.way_forward),
        ]),
  ];
}

/** The note for file was published: how it begins, what was promised, what comes next, and where to read it. */
export const summaryMail: MailWriter<SummaryMail> = ({ name, note, url }, language) => {
  const title = foreign(language, note.title);
  const day = foreign(language, formatDay(language, new Date(note.starts_at), note.time_zone));
  return {
    subject: t(language, 'mail.summary.subject', { title }),
    preheader: nameList(note.hosts, language),
    title: t(language, 'mail.summary.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      opening(t(language, 'mail.summary.lead', { title, day })),
      { kind: 'button', label: t(language, 'mail.summary.button'), url },
      ...wordsOf(note, language),
      { kind: 'small', text: t(language, 'mail.why_registered') },
    ],
  };
};
