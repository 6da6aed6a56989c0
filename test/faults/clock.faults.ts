import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World, WorldDialogue } from '../support/world';
import { BOTH, type Fault, type ProgramSettings } from './fault';
import { calendarOf } from './helpers';

const HOUR = 3_600_000;
/** A zone whose clocks change twice a year. */
const ZONE = 'Europe/Paris';
/** The clocks are set to so long before the change. */
const BEFORE_CHANGE = 12_000;

const STORY =
  'PostgreSQL’s clock decides: what is under way is neither missed nor stale, only the reminder that is due goes, nobody is taken for dead, registering works, and every entry tells the right time.';

export const clockFaults: Fault[] = [
  wrongClock('one worker’s clock two hours ahead', 2 * HOUR, isFirstWorker),
  wrongClock('every process’s clock two hours ahead', 2 * HOUR, () => true),
  wrongClock('one worker’s clock two hours back', -2 * HOUR, isFirstWorker),
  wrongClock('every process’s clock two hours back', -2 * HOUR, () => true),
  {
    ...wrongClock('every process’s clock across a daylight-saving change', 0, () => true),
    settings: () => shifted(untilNextChange() - BEFORE_CHANGE, { TZ: ZONE }),
  },
];

function wrongClock(
  name: string,
  milliseconds: number,
  isWrong: (program: 'api' | 'worker', index: number) => boolean,
): Fault {
  return {
    name,
    story: STORY,
    backends: BOTH,
    mayDouble: 0,
    settings: (program, index) => (isWrong(program, index) ? shifted(milliseconds) : {}),
    prepare,
    async strike({ world, dialogue, mails, letGo, owe }) {
      letGo();
      await world.remind(dialogue.id);
      await world.remind(dialogue.id, '100 minutes');
      owe(Math.ceil(mails / 2));
      // Long enough for the change of clocks, and for a heart that beats by a wrong clock to be missed.
      await sleep(BEFORE_CHANGE + 8_000);
    },
    afterwards: ({ world, dialogue }) => allTellTheTime(world, dialogue),
  };
}

/** A dialogue that is under way and will end in an hour and a half: by a clock two hours ahead it is over. */
async function prepare(world: World, mails: number) {
  const confirmations = Math.ceil(mails / 2);
  return {
    dialogue: await world.queueConfirmations(confirmations, null, { startsIn: '-30 minutes' }),
    queued: confirmations,
  };
}

function isFirstWorker(program: 'api' | 'worker', index: number): boolean {
  return program === 'worker' && index === 0;
}

function shifted(milliseconds: number, environment: Record<string, string> = {}): ProgramSettings {
  return {
    environment: { ...environment, CLOCK_SHIFT_MS: String(milliseconds) },
    nodeOptions: ['--require', join(__dirname, 'clock-shift.js')],
  };
}

function untilNextChange(): number {
  const now = Temporal.Now.zonedDateTimeISO(ZONE);
  return now.getTimeZoneTransition('next')!.epochMilliseconds - now.epochMilliseconds;
}

async function allTellTheTime(world: World, dialogue: WorldDialogue): Promise<string> {
  const [{ start }] = await world.database.query(
    `SELECT to_char(starts_at, 'YYYYMMDD"T"HH24MI') AS start FROM dialogues WHERE id = $1`,
    [dialogue.id],
  );
  const entries = await Promise.all(world.mailbox.mails.map(calendarOf));
  const wrong = entries.filter((entry) => entry && !entry.start!.startsWith(start as string));
  if (wrong.length > 0) throw new Error(`${wrong.length} entries tell ${wrong[0]!.start} and not ${start}`);
  return `${entries.filter(Boolean).length} calendar entries tell the right time`;
}
