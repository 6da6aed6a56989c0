import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const USAGE = `npm run full [-- <words of a step's name>]

Runs everything that takes too long for .ci/run, one step after the other, and ends with one table. What each step prints
is in tmp/full. A step that fails stops no other. Run it on a machine that does nothing else: measured times decide here.`;

/** One line of the table. */
interface Step {
  name: string;
  /** A script of package.json, with its options. */
  script: string[];
}

const STEPS: Step[] = [
  { name: 'all tests', script: ['test'] },
  { name: 'rehearsal', script: ['rehearsal'] },
  { name: 'rehearsal, worker killed', script: ['rehearsal', '--', '--kill'] },
  { name: 'rehearsal on Redis', script: ['rehearsal', '--', '--queue', 'redis'] },
  { name: 'rehearsal on Redis, worker killed', script: ['rehearsal', '--', '--queue', 'redis', '--kill'] },
  { name: 'races', script: ['test:races'] },
  { name: 'races, all pairs of writing routes', script: ['test:races', '--', '--pairs'] },
  { name: 'all faults on both queues', script: ['faults'] },
  { name: 'all benches, judged', script: ['bench', '--', '--judge'] },
];

const LOGS = 'tmp/full';

interface Outcome extends Step {
  passed: boolean;
  seconds: number;
  /** The last line that the step printed, which sums it up. */
  lastLine: string;
  log: string;
}

async function main(words: string): Promise<number> {
  const wanted = STEPS.filter(({ name }) => name.toLowerCase().includes(words));
  if (wanted.length === 0) {
    console.error(
      `No step is called “${words}”.\n\n${USAGE}\n\nSteps: ${STEPS.map(({ name }) => name).join('; ')}`,
    );
    return 2;
  }
  mkdirSync(LOGS, { recursive: true });
  const outcomes: Outcome[] = [];
  for (const [index, step] of wanted.entries()) {
    console.log(`${index + 1}/${wanted.length} ${step.name} …`);
    const outcome = await run(step);
    console.log(
      `    ${outcome.passed ? 'passed' : 'FAILED'} after ${duration(outcome.seconds)}: ${outcome.lastLine}`,
    );
    outcomes.push(outcome);
  }
  console.log(`\n${table(outcomes)}\n`);
  const failed = outcomes.filter(({ passed }) => !passed);
  for (const { name, log } of failed) console.log(`${name} failed; read ${log}`);
  console.log(`${outcomes.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

async function run(step: Step): Promise<Outcome> {
  const log = join(LOGS, `${step.script.join(' ').replaceAll(/[^a-z]+/g, '-')}.log`);
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', ...step.script], {
    // Here a missing Redis is a failure, and tests judge the times that they measure.
    env: { ...process.env, REQUIRE_REDIS: '1', JUDGE_TIMES: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let last = '';
  const output = createWriteStream(log);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output.write(text);
      last = (last + text).slice(-2_000);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  output.end();
  const lines = last
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return {
    ...step,
    passed: code === 0,
    seconds: (performance.now() - started) / 1_000,
    lastLine: lines.at(-1) ?? 'it printed nothing',
    log,
  };
}

function table(outcomes: readonly Outcome[]): string {
  return [
    '| step | result | time | last line |',
    '| --- | --- | ---: | --- |',
    ...outcomes.map(
      ({ name, passed, seconds, lastLine }) =>
        `| ${name} | ${passed ? 'passed' : '**FAILED**'} | ${duration(seconds)} | ${lastLine.replaceAll('|', '\\|').slice(0, 160)} |`,
    ),
  ].join('\n');
}

function duration(seconds: number): string {
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`;
}

process.exitCode = await main(process.argv.slice(2).join(' ').toLowerCase());
