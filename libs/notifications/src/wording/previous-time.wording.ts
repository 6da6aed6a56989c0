import { t, type Language, type Mail } from '@app/mail';
import { periodLines, type Fact } from './dialogue.wording';

/**
 * The time that participants were told before, from a mail's parameters `previous_starts_at`, `previous_ends_at`
 * (instants, ISO 8601) and `previous_time_zone`; nothing when they are not there.
 */
export function previousTime(
  label: 'mail.previously' | 'mail.planned_for',
  parameters: Mail['parameters'],
  language: Language,
  timeZone: string,
): Fact[] {
  const { previous_starts_at: startsAt, previous_ends_at: endsAt, previous_time_zone: hostZone } = parameters;
  if (!startsAt || !endsAt || !hostZone) return [];
  const period = { startsAt: new Date(String(startsAt)), endsAt: new Date(String(endsAt)) };
  return [{ label: t(language, label), values: periodLines(language, period, String(hostZone), timeZone) }];
}
