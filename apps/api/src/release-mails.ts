import { parseArgs } from 'node:util';
import { DataSource } from 'typeorm';
import { MailHolds, type HeldCount } from '@app/mail';
import { Environment } from '@app/platform';
import { createApi } from './create-api';

const HELP = `npm run release-mails -- [--kind <kind>] [--dialogue <slug>] [--queued-before <instant>] [--queued-after <instant>] [--yes]`;

/** The command `npm run release-mails`: for an operator, after a backup was put back and everything is held. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kind: { type: 'string' },
      dialogue: { type: 'string' },
      'queued-before': { type: 'string' },
      'queued-after': { type: 'string' },
      yes: { type: 'boolean' },
    },
  });
  const queuedBefore = instant('--queued-before', values['queued-before']);
  const queuedAfter = instant('--queued-after', values['queued-after']);
  const api = await createApi();
  try {
    const holds = api.get(MailHolds, { strict: false });
    const dataSource = api.get(DataSource);
    const filter = {
      kind: values.kind,
      dialogueId: values.dialogue === undefined ? undefined : await dialogueOf(dataSource, values.dialogue),
      queuedBefore,
      queuedAfter,
    };
    if (!values.yes) {
      const held = await holds.held(filter);
      await show(dataSource, held);
      console.log(
        held.length > 0
          ? 'Nothing is released yet. Next: say the same again with --yes, or narrow it down:\n  ' + HELP
          : `None is held. With MAIL_HOLD=true a worker holds what waits within SWEEP_SECONDS of its start.`,
      );
      return;
    }
    const released = await dataSource.transaction((manager) => holds.release(manager, filter));
    await show(dataSource, released);
    holds.wake();
    console.log(
      'Released: workers send them now, each with what is true today. ' +
        'Next: look at what else is held with `npm run release-mails`; when all is released that should go, ' +
        (api.get(Environment).MAIL_HOLD ? '' : 'and if it is still set for the workers, ') +
        'start the workers without MAIL_HOLD.',
    );
  } finally {
    await api.close();
  }
}

/** @throws Error that says how an instant is written */
function instant(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(date.getTime())) {
    throw new Error(`${option} must be an instant with its zone, such as 2060-01-28T09:00:00Z.`);
  }
  return date;
}

/** @throws Error when there is none */
async function dialogueOf(dataSource: DataSource, slug: string): Promise<string> {
  const [dialogue]: { id: string }[] = await dataSource.query('SELECT id FROM dialogues WHERE slug = $1', [
    slug,
  ]);
  if (!dialogue)
    throw new Error(`There is no dialogue ${slug}; its name is what stands behind /d/ in its address.`);
  return dialogue.id;
}

async function show(dataSource: DataSource, counts: HeldCount[]): Promise<void> {
  const dialogues: { id: string; slug: string }[] = await dataSource.query(
    'SELECT id, slug FROM dialogues WHERE id = ANY($1)',
    [counts.map(({ dialogueId }) => dialogueId)],
  );
  for (const { dialogueId, kind, count } of counts) {
    const slug = dialogues.find(({ id }) => id === dialogueId)?.slug ?? '(no dialogue)';
    console.log(`${String(count).padStart(8)}  ${kind.padEnd(30)}  ${slug}`);
  }
}

main().catch((error: Error) => {
  console.error(`No mail released: ${error.message}`);
  process.exit(1);
});
