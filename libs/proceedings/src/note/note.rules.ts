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
export interface NoteDocumentIntervention<Who = NamedPerson> extends Omit<
  NoteIntervention,
  'session' | 'speaker' | 'on_behalf_of'
> {
  speaker: Who;
  on_behalf_of: { code: string; name: string } | null;
}

/** An agenda session in the note as read. */
export interface NoteDocumentSession<Who = NamedPerson> {
  number: number;
  title: string;
  /** Instants in ISO 8601, UTC. */
  starts_at: string;
  ends_at: string;
  moderator: Who | null;
  guiding_questions: string[];
  items: { title: string; moderator: Who | null; speakers: Who[] }[];
  summary: string;
  interventions: NoteDocumentIntervention<Who>[];
}

/**
 * The note for file as read, without its annex. What stands for a person depends on who holds it: what is known of
 * them, or the id of their name in a note that is published.
 */
export interface NoteDocument<Who = NamedPerson> {
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
  sessions: NoteDocumentSession<Who>[];
  way_forward: string;
}

/** What the note is composed of, beside the rapporteur's words. */
export interface NoteSources<Who = NamedPerson> {
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
  /** Who is meant by a name as written. */
  person(name: string): Who;
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
  dialogue: { state: string; endsAt: Date },
  now: Date,
): 'dialogue_not_public' | 'dialogue_cancelled' | 'dialogue_not_over' | null {
  if (dialogue.state === 'draft') return 'dialogue_not_public';
  if (dialogue.state === 'cancelled') return 'dialogue_cancelled';
  // A postponed dialogue has no time at which it could have ended.
  if (dialogue.state === 'postponed' || now < dialogue.endsAt) return 'dialogue_not_over';
  return null;
}

/** Every name that a note of this content and agenda would print in its text, as written, in the order of the note. */
export function namesIn(
  agenda: NoteSources['agenda'],
  { interventions }: Pick<NoteContent, 'interventions'>,
): string[] {
  return agenda.flatMap(({ moderator, items }, index) => [
    ...(moderator === null ? [] : [moderator]),
    ...items.flatMap((item) => [...(item.moderator === null ? [] : [item.moderator]), ...item.speakers]),
    ...interventions.filter(({ session }) => session === index + 1).map(({ speaker }) => speaker),
  ]);
}

/** Composes the note as read. Session times follow from the planned minutes, in order from the start. */
export function composeNote<Who>(sources: NoteSources<Who>, content: NoteContent): NoteDocument<Who> {
  const { person } = sources;
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
        moderator: session.moderator === null ? null : person(session.moderator),
        guiding_questions: session.guiding_questions,
        items: session.items.map((item) => ({
          title: item.title,
          moderator: item.moderator === null ? null : person(item.moderator),
          speakers: item.speakers.map(person),
        })),
        summary: content.summaries.find((summary) => summary.session === number)?.text ?? '',
        interventions: content.interventions
          .filter((intervention) => intervention.session === number)
          .map(({ session: _, speaker, on_behalf_of, ...rest }) => ({
            ...rest,
            speaker: person(speaker),
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

/** The same note with something else in the place of each person. */
export function withPeople<From, To>(note: NoteDocument<From>, to: (person: From) => To): NoteDocument<To> {
  const orNobody = (person: From | null) => (person === null ? null : to(person));
  return {
    ...note,
    sessions: note.sessions.map((session) => ({
      ...session,
      moderator: orNobody(session.moderator),
      items: session.items.map((item) => ({
        ...item,
        moderator: orNobody(item.moderator),
        speakers: item.speakers.map(to),
      })),
      interventions: session.interventions.map((intervention) => ({
        ...intervention,
        speaker: to(intervention.speaker),
      })),
    })),
  };
}
