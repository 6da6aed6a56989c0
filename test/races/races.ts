import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
// Before all that loads the log: it silences the API of this process.
import { startApi } from '../support/api';
import setUp from '../support/postgres.setup';
import tearDown from '../support/postgres.teardown';
import { Ground } from './ground';
import { few } from './judge';
import { playAllPairs } from './pairs';
import { lastPlaces, scenarios, showsTheRace, type Played, type Scenario } from './scenarios';

const USAGE = `npm run test:races [-- --repetitions 20] [-- --only <words of a scenario's name>]
npm run test:races -- --pairs [--repetitions 3]

Lets many people want the same at once, against two API processes on a database of their own, and looks at what came
of it in the database and through the API. At last it takes the guard away to see that the race is real.
With --pairs it plays all pairs of routes that write, on one dialogue, and looks for answers that are errors of ours.`;

/** Repetitions of the control run; the race shows in the first, as a rule. */
const CONTROL_REPETITIONS = 3;

interface Line {
  name: string;
  repetitions: string;
  expected: string;
  seen: string;
  seconds: number;
  differences: string[];
}

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    console.error(`${options}\n\n${USAGE}`);
    return 2;
  }
  const { only, pairs } = options;
  if (pairs) return allPairs(options.repetitions ?? 3);
  const repetitions = options.repetitions ?? 30;
  const wanted = scenarios.filter(({ name }) => !only || name.toLowerCase().includes(only.toLowerCase()));
  if (wanted.length === 0) {
    console.error(
      `No scenario is called “${only}”. There are:\n${scenarios.map(({ name }) => `  ${name}`).join('\n')}`,
    );
    return 2;
  }
  console.log(`${wanted.length} scenarios, ${repetitions} times each, two API processes on one PostgreSQL\n`);

  const lines: Line[] = [];
  const guarded = await Ground.open({ guarded: true });
  try {
    for (const scenario of wanted) lines.push(await repeat(guarded, scenario, repetitions));
  } finally {
    await guarded.close();
  }
  lines.push(await control());

  console.log(`\n${table(lines)}`);
  const different = lines.filter(({ differences }) => differences.length > 0).length;
  console.log(
    different === 0
      ? '\nNo place went twice, and without the guard some do. Next: npm run rehearsal'
      : `\n${different} of ${lines.length} differ from what is expected. Next: play one alone with -- --only <words of its name>`,
  );
  return different === 0 ? 0 : 1;
}

async function repeat(ground: Ground, scenario: Scenario, repetitions: number): Promise<Line> {
  const started = performance.now();
  const differences: string[] = [];
  const saw = new Set<string>();
  process.stdout.write(`${scenario.name} `);
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    const played = await attempt(ground, scenario);
    saw.add(played.saw);
    if (played.saw !== scenario.expected) differences.push(`repetition ${repetition}: ${played.saw}`);
    differences.push(...few(played.differences).map((line) => `repetition ${repetition}: ${line}`));
    process.stdout.write(played.differences.length === 0 && played.saw === scenario.expected ? '.' : 'X');
  }
  const seconds = (performance.now() - started) / 1_000;
  console.log(` ${differences.length === 0 ? 'as expected' : 'DIFFERENT'} (${Math.round(seconds)} s)`);
  return {
    name: scenario.name,
    repetitions: String(repetitions),
    expected: scenario.expected,
    seen: [...saw].join(' | '),
    seconds,
    differences,
  };
}

async function attempt(ground: Ground, scenario: Scenario): Promise<Played> {
  try {
    return await scenario.play(ground);
  } catch (error) {
    return { saw: 'nothing', differences: [`it could not be played: ${(error as Error).message}`] };
  }
}

