import type { FieldProblem } from '@app/platform';
import { nameKey } from '../../../platform/src/keys';

/** A statement as it stands in the note. `session` is the number of the agenda session, from 1. */
export interface NoteIntervention {
  session: number;
  speaker: string;
  /** chair, co-chair, national, secretariat, on behalf; another role as written. */
  capacity: string;
  /** Code of the mechanism they spoke for; null when for their country or themselves. */
  on_behalf_of: string | null;
  text: string;
  /** The moderator's reply. */
  reply: string | null;
  objectives: number[];
  principles: string[];
  commitment: NoteCommitment | null;
}

/** A promise made in an intervention. */
export interface NoteCommitment {
  kind: string;
  text: string;
  /** Calendar day, `2021-02-24`. */
  due: string | null;
}

/** What the rapporteur writes. */
export interface NoteContent {
  introduction: string;
  summaries: { session: number; text: string }[];
  interventions: NoteIntervention[];
  way_forward: string;
}

/** Someone named in the note, with what is known of them. */
export interface NamedPerson {
  honorific: string | null;
  name: string;
  functional_title: string | null;
  affiliation: string | null;
}

/** A statement in the note as read. */
export interface NoteDocumentIntervention extends Omit<
  NoteIntervention,
  'session' | 'speaker' | 'on_behalf_of'
> {
  speaker: NamedPerson;
  on_behalf_of: { code: string; name: string } | null;
}

/** An agenda session in the note as read. */
export interface NoteDocumentSession {
  number: number;
  title: string;
  /** Instants in ISO 8601, UTC. */
  starts_at: string;
  ends_at: string;
  moderator: NamedPerson | null;
  guiding_questions: string[];
  items: { title: string; moderator: NamedPerson | null; speakers: NamedPerson[] }[];
  summary: string;
  interventions: NoteDocumentIntervention[];
}

/**
 * The note for file as read, without its annex: what is frozen when it is published, so that a later change of the
 * agenda or of somebody's title does not change the record. The annex is composed when it is read, so that a
 * withdrawn consent takes effect.
 */
export interface NoteDocument {
  title: string;
  /** Instants in ISO 8601, UTC. */
  starts_at: string;
  ends_at: string;
  /** The host's IANA zone. */
  time_zone: string;
  /** Never the join link: the note is public. */
  venue: { kind: 'virtual' | 'in_person' | 'hybrid'; platform: string | null; room: string | null };
  hosts: string[];
  /** BCP 47; the first is the fallback of the page's words. */
  working_languages: string[];
  introduction: string;
  sessions: NoteDocumentSession[];
  way_forward: string;
}

/** What the note is composed of, beside the rapporteur's words. */
export interface NoteSources {
  dialogue: Omit<NoteDocument, 'introduction' | 'sessions' | 'way_forward'>;
  /** In the order of the agenda. */
  agenda: {
    title: string;
    minutes: number;
    moderator: string | null;
    guiding_questions: string[];
    items: { title: string; moderator: string | null; speakers: string[] }[];
  }[];
  mechanisms: { code: string; name: string }[];
  /** Who is meant by a name as written, where that is beyond doubt. */
  person(name: string): NamedPerson | undefined;
}

/** Spoken in one of these capacities, one speaks for a body, which must be named. */
const CAPACITIES_OF_A_MECHANISM = ['chair', 'co-chair', 'on behalf'];

/**
 * What is wrong with a content, given how many sessions the agenda has and which names mean a mechanism: every field
 * concerned, with its path.
 */
