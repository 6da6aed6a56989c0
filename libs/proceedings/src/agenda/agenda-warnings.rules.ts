import { agendaTimes, type Times } from '../../../dialogues/src/agenda/agenda.rules';
import { alikeAmong, folded } from '../../../platform/src/near.rules';
import { nameKey } from '../../../platform/src/keys';
import { wordsOfName } from './titles.rules';

/** What of a dialogue its agenda is compared with. */
export interface AgendaDialogue extends Times {
  timeZone: string;
  /** Whether people were told of it: in a draft nobody is invited yet. */
  isPublished: boolean;
}

/** What of a session is looked at. */
export interface WarnedSession {
  title: string;
  minutes: number;
  moderator: string | null;
  items: { title: string; minutes: number; moderator: string | null; speakers: string[] }[];
}

/** Somebody of the dialogue whom a name in the agenda may mean. */
export interface AgendaPerson {
  registrationId: string | null;
  invitationId: string | null;
  honorific: string | null;
  name: string;
  nameKey: string;
  emailKey: string;
  /** Of the registration, else of the invitation. */
  state: string;
}

/** Something to look at that forbids nothing. */
export interface AgendaWarning {
  code: AgendaWarningCode;
  /** Where it is in the agenda, a JSON Pointer (RFC 6901): `/sessions/0/items/1/speakers/0`. */
  pointer: string;
  /** What is wrong and what to do, in words. */
  detail: string;
  /** Who may be meant, the likeliest first; only where a name is doubtful. */
  candidates?: AgendaPerson[];
}

export type AgendaWarningCode =
  | 'agenda_longer_than_dialogue'
  | 'items_longer_than_session'
  | 'agenda_at_night'
  | 'speaker_in_two_places'
  | 'speaker_declined'
  | 'speaker_withdrew'
  | 'speaker_refused'
  | 'speaker_not_invited'
  | 'name_with_title'
  | 'name_in_other_order'
  | 'name_nearly_equal'
  | 'name_of_several';

/** Night by the dialogue's own clock: from 23:00 to 06:00. */
const NIGHT = { begins: 23, hours: 7 };

/** How alike two names are, 0 to 1, that a person may have meant one by the other. */
const LIKE_ENOUGH = 0.7;
/** The most people that one warning names. */
const MAX_CANDIDATES = 5;
/** The most different unknown names that are compared with everybody; an agenda has some dozens. */
const MAX_UNKNOWN_NAMES = 500;

/** Somebody who speaks or moderates, as written, and when. */
interface Slot extends Times {
  name: string;
  pointer: string;
  session: number;
  /** What they are named for: an item, or the session that they moderate. */
  title: string;
  isItem: boolean;
}

/**
 * What an organiser should look at in an agenda before somebody else finds out: times that do not fit, names that match
 * nobody, and speakers who are not coming. A moderator counts as a speaker.
 * @param people everybody who is invited to the dialogue or registered for it.
 */
export function agendaWarnings(
  dialogue: AgendaDialogue,
  sessions: readonly WarnedSession[],
  people: readonly AgendaPerson[],
): AgendaWarning[] {
  const times = agendaTimes(dialogue.startsAt, sessions);
  const slots = slotsOf(sessions, times);
  const meant = meaningOf(people);
  return [
    ...tooLong(dialogue, sessions, times),
    ...atNight(dialogue, sessions, times),
    ...slots.flatMap(({ name, pointer }) => {
      const warning = aboutName(dialogue, name, meant(name));
      return warning ? [{ pointer, ...warning }] : [];
    }),
    ...inTwoPlaces(dialogue, slots, meant),
  ];
}

type PlannedTimes = ReturnType<typeof agendaTimes>;

