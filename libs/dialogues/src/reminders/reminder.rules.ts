import type { ReminderAudience } from './reminder-rule.entity';

/** A rule with the instants that follow from it. */
export interface DueReminder {
  before: string;
  audience: ReminderAudience;
  /** When the reminder falls due. */
  dueAt: Date;
  /** When it loses its use: the next one for the same people falls due, or the dialogue starts. */
  usefulUntil: Date;
}

/** More would be a nuisance. */
export const MOST_REMINDERS = 20;

/** The longest time before the start. */
const LONGEST_DAYS = 366;

/**
 * An offset in one way of writing: `PT60M` is `PT1H`, `P1W` is `P7D`; but `P1D`, a calendar day, is not `PT24H`
 * (ISO 8601, RFC 5545 3.3.6). Null when it is no duration, not positive, or longer than a year.
 */
export function normaliseOffset(before: string): string | null {
  if (before.length > 40) return null;
  let duration;
  try {
    duration = Temporal.Duration.from(before);
  } catch {
    return null;
  }
  const { years, months, weeks, days } = duration;
  const time = Temporal.Duration.from({
    hours: duration.hours,
    minutes: duration.minutes,
    seconds: duration.seconds,
  });
  const isFractional = duration.milliseconds + duration.microseconds + duration.nanoseconds !== 0;
  if (duration.sign !== 1 || isFractional || years > 1) return null;
  const approximateDays = years * 365 + months * 30 + weeks * 7 + days + time.total('hours') / 24;
  if (approximateDays > LONGEST_DAYS) return null;
  const seconds = time.total('seconds');
  return Temporal.Duration.from({
    years,
    months,
    days: weeks * 7 + days,
    hours: Math.floor(seconds / 3600),
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
  }).toString();
}

/** When each reminder of a dialogue is due, in calendar days of the host's zone (design, idea 3). */
export function dueReminders(
  startsAt: Date,
  timeZone: string,
  rules: readonly { before: string; audience: ReminderAudience }[],
): DueReminder[] {
  const start = Temporal.Instant.fromEpochMilliseconds(startsAt.getTime()).toZonedDateTimeISO(timeZone);
  const due = rules.map(({ before, audience }) => ({
    before,
    audience,
    dueAt: new Date(start.subtract(Temporal.Duration.from(before)).epochMilliseconds),
  }));
  return due.map((reminder) => {
    const next = due
      .filter(({ audience, dueAt }) => audience === reminder.audience && dueAt > reminder.dueAt)
      .map(({ dueAt }) => dueAt.getTime());
    return { ...reminder, usefulUntil: new Date(Math.min(startsAt.getTime(), ...next)) };
  });
}
