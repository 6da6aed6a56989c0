/** When something is, derived. */
export interface Times {
  startsAt: Date;
  endsAt: Date;
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

function inSequence(from: Date, parts: readonly { minutes: number }[]): Times[] {
  let at = from.getTime();
  return parts.map(({ minutes }) => {
    const startsAt = new Date(at);
    at += minutes * 60_000;
    return { startsAt, endsAt: new Date(at) };
  });
}
