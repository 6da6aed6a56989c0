import { DocumentDto } from '../../dialogues/dto/dialogue.dto';

/** How a dialogue is held, without the link to join. */
export class PublicVenue {
  kind: 'virtual' | 'in_person' | 'hybrid';
  platform: string | null;
  room: string | null;
}

/** What anybody may know of a published dialogue. */
export class PublicDialogueAnswer {
  slug: string;
  state: 'published' | 'postponed' | 'cancelled';
  /** Why it was postponed or cancelled. */
  reason: string | null;
  /** Whether its end has passed. */
  over: boolean;
  title: string;
  purpose: string;
  /** The host's. */
  time_zone: string;
  /** Instant, ISO 8601, UTC; null while a new date is looked for. */
  starts_at: string | null;
  ends_at: string | null;
  venue: PublicVenue;
  hosts: string[];
  working_languages: string[];
  documents: DocumentDto[];
  registration: 'invitation' | 'open';
}

export class PublicItem {
  title: string;
  /** Planned minutes. */
  minutes: number;
  moderator: string | null;
  speakers: string[];
  documents: DocumentDto[];
  /** Derived from the durations before it, ISO 8601, UTC; null while a new date is looked for. */
  starts_at: string | null;
  ends_at: string | null;
}

export class PublicSession {
  title: string;
  /** Planned minutes. */
  minutes: number;
  moderator: string | null;
  guiding_questions: string[];
  items: PublicItem[];
  /** Derived from the durations before it, ISO 8601, UTC; null while a new date is looked for. */
  starts_at: string | null;
  ends_at: string | null;
}

export class PublicAgenda {
  /** In their order. */
  sessions: PublicSession[];
}
