import { direction, isolate, type Language } from '../languages/languages';
import type { Placeholder } from '../wordings/wordings.rules';

/** Text that leads somewhere. `url` is absolute. */
export interface MailLink {
  label: string;
  url: string;
}

/** One session of an agenda, as a reader reads it. */
export interface MailAgendaSession {
  /** "11:00–11:20". */
  times: string;
  title: string;
  /** Moderator and the like, each a line. */
  lines: string[];
  /** Items with their times and speakers. */
  items: { times: string; title: string; lines: string[] }[];
  /** What an open discussion is asked. */
  questions: string[];
}

/**
 * What a mail says, as data: the HTML part and the text part are both written from it, neither from the other.
 * Every text is in the reader's language already; texts in another script stand in isolates (see `foreign`).
 * A `code` is an address to be scanned from paper or screen, with a caption for whoever can't: it is the only picture,
 * comes inside the mail (RFC 2392), and says nothing that the text doesn't. The paragraph that is the `opening` is the one
 * that an organiser may replace by their own.
 */
export type MailBlock =
  | { kind: 'paragraph'; text: string; isOpening?: true }
  | { kind: 'heading'; text: string }
  | { kind: 'facts'; facts: { label: string; values: (string | MailLink)[] }[] }
  | { kind: 'button'; label: string; url: string }
  | { kind: 'list'; items: (string | MailLink)[] }
  | { kind: 'agenda'; sessions: MailAgendaSession[] }
  | { kind: 'code'; url: string; alt: string; caption: string }
  | { kind: 'small'; text: string };

/** A whole mail in one language. A block that several mails share (one object) is rendered once. */
export interface MailContent {
  subject: string;
  /** The line that a mailbox shows beside the subject. */
  preheader: string;
  /** The one first-level heading. */
  title: string;
  blocks: MailBlock[];
  /** What own words may name of this mail alone; the rest is the dialogue's and the reader's. */
  named?: { answerBy?: Date | null; reason?: string | null; delegation?: string };
  /** Whether it is in an organiser's own words, or is not although there are some, for want of a value. */
  wording?: 'own' | { missing: Placeholder[] };
}

/** The paragraph that an organiser may replace by their own. */
export function opening(text: string): MailBlock {
  return { kind: 'paragraph', text, isOpening: true };
}

/** A mail: what it says about these data in this language. */
export type MailWriter<Data> = (data: Data, language: Language) => MailContent;

/** Hebrew, Arabic, Syriac, Thaana, N'Ko and the like: scripts written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** Marks, embeddings, overrides and isolates of UAX 9: in a name they could turn the rest of a line around. */
const BIDI_CONTROLS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/**
 * A text that somebody else wrote (a name, a title, a room), for a sentence in this language: isolated where its
 * direction may differ from the sentence's, and free of direction marks of its own. The HTML part turns the isolates
 * into `<bdi>`.
 */
export function foreign(language: Language, text: string): string {
  const clean = text.replace(BIDI_CONTROLS, '');
  const mixed = direction(language) === 'rtl' || RIGHT_TO_LEFT.test(clean);
  return mixed ? isolate(clean) : clean;
}
