import {
  foreign,
  formatZone,
  inOwnWords,
  t,
  type Language,
  type MailContent,
  type Placeholder,
} from '@app/mail';
import type { DialogueNow } from '../recipients/dialogues';
import { nameList, placeLines, shortTime } from './dialogue.wording';

/** Whom and what own words may name. */
export interface Named {
  /** The reader's honorific and name, isolated; null in a mail that names nobody. */
  name: string | null;
  /** The reader's IANA zone. */
  timeZone: string;
  dialogue: Pick<DialogueNow, 'title' | 'startsAt' | 'timeZone' | 'venue' | 'hosts' | 'wordings'>;
}

/** A mail of a kind as its dialogue has it said: in its own words where it has some, else as it is. */
export function asWorded(
  kind: string,
  content: MailContent,
  language: Language,
  { name, timeZone, dialogue }: Named,
): MailContent {
  const words = dialogue.wordings.find((one) => one.kind === kind && one.language === language);
  if (!words) return content;
  const { answerBy, reason, delegation } = content.named ?? {};
  const time = (instant: Date, zone: string) =>
    t(language, 'dialogue.time_here', {
      time: shortTime(language, instant, zone),
      zone: formatZone(zone, instant),
    });
  const values: Record<Placeholder, () => string | null> = {
    name: () => name,
    title: () => foreign(language, dialogue.title),
    starts: () => time(dialogue.startsAt, timeZone),
    starts_host: () => time(dialogue.startsAt, dialogue.timeZone),
    place: () => placeLines(dialogue, language).join(language === 'ar' ? '، ' : ', '),
    hosts: () => nameList(dialogue.hosts, language),
    answer_by: () => (answerBy ? time(answerBy, timeZone) : null),
    reason: () => (reason ? foreign(language, reason) : null),
    delegation: () => (delegation ? foreign(language, delegation) : null),
  };
  return inOwnWords(content, words, (placeholder) => values[placeholder]());
}
