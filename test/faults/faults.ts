import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { redisServer } from '../support/redis';
import { CONNECTIONS, type Backend } from '../support/world';
import { clockFaults } from './clock.faults';
import { dialogueFaults } from './dialogue.faults';
import type { Fault } from './fault';
import { play, type Result } from './play';
import { postgresFaults } from './postgres.faults';
import { queueFaults } from './queue.faults';
import { redisFaults } from './redis.faults';
import { page, table } from './report';
import { smtpFaults } from './smtp.faults';
import { workerFaults } from './workers.faults';

const USAGE = `npm run faults [-- <words of a fault's name>] [-- --short]

Plays every fault on two workers and two APIs with 2,000 mails in flight (FAULTS_MAILS sets another number), on both
backends of the queue where it makes sense, and writes docs/faults.md. With a name it plays those faults only. --short, as
in CI, plays six of them, or those that are named, with 300 mails, each on one backend and with shorter absences. Neither a
name nor --short writes anything.`;

const PAGE = 'docs/faults.md';

/** So many are played side by side, each on a system of its own: most of the time a play waits for something to come back. */
const AT_ONCE = 2;

const faults: Fault[] = [
  ...workerFaults,
  ...redisFaults,
  ...postgresFaults,
  ...smtpFaults,
  ...clockFaults,
  ...dialogueFaults,
  ...queueFaults,
];

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    console.error(`${options}\n\n${USAGE}`);
    return 2;
  }
  const { words, short, mails } = options;
  const wanted = faults.filter((fault) =>
    words === '' && short ? fault.inShort : fault.name.toLowerCase().includes(words),
  );
  if (wanted.length === 0) {
    console.error(
      `No fault is called “${words}”. There are:\n${faults.map((fault) => `  ${fault.name}`).join('\n')}`,
    );
    return 2;
  }
  // Each on one backend first, by turns, and then on the other: who stops half-way has seen every fault.
  const [first, rest] = [wanted.map(firstOn), wanted.map(restOn)];
  const plays = [...first, ...(short ? [] : rest.flat())].filter(
    ({ backend }) => backend === 'postgres' || redisServer() || process.env.REQUIRE_REDIS,
  );
  if (!redisServer()) console.log('No redis-server on this machine: the faults were NOT played on Redis.');
  console.log(
    `${plays.length} plays, ${mails} mails, two workers with ${CONNECTIONS} SMTP connections each, two APIs\n`,
  );

  const results: Result[] = [];
  const playing = new Playing();
  const left = plays.entries();
  const playOn = async (): Promise<void> => {
    for (const [index, { fault, backend }] of left) {
      const name = `${index + 1}/${plays.length} ${fault.name} (${backend})`;
      const progress = (what: string): void => playing.show(name, what);
      const result = await play(fault, backend, { mails, short, progress }).catch((error: Error): Result => {
        // One that could not be played takes none of the others along.
        const differences = [`could not be played: ${error.message}`];
        const nothing = { expected: 0, seen: 0, lost: 0, doubled: 0, uncertain: 0, seconds: 0, remarks: [] };
        return { ...nothing, fault, backend, mails, differences };
      });
      const verdict = result.differences.length === 0 ? 'as expected' : `DIFFERENT: ${result.differences[0]}`;
      playing.end(name, `${name}: ${verdict} (${Math.round(result.seconds)} s)`);
      results.push(result);
      results.sort(inOrder);
      // Written after each, so that half an hour is not lost with the last.
      if (!words && !short) await writeFile(PAGE, page(results, plays.length));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, playOn));

  console.log(`\n${table(results)}\n`);
  if (!words && !short) console.log(`Written: ${PAGE}`);
  const different = results.filter(({ differences }) => differences.length > 0);
  console.log(
    different.length === 0
      ? 'Nothing lost, doubled only where it was marked uncertain. Next: npm run rehearsal'
      : `${different.length} of ${results.length} differ from what is expected. Next: VERBOSE=1 npm run faults -- "${different[0]!.fault.name}"`,
  );
  return different.length === 0 ? 0 : 1;
}

/** As they are listed, PostgreSQL before Redis. */
function inOrder(one: Result, other: Result): number {
  return faults.indexOf(one.fault) - faults.indexOf(other.fault) || one.backend.localeCompare(other.backend);
}

interface Play {
  fault: Fault;
  backend: Backend;
}

function firstOn(fault: Fault, number: number): Play {
  return { fault, backend: fault.backends[number % fault.backends.length]! };
}

function restOn(fault: Fault, number: number): Play[] {
  const played = firstOn(fault, number).backend;
  return fault.backends.filter((backend) => backend !== played).map((backend) => ({ fault, backend }));
}

/** What is being played, on the last line of a terminal; in a log it would only be noise. */
class Playing {
  private readonly now = new Map<string, string>();

  show(name: string, what: string): void {
    this.now.set(name, what);
    if (!process.stdout.isTTY) return;
    const line = [...this.now].map((each) => each.join(': ')).join('; ');
    process.stdout.write(`\r\u001B[K${line.slice(0, process.stdout.columns - 1)}`);
  }

  /** With a line of it that stays. */
  end(name: string, line: string): void {
    this.now.delete(name);
    process.stdout.write(`${process.stdout.isTTY ? '\r\u001B[K' : ''}${line}\n`);
  }
}

function readOptions(): { words: string; short: boolean; mails: number } | string {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { short: { type: 'boolean' } },
    });
    const short = values.short ?? false;
    const mails = Number(process.env.FAULTS_MAILS ?? (short ? 300 : 2_000));
    if (!Number.isInteger(mails) || mails < 100) return 'FAULTS_MAILS takes a number from 100.';
    return { words: positionals.join(' ').toLowerCase(), short, mails };
  } catch (error) {
    return (error as Error).message;
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    console.error(`The faults could not be played: ${error.message}`);
    process.exit(1);
  },
);
