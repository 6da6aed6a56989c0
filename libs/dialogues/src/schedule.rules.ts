import type { FieldProblem } from '@app/platform';
import { canonicalTimeZone } from '../../directory/src/tags.rules';

/** When a dialogue is, as the host's clock shows it. */
export interface WallSchedule {
  /** `2027-01-28T11:00`, seconds allowed. */
  startsAtLocal: string;
  endsAtLocal: string;
  /** The host's IANA zone. */
  timeZone: string;
}

/** The instants behind the wall times, and the zone by its canonical name (`africa/cairo` is `Africa/Cairo`). */
export interface Instants {
  startsAt: Date;
  endsAt: Date;
  timeZone: string;
}

const WALL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

/**
 * The instants of a schedule (design, idea 9), or all that is wrong with it. A wall time that a change of the clocks
 * skips or repeats is refused rather than guessed.
 */
export function readSchedule(schedule: WallSchedule): Instants | { errors: FieldProblem[] } {
  const timeZone = canonicalTimeZone(schedule.timeZone);
  if (!timeZone) {
    return {
      errors: [
        problem(
          'time_zone',
          'time_zone_unknown',
          `time_zone "${schedule.timeZone}" is no time zone. Give its IANA name, such as Africa/Cairo, not an abbreviation or an offset.`,
        ),
      ],
    };
  }
  const start = readWallTime('starts_at_local', schedule.startsAtLocal, timeZone);
  const end = readWallTime('ends_at_local', schedule.endsAtLocal, timeZone);
  const errors = [start, end].filter((read) => 'code' in read);
  if ('code' in start || 'code' in end) return { errors };
  if (end.instant <= start.instant) {
    return {
      errors: [
        problem(
          'ends_at_local',
          'end_not_after_start',
          'ends_at_local must be after starts_at_local. Give a later end, with its date.',
        ),
      ],
    };
  }
  return { startsAt: new Date(start.instant), endsAt: new Date(end.instant), timeZone };
}

/** A new time must lie ahead. @returns what is wrong, or null */
export function mustLieAhead(startsAt: Date, now: Date): FieldProblem | null {
  if (startsAt > now) return null;
  return problem(
    'starts_at_local',
    'in_the_past',
    `starts_at_local is in the past: it was ${startsAt.toISOString()}. Give a time that is still to come.`,
  );
}

/**
 * The instant, in milliseconds since 1970, of a wall time in a zone, or what is wrong with it. One that a change of the
 * clocks skips or repeats is refused rather than guessed.
 */
export function readWallTime(
  field: string,
  text: string,
  timeZone: string,
): { instant: number } | FieldProblem {
  const wall = parseWallTime(text);
  if (!wall) {
    return problem(
      field,
      'wall_time_malformed',
      `${field} must be a date and time as the host's clock shows it, such as 2027-01-28T11:00, without offset or Z.`,
    );
  }
  const earlier = wall.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const later = wall.toZonedDateTime(timeZone, { disambiguation: 'later' });
  if (earlier.epochMilliseconds === later.epochMilliseconds) return { instant: earlier.epochMilliseconds };
  const inUtc = (time: Temporal.ZonedDateTime) => time.toInstant().toString({ smallestUnit: 'minute' });
  const shown = (time: { toPlainDateTime(): { toString(o: object): string } }) =>
    time.toPlainDateTime().toString({ smallestUnit: 'minute' });
  if (!earlier.toPlainDateTime().equals(wall)) {
    return problem(
      field,
      'wall_time_does_not_exist',
      `${field} ${text} does not exist in ${timeZone}: the clocks are put forward over it. Give ${shown(later)} or ${shown(earlier)} instead.`,
    );
  }
  return problem(
    field,
    'wall_time_ambiguous',
    `${field} ${text} happens twice in ${timeZone}: the clocks are put back over it. Give a time outside that hour, or set time_zone to UTC and write the whole schedule in it: this is ${inUtc(earlier)} or ${inUtc(later)}, without the Z.`,
  );
}

/** The instants that follow from a dialogue's wall times. */
export interface DerivedInstants {
  startsAt: Date;
  endsAt: Date;
  answersDueAt: Date | null;
}

/**
 * The instants of wall times that were accepted long ago, by the rules that their zone has today. Where those have come to
 * skip or repeat the hour nobody is asked: a calendar program reads it so too (RFC 5545, 3.3.5), the first of two, or as
 * far after the gap as it would be into it.
 */
export function instantsByRules(
  schedule: WallSchedule & { answersDueAtLocal: string | null },
): DerivedInstants {
  const instant = (local: string): Date =>
    new Date(Temporal.PlainDateTime.from(local).toZonedDateTime(schedule.timeZone).epochMilliseconds);
  const startsAt = instant(schedule.startsAtLocal);
  const endsAt = instant(schedule.endsAtLocal);
  return {
    startsAt,
    // A meeting of which new rules would leave nothing still has to have an end.
    endsAt: endsAt > startsAt ? endsAt : new Date(startsAt.getTime() + lengthOnTheClock(schedule)),
    answersDueAt: schedule.answersDueAtLocal === null ? null : instant(schedule.answersDueAtLocal),
  };
}

/** In milliseconds. */
function lengthOnTheClock({ startsAtLocal, endsAtLocal }: WallSchedule): number {
  return Temporal.PlainDateTime.from(startsAtLocal)
    .until(Temporal.PlainDateTime.from(endsAtLocal))
    .total('milliseconds');
}

function parseWallTime(text: string) {
  if (!WALL_TIME.test(text)) return null;
  try {
    return Temporal.PlainDateTime.from(text, { overflow: 'reject' });
  } catch {
    return null;
  }
}

function problem(field: string, code: string, detail: string): FieldProblem {
  return { field, code, detail };
}
