import { World, type Backend, type Program } from '../support/world';
import type { Fault, Scene } from './fault';
import { hurry, mailingSettled } from './helpers';
import { judge, type LedgerMail, type Verdict } from './judge';
import { Visitors } from './visitors';

/** How long the rest may take once everything is back. */
const PATIENCE_SECONDS = 180;

/** How a fault is played. */
export interface Form {
  mails: number;
  /** Parts stay away for a shorter time. */
  short: boolean;
  /** Told again and again how far it is. */
  progress: (what: string) => void;
}

export interface Result extends Verdict {
  fault: Fault;
  backend: Backend;
  mails: number;
  seconds: number;
  /** What was seen beside. */
  remarks: string[];
}

/** Plays one fault on a system of its own. */
export async function play(fault: Fault, backend: Backend, form: Form): Promise<Result> {
  const started = performance.now();
  const mails = Math.min(form.mails, fault.mails ?? Infinity);
  const problems: string[] = [];
  const remarks: string[] = [];
  const world = await World.create(backend);
  let hurrying: NodeJS.Timeout | undefined;
  const watch = setInterval(() => form.progress(`${world.mailbox.mails.length} mails came`), 1_000);
  try {
    const { dialogue, queued } = await (fault.prepare?.(world, mails) ??
      world.queueConfirmations(mails).then((its) => ({ dialogue: its, queued: mails })));
    const { promise: opened, resolve: letGo } = Promise.withResolvers<void>();
    holdBackAfter(world, Math.floor(queued / 10), opened);
    const [apis, workers] = await Promise.all([twoOf('api', fault, world), twoOf('worker', fault, world)]);
    let owed = queued;
    const scene: Scene = {
      world,
      apis,
      workers,
      dialogue,
      mails,
      letGo,
      opened,
      seconds: (full, short) => (form.short ? short : full),
      judgesTime: !form.short,
      owe: (more) => (owed += more),
    };
    const visitors = fault.visitors === false ? null : new Visitors(world, [...apis], dialogue.slug);
    await world.mailbox.waitFor(Math.floor(queued / 10), 60_000);
    await attempt(() => fault.strike(scene), problems, remarks);
    letGo();
    if (form.short) hurrying = setInterval(() => void hurry(world), 3_000);
    await attempt(() => mailingSettled(world, PATIENCE_SECONDS), problems, remarks);
    await visitors?.leave();
    // Those who came last wait for seconds only.
    await attempt(() => world.settled(PATIENCE_SECONDS / 6), problems, remarks);
    await attempt(async () => fault.afterwards?.(scene), problems, remarks);
    await rested(world, problems);

    const visits = visitors?.visits ?? [];
    const slowest = Math.max(
      0,
      ...visits.filter(({ status }) => status === 201).map((visit) => visit.milliseconds),
    );
    const others = visits.filter(({ status }) => status !== 201).length;
    if (visitors)
      remarks.push(
        `${visits.length} people came to register meanwhile, the slowest 201 took ${slowest} ms${others > 0 ? `, ${others} had to come again` : ''}`,
      );
    const verdict = judge({ ledger: await ledgerOf(world), taken: takenBy(world), visits, owed }, fault);
    return {
      ...verdict,
      differences: [...problems, ...verdict.differences],
      fault,
      backend,
      mails,
      remarks,
      seconds: (performance.now() - started) / 1_000,
    };
  } finally {
    clearInterval(watch);
    clearInterval(hurrying);
    await world.close();
  }
}

function twoOf(name: 'api' | 'worker', fault: Fault, world: World): Promise<Program[]> {
  return Promise.all(
    [0, 1].map((index) => {
      const { environment, nodeOptions } = fault.settings?.(name, index, world) ?? {};
      // Visitors say where they come from, see `register`.
      const common = { PGAPPNAME: `${name}-${index}`, TRUSTED_PROXIES: '1' };
      return world.start(name, { ...common, ...environment }, nodeOptions);
    }),
  );
}

/** Takes so many mails; everything after waits at its RCPT TO until it is opened. */
function holdBackAfter(world: World, mails: number, opened: Promise<void>): void {
  world.mailbox.behave(async ({ stage }) => {
    if (stage === 'recipient' && world.mailbox.mails.length >= mails) await opened;
  });
}

async function attempt(
  work: () => Promise<string | void>,
  problems: string[],
  remarks: string[],
): Promise<void> {
  try {
    const remark = await work();
    if (remark) remarks.push(remark);
  } catch (error) {
    problems.push((error as Error).message);
  }
}

/** At the end nobody may hold on to anything. */
async function rested(world: World, problems: string[]): Promise<void> {
  const [{ claimed }]: [{ claimed: number }] = await world.database.query(
    `SELECT count(*)::int AS claimed FROM mails WHERE claimed_by IS NOT NULL OR state = 'sending'`,
  );
  if (claimed > 0) problems.push(`${claimed} mails are still claimed by somebody`);
}

function ledgerOf(world: World): Promise<LedgerMail[]> {
  return world.database.query(
    `SELECT id, kind, state, recipient, message_id AS "messageId", uncertain, answer FROM mails ORDER BY id`,
  );
}

function takenBy(world: World) {
  return world.mailbox.mails.map(({ raw, to }) => ({
    messageId: /^message-id:\s*<([^@>]+)@/im.exec(raw.toString('latin1', 0, 8_000))?.[1] ?? 'none',
    to: to.join(),
  }));
}