export function noteProblems(
  content: NoteContent,
  sessions: number,
  isMechanism: (name: string) => boolean,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const checkSession = (field: string, session: number) => {
    if (session >= 1 && session <= sessions) return;
    const detail =
      sessions === 0
        ? `${field} names session ${session}, but the agenda has none yet. Write the agenda first.`
        : `${field} names session ${session}, but the agenda has sessions 1 to ${sessions}. Name one of them.`;
    problems.push({ field, code: 'unknown_session', detail });
  };
  const summarised = new Set<number>();
  for (const [index, { session }] of content.summaries.entries()) {
    const field = `summaries.${index}.session`;
    checkSession(field, session);
    if (summarised.has(session)) {
      const detail = `${field} is ${session} once more. Write one summary a session.`;
      problems.push({ field, code: 'session_twice', detail });
    }
    summarised.add(session);
  }
  for (const [index, intervention] of content.interventions.entries()) {
    const path = `interventions.${index}`;
    checkSession(`${path}.session`, intervention.session);
    const field = `${path}.on_behalf_of`;
    const { on_behalf_of: mechanism, capacity } = intervention;
    if (mechanism !== null && !isMechanism(mechanism)) {
      const detail = `${field} is "${mechanism}", which is no code or name of a mechanism in your directory. Correct it, or add the mechanism first.`;
      problems.push({ field, code: 'unknown_mechanism', detail });
    }
    if (mechanism === null && CAPACITIES_OF_A_MECHANISM.includes(nameKey(capacity))) {
      const detail = `${field} is missing: who speaks as ${capacity} speaks for a mechanism. Name it, or write "national" as the capacity.`;
      problems.push({ field, code: 'mechanism_missing', detail });
    }
  }
  return problems;
}

/** Whether a note may be published now; null when it may, else a stable code. */
export function publicationVerdict(
  dialogue: { state: string; startsAt: Date },
  now: Date,
): 'dialogue_not_public' | 'dialogue_cancelled' | 'dialogue_not_begun' | null {
  if (dialogue.state === 'draft') return 'dialogue_not_public';
  if (dialogue.state === 'cancelled') return 'dialogue_cancelled';
  // A postponed dialogue has no time at which it could have begun.
  if (dialogue.state === 'postponed' || now < dialogue.startsAt) return 'dialogue_not_begun';
  return null;
}

/**
 * People by the key of their name. Of two with one name neither is taken for the one named: a note without a title is
 * better than one with somebody else's.
 */
export function peopleByName<Known extends { key: string }>(people: Known[]): Map<string, Known> {
  const byName = new Map<string, Known>();
  const ambiguous = new Set<string>();
  for (const person of people) {
    if (byName.has(person.key)) ambiguous.add(person.key);
    byName.set(person.key, person);
  }
  for (const key of ambiguous) byName.delete(key);
  return byName;
}

/** Composes the note as read. Session times follow from the planned minutes, in order from the start. */
export function composeNote(sources: NoteSources, content: NoteContent): NoteDocument {
  const named = (name: string): NamedPerson => {
    const known = sources.person(name);
    return {
      honorific: known?.honorific ?? null,
      name,
      functional_title: known?.functional_title ?? null,
      affiliation: known?.affiliation ?? null,
    };
  };
  const mechanisms = new Map(sources.mechanisms.map((mechanism) => [mechanism.code, mechanism]));
  let time = Date.parse(sources.dialogue.starts_at);
  return {
    ...sources.dialogue,
    introduction: content.introduction,
    sessions: sources.agenda.map((session, index) => {
      const starts_at = new Date(time).toISOString();
      time += session.minutes * 60_000;
      const number = index + 1;
      return {
        number,
        title: session.title,
        starts_at,
        ends_at: new Date(time).toISOString(),
        moderator: session.moderator === null ? null : named(session.moderator),
        guiding_questions: session.guiding_questions,
        items: session.items.map((item) => ({
          title: item.title,
          moderator: item.moderator === null ? null : named(item.moderator),
          speakers: item.speakers.map(named),
        })),
        summary: content.summaries.find((summary) => summary.session === number)?.text ?? '',
        interventions: content.interventions
          .filter((intervention) => intervention.session === number)
          .map(({ session: _, speaker, on_behalf_of, ...rest }) => ({
            ...rest,
            speaker: named(speaker),
            on_behalf_of:
              on_behalf_of === null
                ? null
                : (mechanisms.get(on_behalf_of) ?? { code: on_behalf_of, name: on_behalf_of }),
          })),
      };
    }),
    way_forward: content.way_forward,
  };
}
