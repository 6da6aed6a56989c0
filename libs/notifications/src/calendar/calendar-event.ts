import { calendarSequence, type CalendarEvent, type Language } from '@app/mail';
import { attendsOnline, takesPart, type Attends, type RegistrationState } from '@app/participants';
import type { DialogueNow } from '../recipients/dialogues';
import { placeLines } from '../wording/dialogue.wording';

/** Whose entry it is. */
export interface Participant {
  id: string;
  state: RegistrationState;
  /** In a hybrid dialogue: in the room or online. */
  attends: Attends | null;
  participationCount: number;
}

interface Circumstances {
  language: Language;
  stamp: Date;
  /** The public page of the dialogue. */
  page: string;
  /** Of the service's own address; part of the UID. */
  domain: string;
}

/**
 * What stands in a participant's calendar, whether it is mailed or fetched: the same UID and SEQUENCE, so that a program that has
 * it twice shows it once. The link to join is for the confirmed, while the dialogue stands.
 */
export function participantsEvent(
  registrant: Participant,
  dialogue: DialogueNow,
  circumstances: Circumstances,
): CalendarEvent {
  const hasLink =
    registrant.state === 'confirmed' &&
    dialogue.state === 'published' &&
    attendsOnline(dialogue.venue, registrant.attends);
  return {
    ...event(dialogue, circumstances, hasLink ? dialogue.venue.join_url : undefined),
    uid: `${registrant.id}@${circumstances.domain}`,
    sequence: calendarSequence({
      scheduleRevision: dialogue.scheduleRevision,
      participationCount: registrant.participationCount,
      withdrawn: !takesPart(registrant.state),
    }),
  };
}

/** What anybody may put into a calendar. */
export function publicEvent(dialogue: DialogueNow, circumstances: Circumstances): CalendarEvent {
  return {
    ...event(dialogue, circumstances, undefined),
    uid: `${dialogue.id}@${circumstances.domain}`,
    sequence: dialogue.scheduleRevision,
  };
}

/**
 * A dialogue is one entry from its start to its end, also where it lasts for days: programs read one event of what is mailed,
 * and nothing says at what hour each day ends.
 */
function event(
  dialogue: DialogueNow,
  { language, stamp, page }: Circumstances,
  joinUrl: string | undefined,
): Omit<CalendarEvent, 'uid' | 'sequence'> {
  // Calendar programs know no isolates; the parts stand on their own anyway.
  const place = placeLines(dialogue, language)
    .join('; ')
    .replace(/[\u2068\u2069]/gu, '');
  return {
    stamp,
    startsAt: dialogue.startsAt,
    endsAt: dialogue.endsAt,
    timeZone: dialogue.timeZone,
    summary: dialogue.title,
    description: [dialogue.purpose, joinUrl, page].filter(Boolean).join('\n\n'),
    location: [place, joinUrl].filter(Boolean).join(' – '),
    ...(joinUrl && { url: joinUrl }),
  };
}
