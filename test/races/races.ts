import { parseArgs } from 'node:util';
import { Ground } from './ground';
import { few } from './judge';
import { lastPlaces, scenarios, showsTheRace, type Played, type Scenario } from './scenarios';

const USAGE = `npm run test:races [-- --repetitions 20] [-- --only <words of a scenario's name>]

Lets many people want the same at once, against two API processes on a database of their own, and looks at what came
of it in the database and through the API. At last it takes the guard away to see that the race is real.`;

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
  const { repetitions, only } = options;
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

function readOptions(): { repetitions: number; only?: string } | string {
  try {
    const { values } = parseArgs({
      options: { repetitions: { type: 'string', default: '20' }, only: { type: 'string' } },
    });
    const repetitions = Number(values.repetitions);
    if (!Number.isInteger(repetitions) || repetitions < 1) return '--repetitions takes a number from 1.';
    return { repetitions, ...(values.only !== undefined && { only: values.only }) };
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
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column]!.length)));
  const isNumber = (column: number): boolean => column === 1 || column === 4;
  const row = (texts: string[]): string =>
    texts
      .map((text, column) =>
        isNumber(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!),
      )
      .join('  ');
  return [
    row(head),
    ...lines.flatMap(({ differences }, index) => [
      row(cells[index]!),
      ...few(differences, 10).map((difference) => `    DIFFERENCE: ${difference}`),
    ]),
  ].join('\n');
}

main().then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    console.error(`The races could not be run: ${error.message}`);
    process.exit(1);
  },
);
