import type { EntityManager } from 'typeorm';
import type { Words } from '@app/mail';
import type { DialogueDocument, DialogueState, Venue } from '@app/dialogues';

/** An agenda session as it stands now; minutes are planned ones. */
export interface SessionNow {
  title: string;
  minutes: number;
  moderator: string | null;
  moderatorKey: string | null;
  guidingQuestions: string[];
  items: {
    title: string;
    minutes: number;
    moderator: string | null;
    moderatorKey: string | null;
    speakers: string[];
    speakerKeys: string[];
  }[];
}

/** The own words of a dialogue for a kind of mail in a language. */
export interface DialogueWords extends Words {
  kind: string;
  language: string;
}

/** The words of dialogue `d`, as JSON, for whoever loads one. */
export const WORDINGS = `coalesce((
  SELECT jsonb_agg(jsonb_build_object('kind', w.kind, 'language', w.language, 'subject', w.subject,
    'opening', w.opening, 'closing', w.closing)) FROM mail_wordings w WHERE w.dialogue_id = d.id), '[]')`;

/** What mails say of a dialogue, as it is now. */
export interface DialogueNow {
  id: string;
  slug: string;
  title: string;
  purpose: string;
  startsAt: Date;
  endsAt: Date;
  /** The host's IANA zone. */
  timeZone: string;
  venue: Venue;
  hosts: string[];
  workingLanguages: string[];
  documents: DialogueDocument[];
  state: DialogueState;
  cancellationReason: string | null;
  scheduleRevision: number;
  /** Whether it has started, by the database's clock. */
  started: boolean;
  agenda: SessionNow[];
  /** The organisers' own words for its mails. */
  wordings: DialogueWords[];
}

/**
 * These dialogues with their agendas and own words, in one statement.
 * @param assumed what is taken to be so, to look at a mail before it is.
 */
export async function loadDialogues(
  manager: EntityManager,
  ids: string[],
  assumed: object = {},
): Promise<Map<string, DialogueNow>> {
  const rows: DialogueNow[] = await manager.query(
    `SELECT d.id, slug, d.title, purpose, starts_at AS "startsAt", ends_at AS "endsAt", time_zone AS "timeZone", venue,
       hosts, working_languages AS "workingLanguages", d.documents, state, cancellation_reason AS "cancellationReason",
       schedule_revision AS "scheduleRevision", starts_at <= now() AS started,
       coalesce((
         SELECT jsonb_agg(jsonb_build_object('title', s.title, 'minutes', s.minutes, 'moderator', s.moderator,
           'moderatorKey', s.moderator_key, 'guidingQuestions', s.guiding_questions,
           'items', coalesce((
             SELECT jsonb_agg(jsonb_build_object('title', i.title, 'minutes', i.minutes, 'moderator', i.moderator,
               'moderatorKey', i.moderator_key, 'speakers', i.speakers, 'speakerKeys', i.speaker_keys)
               ORDER BY i.position)
             FROM agenda_items i WHERE i.session_id = s.id), '[]')) ORDER BY s.position)
         FROM agenda_sessions s WHERE s.dialogue_id = d.id), '[]') AS agenda,
       ${WORDINGS} AS wordings
     FROM dialogues d WHERE d.id = ANY($1)`,
    [ids],
  );
  return new Map(rows.map((dialogue) => [dialogue.id, { ...dialogue, ...assumed }]));
}