function tooLong(
  dialogue: AgendaDialogue,
  sessions: readonly WarnedSession[],
  times: PlannedTimes,
): AgendaWarning[] {
  const warnings: AgendaWarning[] = [];
  const endsAt = new Date(
    Math.max(dialogue.startsAt.getTime(), ...times.map((session) => endOf(session).getTime())),
  );
  if (endsAt > dialogue.endsAt) {
    const over = Math.ceil((endsAt.getTime() - dialogue.endsAt.getTime()) / 60_000);
    warnings.push({
      code: 'agenda_longer_than_dialogue',
      pointer: '/sessions',
      detail: `The agenda ends at ${clock(endsAt, dialogue)}, ${over} minutes after the dialogue. Shorten it, or let the dialogue end later.`,
    });
  }
  sessions.forEach(({ title, minutes, items }, index) => {
    const planned = items.reduce((total, item) => total + item.minutes, 0);
    if (planned <= minutes) return;
    warnings.push({
      code: 'items_longer_than_session',
      pointer: `/sessions/${index}/items`,
      detail: `The items of "${title}" take ${planned} minutes, but the session has ${minutes}.`,
    });
  });
  return warnings;
}

function atNight(
  dialogue: AgendaDialogue,
  sessions: readonly WarnedSession[],
  times: PlannedTimes,
): AgendaWarning[] {
  return sessions.flatMap(({ title }, index) => {
    const session = times[index]!;
    if (!touchesNight({ startsAt: session.startsAt, endsAt: endOf(session) }, dialogue.timeZone)) return [];
    const detail = `"${title}" runs from ${clock(session.startsAt, dialogue)} to ${clock(endOf(session), dialogue)}, which is at night. Sessions follow each other without a break; a dialogue of several days needs an agenda for each.`;
    return [{ code: 'agenda_at_night' as const, pointer: `/sessions/${index}`, detail }];
  });
}

/** Whether a period has a moment between 23:00 and 06:00 on the clocks of a zone. */
function touchesNight({ startsAt, endsAt }: Times, timeZone: string): boolean {
  const start = zoned(startsAt, timeZone);
  const end = zoned(endsAt, timeZone);
  // The night that begins the evening before is the first that can be touched.
  for (let day = start.toPlainDate().subtract({ days: 1 }); ; day = day.add({ days: 1 })) {
    const begins = day.toZonedDateTime({ timeZone, plainTime: { hour: NIGHT.begins } });
    if (Temporal.ZonedDateTime.compare(begins, end) >= 0) return false;
    const ends = day
      .add({ days: 1 })
      .toZonedDateTime({ timeZone, plainTime: { hour: (NIGHT.begins + NIGHT.hours) % 24 } });
    if (Temporal.ZonedDateTime.compare(ends, start) > 0) return true;
  }
}

/** Who has two items at once, where those of one session run into the next. To moderate a session is no item. */
function inTwoPlaces(
  dialogue: AgendaDialogue,
  slots: readonly Slot[],
  meant: (name: string) => Meaning,
): AgendaWarning[] {
  const items = slots.filter(({ isItem }) => isItem);
  const byPerson = Map.groupBy(items, ({ name }) => meant(name).identity);
  return [...byPerson.values()].flatMap((own) => {
    // Of the slots before, the one that ends last, and the one of another session that does.
    let latest: Slot | undefined;
    let latestElsewhere: Slot | undefined;
    return own
      .toSorted(
        (one, other) => one.startsAt.getTime() - other.startsAt.getTime() || one.session - other.session,
      )
      .flatMap((slot): AgendaWarning[] => {
        const before = latest?.session === slot.session ? latestElsewhere : latest;
        if (!latest || slot.endsAt > latest.endsAt) {
          if (latest && latest.session !== slot.session) latestElsewhere = latest;
          latest = slot;
        } else if (
          slot.session !== latest.session &&
          (!latestElsewhere || slot.endsAt > latestElsewhere.endsAt)
        ) {
          latestElsewhere = slot;
        }
        if (!before || before.endsAt <= slot.startsAt) return [];
        return [
          {
            code: 'speaker_in_two_places',
            pointer: slot.pointer,
            detail: `${slot.name} is named for "${slot.title}" from ${clock(slot.startsAt, dialogue)}, but also for "${before.title}" until ${clock(before.endsAt, dialogue)}.`,
          },
        ];
      });
  });
}

