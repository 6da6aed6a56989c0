/** A change of a zone's offset from UTC. */
interface Transition {
  /** Wall time at which it happens, by the offset before it (RFC 5545, 3.6.5). */
  local: Temporal.PlainDateTime;
  /** "+0200". */
  from: string;
  to: string;
  kind: 'STANDARD' | 'DAYLIGHT';
}

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** How long after the event its zone is still described: calendar programs show it in the weeks around, too. */
const YEARS_AFTER = 2;

const known = new Map<string, string>();

/**
 * The VTIMEZONE of an IANA zone (RFC 5545, 3.6.5) for an event, from the transitions that Temporal knows: the same
 * that gave the event its instant. What a library brings along follows another edition of the zone data; the one we
 * tried disagreed with Temporal in fifteen zones, Morocco for half the year.
 *
 * Transitions that come every year by one rule become that rule, which some programs need to recognise the zone; all
 * others, such as those around Ramadan, stand one by one.
 * @param timeZone IANA name.
 * @param start instant of the event's start; the description begins with the transition before.
 * @param end instant of its end.
 */
export function vtimezone(timeZone: string, start: Temporal.Instant, end: Temporal.Instant): string {
  const key = `${timeZone} ${start.toZonedDateTimeISO('UTC').year} ${end.toString()} ${start.toString()}`;
  let text = known.get(key);
  if (text === undefined) {
    if (known.size > 500) known.clear();
    known.set(key, (text = describe(timeZone, start, end)));
  }
  return text;
}

function describe(timeZone: string, start: Temporal.Instant, end: Temporal.Instant): string {
  const lines = ['BEGIN:VTIMEZONE', `TZID:${timeZone}`];
  const transitions = transitionsAround(timeZone, start, end);
  if (transitions.length === 0 || transitions[0]!.local.year > 1970) {
    // What holds before the first transition that is told; without it, earlier instants would have no offset.
    const offset = transitions[0]?.from ?? offsetText(start.toZonedDateTimeISO(timeZone).offset);
    lines.push(...observance('STANDARD', offset, offset, '19700101T000000'));
  }
  for (const group of yearlyGroups(transitions)) {
    const { kind, from, to, local } = group.first;
    lines.push(...observance(kind, from, to, localText(local), group.rule));
  }
  lines.push('END:VTIMEZONE');
  return lines.join('\r\n');
}

function transitionsAround(timeZone: string, start: Temporal.Instant, end: Temporal.Instant): Transition[] {
  const last = end.toZonedDateTimeISO('UTC').add({ years: YEARS_AFTER });
  let at = start.toZonedDateTimeISO(timeZone);
  // From the transition but one before the start, so that both halves of a yearly rule begin before the event.
  for (let step = 0; step < 2; step++) at = at.getTimeZoneTransition('previous') ?? at;
  const transitions: Transition[] = [];
  let next: Temporal.ZonedDateTime | null = at.subtract({ nanoseconds: 1 });
  while ((next = next.getTimeZoneTransition('next')) && Temporal.ZonedDateTime.compare(next, last) <= 0) {
    const before = next.subtract({ nanoseconds: 1 });
    // Some transitions change the name of the time and not the time.
    if (before.offsetNanoseconds === next.offsetNanoseconds) continue;
    transitions.push({
      local: before.toPlainDateTime().add({ nanoseconds: 1 }),
      from: offsetText(before.offset),
      to: offsetText(next.offset),
      kind: next.offsetNanoseconds > before.offsetNanoseconds ? 'DAYLIGHT' : 'STANDARD',
    });
  }
  return transitions;
}

/** Transitions of one kind that come every year by one rule, as one; the others alone. */
function yearlyGroups(transitions: Transition[]): { first: Transition; rule?: string }[] {
  const alike = Map.groupBy(transitions, ({ kind, from, to }) => `${kind} ${from} ${to}`);
  return [...alike.values()].flatMap((group) => {
    const rule = yearlyRule(group.map(({ local }) => local));
    return rule ? [{ first: group[0]!, rule }] : group.map((first) => ({ first }));
  });
}

/** "The last Sunday of March", if every one of these is just that and they follow year by year. */
function yearlyRule(times: Temporal.PlainDateTime[]): string | undefined {
  const first = times[0]!;
  const fits = (ordinal: number) =>
    times.length >= 2 &&
    times.every(
      (time, index) =>
        time.year === first.year + index &&
        time.month === first.month &&
        time.dayOfWeek === first.dayOfWeek &&
        time.toPlainTime().equals(first.toPlainTime()) &&
        (ordinal === -1 ? time.day + 7 > time.daysInMonth : Math.ceil(time.day / 7) === ordinal),
    );
  const ordinal = [-1, 1, 2, 3, 4].find(fits);
  return ordinal === undefined
    ? undefined
    : `RRULE:FREQ=YEARLY;BYMONTH=${first.month};BYDAY=${ordinal}${WEEKDAYS[first.dayOfWeek - 1]}`;
}

function observance(kind: string, from: string, to: string, start: string, rule?: string): string[] {
  return [
    `BEGIN:${kind}`,
    `DTSTART:${start}`,
    `TZOFFSETFROM:${from}`,
    `TZOFFSETTO:${to}`,
    ...(rule ? [rule] : []),
    `END:${kind}`,
  ];
}

/** "+02:00" as "+0200", and "-04:30:15" as "-043015". */
function offsetText(offset: string): string {
  return offset.replaceAll(':', '');
}

function localText(local: Temporal.PlainDateTime): string {
  return local.toString({ smallestUnit: 'second' }).replace(/[-:]/g, '');
}