/** Without the guard the first scenario must go wrong, else it proves nothing when it goes well. */
async function control(): Promise<Line> {
  const started = performance.now();
  process.stdout.write('CONTROL, places read without their lock ');
  const ground = await Ground.open({ guarded: false });
  let seen = 'no race';
  let repetition = 0;
  try {
    while (seen === 'no race' && repetition < CONTROL_REPETITIONS) {
      repetition++;
      const played = await lastPlaces.play(ground);
      if (showsTheRace(played)) seen = played.saw;
    }
  } finally {
    await ground.close();
  }
  const shown = seen !== 'no race';
  const seconds = (performance.now() - started) / 1_000;
  console.log(`${shown ? 'shows the race' : 'SHOWS NO RACE'} (${Math.round(seconds)} s)`);
  return {
    name: 'CONTROL: the first without the lock',
    repetitions: String(repetition),
    expected: 'more than there are places',
    seen,
    seconds,
    differences: shown ? [] : ['without the guard nothing went wrong: the scenarios prove nothing'],
  };
}

/** All pairs of routes that write, in an API of this process: its requests have connections of their own. */
async function allPairs(repetitions: number): Promise<number> {
  const started = performance.now();
  // The build resolves imports, and not what tests load once their settings are there.
  registerHooks({
    resolve: (specifier, context, next) =>
      next(
        specifier.replace(/^@app\/(\w+)$/, (_, lib) => join(__dirname, '../../libs', lib, 'src/index.js')),
        context,
      ),
  });
  await setUp();
  try {
    const api = await startApi();
    try {
      const { lines, never } = await playAllPairs(api, repetitions, (line) => console.log(line));
      const head = ['situation', 'routes', 'pairs', 'wrong'];
      const cells = lines.map(({ situation, ...counts }) => [
        situation,
        ...[counts.routes, counts.pairs, counts.wrong].map(String),
      ]);
      console.log(`\n${inColumns([head, ...cells], new Set([1, 2, 3])).join('\n')}`);
      if (never.length > 0) console.log(`\nRefused in every situation: ${never.join(', ')}`);
      const wrong = lines.reduce((sum, line) => sum + line.wrong, 0);
      const played = lines.reduce((sum, line) => sum + line.pairs, 0);
      console.log(
        `\n${played} pairs, ${repetitions} times each, ${wrong} answers are errors of ours (${Math.round((performance.now() - started) / 1_000)} s)`,
      );
      return wrong === 0 ? 0 : 1;
    } finally {
      await api.close();
    }
  } finally {
    await tearDown();
  }
}

function readOptions(): { repetitions?: number; only?: string; pairs: boolean } | string {
  try {
    const { values } = parseArgs({
      options: {
        repetitions: { type: 'string' },
        only: { type: 'string' },
        pairs: { type: 'boolean', default: false },
      },
    });
    const { only, pairs } = values;
    if (pairs && only !== undefined) return '--only chooses a scenario; --pairs plays none.';
    const repetitions = values.repetitions === undefined ? undefined : Number(values.repetitions);
    if (repetitions !== undefined && (!Number.isInteger(repetitions) || repetitions < 1))
      return '--repetitions takes a number from 1.';
    return {
      pairs,
      ...(repetitions !== undefined && { repetitions }),
      ...(only !== undefined && { only }),
    };
  } catch (error) {
    return (error as Error).message;
  }
}

/** A line for each scenario, its differences under it. */
function table(lines: readonly Line[]): string {
  const head = ['scenario', 'times', 'expected', 'seen', 'seconds'];
  const cells = lines.map((line) => [
    line.name,
    line.repetitions,
    line.expected,
    line.seen === line.expected ? 'the same' : line.seen,
    line.seconds.toFixed(1),
  ]);
  const [first, ...rows] = inColumns([head, ...cells], new Set([1, 4]));
  return [
    first,
    ...lines.flatMap(({ differences }, index) => [
      rows[index],
      ...few(differences, 10).map((difference) => `    DIFFERENCE: ${difference}`),
    ]),
  ].join('\n');
}

/** Rows of texts, each column as wide as its widest. @param numbers the columns that are written to the right */
function inColumns(rows: readonly (readonly string[])[], numbers: ReadonlySet<number>): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((text, column) =>
        numbers.has(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!),
      )
      .join('  '),
  );
}

main().then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    console.error(`The races could not be run: ${error.message}`);
    process.exit(1);
  },
);
