import { calendarSequence, type CalendarEvent, type Language } from '@app/mail';
import { hasLinkToJoin, takesPart, type Attends, type RegistrationState } from '@app/participants';
import type { DialogueNow } from '../recipients/dialogues';
import type { MailLinks } from '../recipients/links.service';
import { placeLines } from '../wording/dialogue.wording';

/** Whose entry it is. */
export interface Participant {
  id: string;
  state: RegistrationState;
  /** Whether they are let in, see `LET_IN`. */
  mayEnter: boolean;
  /** In a hybrid dialogue: in the room or online. */
  attends: Attends | null;
  participationCount: number;
  /** Of their link to join. */
  joinGeneration: number;
}

interface Circumstances {
  language: Language;
  stamp: Date;
  links: MailLinks;
  /** Of the service's own address; part of the UID. */
  domain: string;
}

/**
 * What stands in a participant's calendar, whether it is mailed or fetched: the same UID and SEQUENCE, so that a program that has
 * it twice shows it once. The link to join is their own, and for those who are let in while the dialogue stands.
 */
export function participantsEvent(
  registrant: Participant,
  dialogue: DialogueNow,
  circumstances: Circumstances,
): CalendarEvent {
  const hasLink =
    registrant.mayEnter &&
    dialogue.state === 'published' &&
    hasLinkToJoin(dialogue.venue, registrant.attends);
  const { id, joinGeneration } = registrant;
  return {
    ...event(dialogue, circumstances),
    ...(hasLink && { joinUrl: circumstances.links.join(id, joinGeneration) }),
    uid: `${id}@${circumstances.domain}`,
    sequence: calendarSequence({
      scheduleRevision: dialogue.scheduleRevision,
      participationCount: registrant.participationCount,
      joinGeneration,
      withdrawn: !takesPart(registrant.state),
    }),
  };
}

/** What anybody may put into a calendar. */
export function publicEvent(dialogue: DialogueNow, circumstances: Circumstances): CalendarEvent {
  return {
    ...event(dialogue, circumstances),
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
  { language, stamp, links }: Circumstances,
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
    description: dialogue.purpose,
    page: links.dialogue(dialogue.slug),
    location: place,
  };
}
