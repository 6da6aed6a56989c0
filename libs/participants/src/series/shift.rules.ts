/** A wall time with its instant. */
export interface Deadline {
  /** `2027-01-28T11:00`, in the zone it was derived for. */
  local: string;
  instant: Date;
}

/** How many calendar days lie between two wall times. */
export function daysBetween(fromLocal: string, toLocal: string): number {
  return Temporal.PlainDateTime.from(fromLocal)
    .toPlainDate()
    .until(Temporal.PlainDateTime.from(toLocal).toPlainDate()).days;
}

/** A start and the wall-clock length of another meeting give an end. */
export function endOfSameLength(
  source: { startsAtLocal: string; endsAtLocal: string },
  startsAtLocal: string,
): string {
  const length = Temporal.PlainDateTime.from(source.startsAtLocal).until(
    Temporal.PlainDateTime.from(source.endsAtLocal),
  );
  return written(Temporal.PlainDateTime.from(startsAtLocal).add(length));
}

/**
 * The same deadline so many calendar days on, at the same hour of the host's clock. An hour that the clocks skip that
 * day becomes the one they show instead; of one that they repeat it is the first.
 * @returns null when there was none, when it would have passed already, or when it would come after the start: a deadline
 * that nobody could keep is none.
 */
export function shifted(
  local: string | null,
  days: number,
  timeZone: string,
  { now, startsAt }: { now: Date; startsAt: Date },
): Deadline | null {
  if (local === null) return null;
  const moved = Temporal.PlainDateTime.from(local).add({ days }).toZonedDateTime(timeZone);
  if (moved.epochMilliseconds <= now.getTime() || moved.epochMilliseconds > startsAt.getTime()) return null;
  return { local: written(moved.toPlainDateTime()), instant: new Date(moved.epochMilliseconds) };
}

/** To the minute, with seconds only where there are some. */
function written(wall: { second: number; toString(options: object): string }): string {
  return wall.toString({ smallestUnit: wall.second === 0 ? 'minute' : 'second' });
}
