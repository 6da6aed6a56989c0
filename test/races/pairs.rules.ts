/** What a route did when it was played alone. */
export interface Watched {
  route: string;
  /** The tables that it locked or wrote, by name. */
  holds: string[];
  /** Whether it was not refused. */
  isCarriedOut: boolean;
  status: number;
  /** How long it took. */
  ms: number;
}

/** Two routes, and the situation in which they are played, by its place in the list. */
export interface Pair {
  routes: readonly [string, string];
  situation: number;
}

/** Tables to which rows are only added, so that no two requests meet there; and what counts those who ask. */
const MEETING_NOBODY = new Set(['audit_entries', 'rate_limits', 'idempotency_keys']);

/** The tables that statements lock or write, in order of their names. */
export function holdsOf(statements: readonly string[]): string[] {
  const tables = new Set<string>();
  const add = (text: string, pattern: RegExp): void => {
    for (const [, name] of text.matchAll(pattern)) if (!MEETING_NOBODY.has(name!)) tables.add(name!);
  };
  for (const text of statements) {
    add(text, /\b(?:INSERT\s+INTO|DELETE\s+FROM)\s+"?(\w+)"?/gi);
    add(text, /\bUPDATE\s+"?(\w+)"?\s+(?:(?:AS\s+)?"?\w+"?\s+)?SET\b/gi);
    // Which of the tables a lock means is not looked at: one too many costs time, one too few a race.
    if (/\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b|\bFOR\s+(?:KEY\s+)?SHARE\b/i.test(text))
      add(text, /\b(?:FROM|JOIN)\s+"?([a-z_]+)"?/gi);
  }
  return [...tables].toSorted();
}

/**
 * Every unordered pair of routes, each with itself too, that hold a table in common: in the first situation in which both
 * are carried out, else in the first in which they hold one.
 */
export function pairsOf(situations: readonly (readonly Watched[])[]): Pair[] {
  const names = situations[0]!.map(({ route }) => route);
  const known = situations.map((watched) => new Map(watched.map((each) => [each.route, each])));
  return names.flatMap((first, index) =>
    names.slice(index).flatMap((second): Pair[] => {
      const both = known.map((each) => [each.get(first)!, each.get(second)!] as const);
      const meet = both.map(([one, other]) => one.holds.some((table) => other.holds.includes(table)));
      const carriedOut = both.findIndex(
        ([one, other], situation) => meet[situation] && one.isCarriedOut && other.isCarriedOut,
      );
      const situation = carriedOut === -1 ? meet.indexOf(true) : carriedOut;
      return situation === -1 ? [] : [{ routes: [first, second], situation }];
    }),
  );
}

/** What is wrong with the answers to two requests at once: each that is 500 or more, with what it and the log say. */
export function failures(
  routes: readonly [string, string],
  answers: readonly { statusCode: number; body: string }[],
  logged: readonly string[],
): string[] {
  return answers.flatMap(({ statusCode, body }, index) => {
    if (statusCode < 500) return [];
    const other = routes[1 - index]!;
    const said = body.startsWith('{') ? body : body.replace(/<[^>]*>|\s+/g, ' ');
    return [
      `${routes[index]} answered ${statusCode} beside ${other}: ${said.slice(0, 300)} ${logged.join(' | ')}`.trim(),
    ];
  });
}
