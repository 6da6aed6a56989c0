import type { Announced, DialogueState } from '@app/dialogues';
import type { RegistrationState } from '@app/participants';

/** What a change mail is about; chooses its words. `date`: a new date after a postponement or a cancellation. */
export type Change = 'time' | 'place' | 'both' | 'date' | 'other';

/** What is to be told; null: nothing. */
export type News =
  { kind: 'cancellation' } | { kind: 'postponement' } | { kind: 'change'; what: Change } | null;

/**
 * Compares what participants were last told with what is so now. Moved and moved back is nothing to tell, unless the
 * organiser asked for it (design, idea 10).
 * @param announced null when nobody was told anything yet.
 */
export function newsOf(announced: Announced | null, present: Announced, requested: boolean): News {
  if (present.state === 'draft' || announced === null || announced.state === 'draft') return null;
  if (present.state === 'cancelled') return announced.state === 'cancelled' ? null : { kind: 'cancellation' };
  if (present.state === 'postponed') return announced.state === 'postponed' ? null : { kind: 'postponement' };
  if (announced.state !== 'published') return { kind: 'change', what: 'date' };
  const time = !sameTime(announced, present);
  const place = !sameVenue(announced, present);
  if (time && place) return { kind: 'change', what: 'both' };
  if (time) return { kind: 'change', what: 'time' };
  if (place) return { kind: 'change', what: 'place' };
  return requested ? { kind: 'change', what: 'other' } : null;
}

function sameTime(one: Announced, other: Announced): boolean {
  return (
    Date.parse(one.starts_at) === Date.parse(other.starts_at) &&
    Date.parse(one.ends_at) === Date.parse(other.ends_at) &&
    one.time_zone === other.time_zone
  );
}

function sameVenue({ venue: one }: Announced, { venue: other }: Announced): boolean {
  return (['kind', 'platform', 'join_url', 'room'] as const).every(
    (key) => (one[key] ?? '') === (other[key] ?? ''),
  );
}

/** What decides whether news of a dialogue are still to be sent to someone registered. */
export interface NewsFacts {
  kind: 'change' | 'postponement' | 'cancellation';
  registration: { state: RegistrationState };
  dialogue: { state: DialogueState };
  /** Whether a later mail of this kind waits for the same person. */
  newerQueued: boolean;
}

/** Why news are no longer warranted; null when they are. */
export function staleNews({ kind, registration, dialogue, newerQueued }: NewsFacts): string | null {
  if (['withdrawn', 'refused', 'unconfirmed'].includes(registration.state)) {
    return `The registration is ${registration.state} by now.`;
  }
  const holds = { change: 'published', postponement: 'postponed', cancellation: 'cancelled' }[kind];
  if (dialogue.state !== holds) return `The dialogue is ${dialogue.state} by now.`;
  return newerQueued ? 'A later mail tells of a later change.' : null;
}
