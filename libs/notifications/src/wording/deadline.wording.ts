import { t, type Language, type MessageKey } from '@app/mail';
import { periodLines, type Fact } from './dialogue.wording';

/** A deadline in the reader's own zone first, then the host's. */
export function deadlineFact(
  label: MessageKey,
  deadline: Date,
  language: Language,
  hostZone: string,
  timeZone: string,
): Fact {
  const moment = { startsAt: deadline, endsAt: deadline };
  return { label: t(language, label), values: periodLines(language, moment, hostZone, timeZone) };
}
