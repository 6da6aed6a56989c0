import type { Venue } from '@app/dialogues';
import { t, type Language, type Mail } from '@app/mail';
import type { DialogueNow } from '../recipients/dialogues';
import { periodLines, placeLines, type Fact } from './dialogue.wording';

/**
 * The time for which a dialogue was planned that does not take place then, from a mail's parameters `previous_starts_at`,
 * `previous_ends_at` (instants, ISO 8601) and `previous_time_zone`; nothing when they are not there.
 */
export function plannedFor(parameters: Mail['parameters'], language: Language, timeZone: string): Fact[] {
  const values = timeLines(parameters, language, timeZone);
  return values.length > 0 ? [{ label: t(language, 'mail.planned_for'), values }] : [];
}

/**
 * What participants were told before of what has changed (parameter `what`, see `Change`): the time, and the place (parameters
 * `previous_venue_kind`, `previous_platform`, `previous_room`) unless another link to join is all that changed.
 */
export function previously(
  parameters: Mail['parameters'],
  dialogue: Pick<DialogueNow, 'venue'>,
  language: Language,
  timeZone: string,
): Fact[] {
  const what = String(parameters.what);
  const time = ['time', 'both', 'date'].includes(what) ? timeLines(parameters, language, timeZone) : [];
  const place = ['place', 'both', 'date'].includes(what) ? placeBefore(parameters, dialogue, language) : [];
  const values = [...time, ...place];
  return values.length > 0 ? [{ label: t(language, 'mail.previously'), values }] : [];
}

function timeLines(parameters: Mail['parameters'], language: Language, timeZone: string): string[] {
  const { previous_starts_at: startsAt, previous_ends_at: endsAt, previous_time_zone: hostZone } = parameters;
  if (!startsAt || !endsAt || !hostZone) return [];
  const period = { startsAt: new Date(String(startsAt)), endsAt: new Date(String(endsAt)) };
  return periodLines(language, period, String(hostZone), timeZone);
}

function placeBefore(
  parameters: Mail['parameters'],
  dialogue: Pick<DialogueNow, 'venue'>,
  language: Language,
): string[] {
  const { previous_venue_kind: kind, previous_platform: platform, previous_room: room } = parameters;
  if (!kind) return [];
  const venue = {
    kind: kind as Venue['kind'],
    ...(platform && { platform: String(platform) }),
    ...(room && { room: String(room) }),
  };
  const lines = placeLines({ venue }, language);
  return lines.join() === placeLines(dialogue, language).join() ? [] : lines;
}
