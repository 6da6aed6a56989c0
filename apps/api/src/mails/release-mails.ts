import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MailHolds, mailKinds, type HeldCount } from '@app/mail';
import { context } from '@app/platform';

const USAGE =
  'npm run release-mails -- [--kind <kind>] [--dialogue <slug>] [--queued-before <instant>] [--queued-after <instant>] [--yes]';

/**
 * What the command `npm run release-mails` does: shows what is held, and with `--yes` releases it.
 * @param options as on the command line
 * @returns the lines to show
 * @throws Error that names the option and what it may be; nothing is released then
 */
export async function releaseMails(api: INestApplicationContext, options: string[]): Promise<string[]> {
  const { yes, ...chosen } = read(options);
  const dataSource = api.get(DataSource);
  const holds = api.get(MailHolds, { strict: false });
  const { kind, queuedBefore, queuedAfter } = chosen;
  const dialogueId = chosen.dialogue === undefined ? undefined : await idOf(dataSource, chosen.dialogue);
  const filter = { kind, dialogueId, queuedBefore, queuedAfter };
  const counts = yes
    ? await context.run({ actor: 'operator' }, () =>
        dataSource.transaction((manager) => holds.release(manager, filter)),
      )
    : await holds.held(filter);
  if (counts.length === 0) {
    const isNarrowed = Object.values(filter).some((value) => value !== undefined);
    return isNarrowed
      ? ['None of these is held. Next: see what is with `npm run release-mails`.']
      : [
          'None is held. A worker with MAIL_HOLD holds what waits within SWEEP_SECONDS of its start. ' +
            'Next: look again then, or start the workers without MAIL_HOLD.',
        ];
  }
  const lines = await table(dataSource, counts);
  if (!yes) {
    return [
      ...lines,
      'Nothing is released yet. Next: say the same again with --yes, or narrow it down:',
      `  ${USAGE}`,
    ];
  }
  holds.wake();
  return [
    ...lines,
    'Released: workers send them now, each with what is true today. Next: look at what else is held with ' +
      '`npm run release-mails`; once all is released that should go, start the workers without MAIL_HOLD.',
  ];
}

/** @throws Error that names the option and what it may be */
function read(options: string[]) {
  const { dialogue, kind, yes = false, ...instants } = parse(options);
  const kinds = mailKinds().map(({ name }) => name);
  if (kind !== undefined && !kinds.includes(kind)) {
    throw new Error(`--kind must be one of ${kinds.toSorted().join(', ')}; there is no kind "${kind}".`);
  }
  return {
    dialogue,
    kind,
    yes,
    queuedBefore: instant('--queued-before', instants['queued-before']),
    queuedAfter: instant('--queued-after', instants['queued-after']),
  };
}

function parse(options: string[]) {
  try {
    return parseArgs({
      args: options,
      options: {
        kind: { type: 'string' },
        dialogue: { type: 'string' },
        'queued-before': { type: 'string' },
        'queued-after': { type: 'string' },
        yes: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n  ${USAGE}`, { cause: error });
  }
}

function instant(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(date.getTime())) {
    throw new Error(`${option} must be an instant with its zone, such as 2060-01-28T09:00:00Z.`);
  }
  return date;
}

async function idOf(dataSource: DataSource, slug: string): Promise<string> {
  const [dialogue]: { id: string }[] = await dataSource.query('SELECT id FROM dialogues WHERE slug = $1', [
    slug,
  ]);
  if (!dialogue) {
    throw new Error(
      `--dialogue must be what stands behind /d/ in the address of one; there is no dialogue "${slug}".`,
    );
  }
  return dialogue.id;
}

async function table(dataSource: DataSource, counts: HeldCount[]): Promise<string[]> {
  const dialogues: { id: string; slug: string }[] = await dataSource.query(
    'SELECT id, slug FROM dialogues WHERE id = ANY($1)',
    [counts.map(({ dialogueId }) => dialogueId)],
  );
  return counts.map(({ dialogueId, kind, count }) => {
    const slug = dialogues.find(({ id }) => id === dialogueId)?.slug ?? '(no dialogue)';
    return `${String(count).padStart(8)}  ${kind.padEnd(30)}  ${slug}`;
  });
}
