import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { approvers, delegate, delegates } from './delegates';
import { DELEGATIONS_JOIN_URL, DelegationsStory } from './delegations-story';
import { everyone, namedInAgenda, organiser, parts, person, reference, SPOKEN } from './cast';
import { expectation, type Expectation } from './expectation';
import { Inbox } from './inbox';
import { judge } from './judge';
import { plain } from './reading';
import { table } from './report';
import { HOST_ZONE, JOIN_URLS, NOTE_WORDS, OWN_WORDS_READ, Story } from './story';
import { CHANGE_GATHERING_SECONDS, MAIL_FROM, MAIL_RETURNS, SMTP_CONNECTIONS, System } from './system';

const USAGE = `npm run rehearsal [-- --queue redis] [-- --kill]

Plays a whole dialogue, from invitations to the note for file, against a system started for it alone, in real time.
  --queue postgres|redis   where the jobs are kept; postgres unless given
  --kill                   kills the worker with -9 in the middle, twice`;

/** So many differences are shown; the others are in the file beside the logs. */
const SHOWN = 60;

/** A rehearsal without a verdict is played again, so often at most. */
const ATTEMPTS = 3;

interface Options {
  queue: 'postgres' | 'redis';
  kill: boolean;
}

/** How a rehearsal ended. `undecided`: somebody acted so close to a due instant that either outcome would be right. */
type Verdict = 'as expected' | 'different' | 'undecided';

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    console.error(`${options}\n\n${USAGE}`);
    return 2;
  }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const verdict = await rehearse(options);
    if (verdict !== 'undecided') return verdict === 'as expected' ? 0 : 1;
    if (attempt < ATTEMPTS) console.log('\nThe rehearsal is played again.\n');
  }
  console.error(`No verdict after ${ATTEMPTS} rehearsals: this machine is too busy to play it in real time.`);
  return 1;
}

/** Plays the story once and compares what people received with what they were owed. */
async function rehearse(options: Options): Promise<Verdict> {
  const began = Date.now();
  const say = (what: string): void => {
    const seconds = Math.round((Date.now() - began) / 1000);
    console.log(`  ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}  ${what}`);
  };
  console.log(
    `Rehearsal of “${reference.dialogue.title}”, jobs on ${options.queue === 'redis' ? 'Redis' : 'PostgreSQL'}` +
      `${options.kill ? ', with the worker killed in the middle' : ''}.\n`,
  );

  let system: System | undefined;
  let inbox: Inbox | undefined;
  /** Nobody needs the logs. */
  let clean = false;
  let stopping = false;
  const interrupted = (signal: NodeJS.Signals): void => {
    stopping = true;
    console.log(`\n${signal}: stopping what was started …`);
    void (system?.stop({ keepLogs: false }) ?? Promise.resolve()).finally(() =>
      process.exit(signal === 'SIGINT' ? 130 : 143),
    );
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);

  try {
    system = await System.start(options.queue);
    say('PostgreSQL, API, worker, returns and a mailbox are running.');
    inbox = new Inbox(system.mailbox, [
      { number: 0, ...organiser },
      ...everyone,
      ...delegates,
      { ...parts.corrected, name: person(parts.corrected.number).name },
    ]);
    const story = new Story(system, inbox, { kill: options.kill, say });
    let delegationsStory: DelegationsStory | undefined;
    let broken: string | undefined;
    try {
      await story.play(() => {
        const other = new DelegationsStory(system!, inbox!, story.organiser, say, () => story.scansDone());
        return (delegationsStory = other).play();
      });
    } catch (error) {
      // What breaks now breaks because it was asked to stop; the process ends when all is stopped.
      if (stopping) await new Promise(() => undefined);
      broken = `The story could not be played to its end: ${(error as Error).message}`;
    }

    const expected = expectation(everyone, story.acts, {
      places: parts.places,
      workingLanguages: reference.dialogue.working_languages,
      dialogue: 1,
      spoken: SPOKEN,
      inAgenda: namedInAgenda,
      gathering: CHANGE_GATHERING_SECONDS * 1000,
      organiser: { email: organiser.email, language: 'en' },
      ...(broken && { until: Date.now() - 5_000 }),
    });
    const expectedOfDelegations = expectation(delegates, delegationsStory?.acts ?? [], {
      places: Infinity,
      workingLanguages: reference.dialogue.working_languages,
      dialogue: 2,
      spoken: SPOKEN,
      inAgenda: new Set(),
      gathering: CHANGE_GATHERING_SECONDS * 1000,
      organiser: { email: organiser.email, language: 'en' },
      approvers,
      ...(broken && { until: Date.now() - 5_000 }),
    });
    const owed = [...expected.mails, ...expectedOfDelegations.mails];
    const ledger = [
      ...(await story.ledger().catch(() => [])),
      ...((await delegationsStory?.ledger().catch(() => [])) ?? []),
    ];
    const judgement = judge(owed, inbox.mails, ledger, {
      who: (number) => (number === 0 ? organiser : (delegate(number) ?? person(number))),
      hostZone: HOST_ZONE,
      joinUrls: [...JOIN_URLS, DELEGATIONS_JOIN_URL],
      origin: system.origin,
      mailFrom: MAIL_FROM,
      returns: MAIL_RETURNS,
      ownWords: [OWN_WORDS_READ],
      kills: story.kills,
      connections: SMTP_CONNECTIONS,
    });
    const unclear = [...expected.unclear, ...expectedOfDelegations.unclear];
    // What broke the story is told first: it must not be played again until it happens to pass.
    if (!broken && unclear.length > 0) {
      clean = true;
      for (const act of unclear) console.log(`  too slow to say what is owed: ${act}`);
      console.log(
        '\nNo verdict: an act took so long that it reached the instant at which something fell due.',
      );
      return 'undecided';
    }
    const differences = [
      ...(broken ? [broken, ...unclear.map((act) => `too slow to say what is owed: ${act}`)] : []),
      ...system.fell(),
      ...inbox.unreadable.map((mail) => `unreadable: ${mail}`),
      ...judgement.differences,
      ...story.differences,
      ...(delegationsStory?.differences ?? []),
      ...(broken ? [] : await differencesInTheEnd(story, expected)),
      ...(broken || !delegationsStory
        ? []
        : await differencesOfStandings(delegationsStory, expectedOfDelegations, delegates)),
    ];
    clean = differences.length === 0;

    console.log(`\n${table(judgement.counts)}\n`);
    const seconds = Math.round((Date.now() - began) / 1000);
    const uncertain = ledger.filter((row) => row.uncertain).length;
    const kills =
      story.kills > 0
        ? ` The worker was killed ${story.kills} times; ${uncertain} mails that were on the line are flagged ` +
          `uncertain, and no other came twice.`
        : '';
    if (clean) {
      console.log(`No difference: ${owed.length} mails expected and seen in ${seconds} s.${kills}`);
      console.log(
        '\nNext: npm start, to try it yourself; or rehearse bad luck: npm run rehearsal -- --kill, npm run faults.',
      );
    } else {
      const lines = grouped(differences).map(([line, times]) =>
        times > 1 ? `${line}  (${times} times)` : line,
      );
      for (const line of lines.slice(0, SHOWN)) console.log(`  ${line}`);
      if (lines.length > SHOWN) console.log(`  … and ${lines.length - SHOWN} more`);
      await writeFile(join(system.folder, 'differences.txt'), `${lines.join('\n')}\n`);
      console.log(`\n${differences.length} differences after ${seconds} s.`);
      console.log(
        `Next: read the logs in ${system.folder} (differences.txt, api.log, worker.log, returns.log), then delete that folder.`,
      );
    }
    return clean ? 'as expected' : 'different';
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    inbox?.close();
    await system?.stop({ keepLogs: !clean });
  }
}

