/** Planned minutes of a session and its items. */
export interface PlannedSession {
  title: string;
  minutes: number;
  items: { title: string; minutes: number }[];
}

/** When something is, derived. */
export interface Times {
  startsAt: Date;
  endsAt: Date;
}

/** Something to look at that forbids nothing. */
export interface AgendaWarning {
  field: string;
  code: 'agenda_longer_than_dialogue' | 'items_longer_than_session';
  detail: string;
}

/** Times follow from durations: a session begins when the one before it ends, the first with the dialogue. */
export function agendaTimes(
  dialogueStartsAt: Date,
  sessions: readonly { minutes: number; items: readonly { minutes: number }[] }[],
): (Times & { items: Times[] })[] {
  const times = inSequence(dialogueStartsAt, sessions);
  return sessions.map(({ items }, index) => ({
    ...times[index]!,
    items: inSequence(times[index]!.startsAt, items),
  }));
}

/** Where the plan does not fit: the agenda into the dialogue, the items into their session. */
export function agendaWarnings(dialogue: Times, sessions: readonly PlannedSession[]): AgendaWarning[] {
  const warnings: AgendaWarning[] = [];
  const planned = sum(sessions);
  const available = Math.round((dialogue.endsAt.getTime() - dialogue.startsAt.getTime()) / 60_000);
  if (planned > available) {
    warnings.push({
      field: 'sessions',
      code: 'agenda_longer_than_dialogue',
      detail: `The sessions take ${planned} minutes, the dialogue has ${available}.`,
    });
  }
  sessions.forEach(({ title, minutes, items }, index) => {
    if (sum(items) <= minutes) return;
    warnings.push({
      field: `sessions.${index}.items`,
      code: 'items_longer_than_session',
      detail: `The items of "${title}" take ${sum(items)} minutes, the session has ${minutes}.`,
    });
  });
  return warnings;
}

function inSequence(from: Date, parts: readonly { minutes: number }[]): Times[] {
  let at = from.getTime();
  return parts.map(({ minutes }) => {
    const startsAt = new Date(at);
    at += minutes * 60_000;
    return { startsAt, endsAt: new Date(at) };
  });
}

function sum(parts: readonly { minutes: number }[]): number {
  return parts.reduce((total, { minutes }) => total + minutes, 0);
}