/** Whom a name means, or may mean. */
interface Meaning {
  /** The same for all names that mean one person. */
  identity: string;
  /** Who has the name. */
  exactly: AgendaPerson[];
  /** Where nobody has it: who may be meant, and why. */
  perhaps?: { code: 'name_with_title' | 'name_in_other_order' | 'name_nearly_equal'; people: AgendaPerson[] };
}

/** Prepares the search for whom a name means; each name is looked for once. */
function meaningOf(people: readonly AgendaPerson[]): (name: string) => Meaning {
  const ofKey = Map.groupBy(people, (person) => person.nameKey);
  const written = people.map((person) => ({ person, words: wordsOfName(person.name) }));
  const inOrder = Map.groupBy(written, ({ words }) => words.join(' '));
  const inAnyOrder = Map.groupBy(written, ({ words }) => words.toSorted().join(' '));
  const together = Map.groupBy(written, ({ words }) => words.join(''));
  const alike = alikeAmong(written.map(({ words }) => words.join(' ')));
  const ofWord = new Map<string, Set<(typeof written)[number]>>();
  for (const each of written)
    for (const word of each.words) {
      if (!ofWord.has(word)) ofWord.set(word, new Set());
      ofWord.get(word)!.add(each);
    }

  const perhaps = (name: string): Meaning['perhaps'] => {
    const words = wordsOfName(name);
    const text = words.join(' ');
    const as = (
      code: NonNullable<Meaning['perhaps']>['code'],
      found: readonly { person: AgendaPerson }[] = [],
    ) => (found.length > 0 ? { code, people: found.map(({ person }) => person) } : undefined);
    const titled = inOrder.get(text);
    // Two names without a title that differ by an accent or a sign are alike, no more.
    if (titled)
      return as(
        isTitled(name) || titled.some(({ person }) => isTitled(person.name))
          ? 'name_with_title'
          : 'name_nearly_equal',
        titled,
      );
    const reordered = inAnyOrder.get(words.toSorted().join(' '));
    if (reordered) return as('name_in_other_order', reordered);
    const shared = [...new Set(words.flatMap((word) => [...(ofWord.get(word) ?? [])]))];
    return as('name_nearly_equal', [
      ...new Set([
        ...(together.get(words.join('')) ?? []),
        ...alike(text, LIKE_ENOUGH).map((index) => written[index]!),
        ...shared.filter((each) => fits(words, each.words) || fits(each.words, words)),
      ]),
    ]);
  };

  const known = new Map<string, Meaning>();
  let unknown = 0;
  return (name) => {
    const key = nameKey(name);
    if (!known.has(key)) {
      const exactly = ofKey.get(key) ?? [];
      const other = exactly.length === 0 && unknown++ < MAX_UNKNOWN_NAMES ? perhaps(name) : undefined;
      const [only, ...more] = new Set(other?.people.map((person) => person.nameKey));
      // By a title or another order one person is meant beyond doubt; a name that is only alike may be somebody else's.
      const isSure = other && other.code !== 'name_nearly_equal' && more.length === 0;
      known.set(key, { identity: isSure ? only! : key, exactly, ...(other && { perhaps: other }) });
    }
    return known.get(key)!;
  };
}

/** Whether a name has a title in front of it or behind it. */
function isTitled(name: string): boolean {
  return wordsOfName(name).join(' ') !== folded(name);
}

/** Whether each word of the shorter name is a word of the longer one, or the first letter of one. */
function fits(shorter: readonly string[], longer: readonly string[]): boolean {
  return (
    shorter.length <= longer.length &&
    shorter.every((word) =>
      longer.some((other) => (word.length === 1 ? other.startsWith(word) : other === word)),
    )
  );
}

/** Registrations and invitations by which somebody comes, or may still come. */
const COMING = [
  'confirmed',
  'under_review',
  'offered',
  'waitlisted',
  'awaiting_approval',
  'accepted',
  'sent',
];