/** Where everybody stands in the end, by the organiser's list, against the model. */
async function differencesOfStandings(
  story: { registrations(): Promise<{ name: string; email: string; state: string }[]> },
  expected: Expectation,
  people: readonly { number: number; name: string; email: string }[],
): Promise<string[]> {
  const differences: string[] = [];
  const registrations = await story.registrations();
  const states = new Map(registrations.map((row) => [`${row.name} ${row.email}`, row]));
  for (const one of people) {
    const row = states.get(`${one.name} ${one.email}`);
    const standing = expected.standings.get(one.number)!;
    const state = ['not invited', 'invited', 'declined'].includes(standing) ? undefined : standing;
    if (row?.state !== state) {
      differences.push(`registration of ${one.name}: ${row?.state ?? 'none'}, not ${state ?? 'none'}`);
    }
  }
  const known = [...expected.standings.values()].filter(
    (standing) => !['not invited', 'invited', 'declined'].includes(standing),
  ).length;
  if (registrations.length !== known) differences.push(`${registrations.length} registrations, not ${known}`);
  return differences;
}

/** Lists and pages as they are in the end, against the model. */
async function differencesInTheEnd(story: Story, expected: Expectation): Promise<string[]> {
  const differences: string[] = [];
  differences.push(...(await differencesOfStandings(story, expected, everyone)));
  const registrations = await story.registrations();
  const waiting = registrations
    .filter(({ state }) => state === 'waitlisted')
    .toSorted((one, other) => Number(one.waitlist_number) - Number(other.waitlist_number))
    .map(({ name }) => name);
  const owed = expected.waitlist.map((number) => person(number).name);
  if (waiting.join() !== owed.join()) {
    differences.push(`the waitlist is ${waiting.join(', ')}; it should be ${owed.join(', ')}`);
  }

  const page = await story.note();
  const note = plain(page.text);
  if (page.status !== 200) differences.push(`the page of the note answers ${page.status}`);
  for (const words of NOTE_WORDS) {
    if (!note.includes(plain(words))) differences.push(`the note lacks “${words.slice(0, 60)}…”`);
  }
  if (JOIN_URLS.some((url) => page.html.includes(url))) differences.push('the note shows the link to join');
  // The annex alone: those who spoke or chaired stand in the text whether they are listed or not.
  const spoke = new Set(reference.interventions.map(({ speaker }) => speaker));
  const annex = new Set(expected.annex);
  for (const { number, name } of everyone) {
    const isNamed = note.includes(name);
    if (annex.has(number) && !isNamed) differences.push(`the annex lacks ${name}`);
    if (!annex.has(number) && isNamed && !spoke.has(name) && !namedInAgenda.has(name)) {
      differences.push(`the note names ${name}, who is not to be listed`);
    }
  }
  return differences;
}

function grouped(lines: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts];
}

function readOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: { queue: { type: 'string', default: 'postgres' }, kill: { type: 'boolean', default: false } },
    });
    const { queue, kill } = values;
    if (queue !== 'postgres' && queue !== 'redis') return `--queue is postgres or redis, not ${queue}.`;
    return { queue, kill };
  } catch (error) {
    return (error as Error).message;
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`\nThe rehearsal could not start. ${error.message}`);
    process.exit(1);
  },
);
