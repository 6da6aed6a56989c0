/** Processor time of this machine since it started, in ticks: all of it, and what its host gave to others meanwhile. */
export interface ProcessorTime {
  all: number;
  stolen: number;
}

/** What counts as a machine of one's own: the host takes no more than this share. */
const MOST_STOLEN = 0.05;

/**
 * Reads `/proc/stat` (proc_stat(5)): user, nice, system, idle, iowait, irq, softirq, steal. Guest time is in user time already.
 * @returns null where there is no such line.
 */
export function readProcessorTime(stat: string): ProcessorTime | null {
  const line = /^cpu +(.+)$/m.exec(stat);
  if (!line) return null;
  const ticks = line[1]!.split(' ').map(Number).slice(0, 8);
  return { all: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[7] ?? 0 };
}

/** The share of the time between two moments that the host took away, from 0 to 1; null where nobody can tell. */
export function stolenShare(before: ProcessorTime | null, after: ProcessorTime | null): number | null {
  if (!before || !after || after.all === before.all) return null;
  return (after.stolen - before.stolen) / (after.all - before.all);
}

/**
 * Whether figures say something of the product. Ours runs in more processes than the limit, so a host that takes time away
 * takes more of it from ours, and the ratio falls.
 */
export function saysSomething(share: number | null): boolean {
  return share === null || share <= MOST_STOLEN;
}