function aboutName(
  dialogue: AgendaDialogue,
  name: string,
  { exactly, perhaps }: Meaning,
): Omit<AgendaWarning, 'pointer'> | null {
  const coming = exactly.filter(({ state }) => COMING.includes(state));
  const several = new Set(coming.map(({ emailKey }) => emailKey));
  if (several.size > 1) {
    const detail = `${several.size} people of this dialogue are called "${name}". Write the name so that it is clear who is meant, and change it on the list of participants, too.`;
    return { code: 'name_of_several', detail, candidates: coming.slice(0, MAX_CANDIDATES) };
  }
  if (coming.length > 0) return null;
  const states = exactly.map(({ state }) => state);
  if (states.includes('withdrawn'))
    return { code: 'speaker_withdrew', detail: `${name} withdrew. Name somebody else, or ask them again.` };
  if (states.includes('refused'))
    return {
      code: 'speaker_refused',
      detail: `The registration of ${name} was refused. Name somebody else.`,
    };
  if (states.includes('declined'))
    return {
      code: 'speaker_declined',
      detail: `${name} declined the invitation. Name somebody else, or ask them again.`,
    };
  if (perhaps) {
    const candidates = perhaps.people.slice(0, MAX_CANDIDATES);
    const names = candidates.map((person) => `"${person.name}"`).join(' or ');
    const detail = `Nobody on the list of this dialogue is called "${name}". ${names} may be meant${REASONS[perhaps.code]}. Write the name as on the list, so that they get their part of the agenda.`;
    return { code: perhaps.code, detail, candidates };
  }
  if (!dialogue.isPublished) return null;
  const detail = states.includes('prepared')
    ? `The invitation of ${name} has not been sent. Send it.`
    : `${name} is neither invited to this dialogue nor registered for it. Invite them, or correct the name.`;
  return { code: 'speaker_not_invited', detail };
}

const REASONS: Record<NonNullable<Meaning['perhaps']>['code'], string> = {
  name_with_title: ': one of the two names has a title',
  name_in_other_order: ': the parts of the name are in another order',
  name_nearly_equal: '',
};

/** Everybody whom the agenda names, with where and when; a session's moderator for the whole of it. */
function slotsOf(sessions: readonly WarnedSession[], times: PlannedTimes): Slot[] {
  return sessions.flatMap(({ title, moderator, items }, session) => {
    const at = `/sessions/${session}`;
    const period = { startsAt: times[session]!.startsAt, endsAt: times[session]!.endsAt };
    return [
      ...(moderator
        ? [{ name: moderator, pointer: `${at}/moderator`, session, title, isItem: false, ...period }]
        : []),
      ...items.flatMap((item, index): Slot[] => {
        const within = { session, title: item.title, isItem: true, ...times[session]!.items[index]! };
        const itemAt = `${at}/items/${index}`;
        return [
          ...(item.moderator ? [{ name: item.moderator, pointer: `${itemAt}/moderator`, ...within }] : []),
          ...item.speakers.map((name, number) => ({
            name,
            pointer: `${itemAt}/speakers/${number}`,
            ...within,
          })),
        ];
      }),
    ];
  });
}

/** When a session is over, or its last item where that is later. */
function endOf({ endsAt, items }: PlannedTimes[number]): Date {
  return new Date(Math.max(endsAt.getTime(), ...items.map((item) => item.endsAt.getTime())));
}

function zoned(instant: Date, timeZone: string): Temporal.ZonedDateTime {
  return instant.toTemporalInstant().toZonedDateTimeISO(timeZone);
}

/** The time on the clocks of the dialogue's zone; the day, too, where it is another than that of the start. */
function clock(instant: Date, { startsAt, timeZone }: AgendaDialogue): string {
  const local = zoned(instant, timeZone);
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
  const isSameDay = local.toPlainDate().equals(zoned(startsAt, timeZone).toPlainDate());
  return isSameDay ? time : `${time} on ${local.toPlainDate()}`;
}
