import { median } from '../support/median';

/** How a bench is to be run. */
export interface Run {
  /** How often ours and the limit are measured, in turn. */
  rounds: number;
  /** One round of small sizes: shows that the bench runs, judges nothing. */
  short: boolean;
  /** Whether to write CPU profiles of our programs into ./tmp. */
  profile: boolean;
}

/** What ours and the limit did in one round, in the unit of the bench. */
export interface Round {
  ours: number;
  limit: number;
}

/** One row of the table: something of ours beside the limit of the machine, measured in turn in one run. */
export interface Measured {
  /** What is measured, when a bench measures more than one thing: `on Redis`. */
  of?: string;
  /** What is ours, in words. */
  ours: string;
  /** What it is held against, in words. */
  limit: string;
  /** Such as `mails/s`. */
  unit: string;
  /** The least median of ours ÷ limit; with `atMost` the most. */
  goal: number;
  /** Whether less is better: milliseconds, bytes. */
  atMost?: boolean;
  rounds: Round[];
  /** What else was seen, a sentence each, printed below the table. */
  notes?: string[];
}

/** A file `<name>.bench.ts` exports one. */
export interface Bench {
  /** As it is asked for: `npm run bench -- <name>`. */
  name: string;
  run(how: Run): Promise<Measured[]>;
}

/** The median of the ratios of the rounds: both of a round had the same weather. */
export function ratioOf({ rounds }: Measured): number {
  return median(rounds.map(({ ours, limit }) => ours / limit));
}

/** Measures ours and the limit in turn, each first in every other round, and tells of each round. */
export async function alternate(
  rounds: number,
  ours: (round: number) => Promise<number>,
  limit: (round: number) => Promise<number>,
): Promise<Round[]> {
  const measured: Round[] = [];
  for (let number = 1; number <= rounds; number++) {
    const round = { ours: 0, limit: 0 };
    const sides: ('ours' | 'limit')[] = number % 2 === 1 ? ['limit', 'ours'] : ['ours', 'limit'];
    for (const side of sides) round[side] = await { ours, limit }[side](number);
    measured.push(round);
    console.log(
      `  round ${number}: ours ${round.ours.toFixed(0)}, limit ${round.limit.toFixed(0)}, ratio ${(round.ours / round.limit).toFixed(2)}`,
    );
  }
  return measured;
}
