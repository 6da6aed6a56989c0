import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { AccountsService } from '@app/accounts';
import { assertMayMakeKey, migrate } from '@app/database';
import { LEAST_LINK_KEY, StartProblem } from '@app/platform';
import { createApi } from '../../api/src/create-api';
import { createReturns } from '../../returns/src/create-returns';
import { createWorker } from '../../worker/src/create-worker';
import { startEmbeddedPostgres } from './embedded-postgres';
import { startMailbox } from './mailbox';

/** Something that runs and must be ended, in the reverse order of its start. */
interface Part {
  name: string;
  stop: () => Promise<unknown>;
}

/**
 * All of Plenary in one process, for a person who wants to see it: API, worker, returns, PostgreSQL and a mailbox, each left
 * out when `DATABASE_URL` or `SMTP_URL` names another. What it keeps is in `./data` (or `DATA_DIRECTORY`).
 * @throws Error with one line for a person.
 */
export async function start(): Promise<void> {
  const { env } = process;
  const parts: Part[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      for (const part of parts.toReversed()) {
        await part.stop().catch((error: Error) => console.error(`${part.name}: ${error.message}`));
      }
    })());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!stopping) console.log('\nStopping: mails on the line are finished first …');
      void stop().then(() => process.exit(0));
    });
  }

  try {
    env.HOST ??= '127.0.0.1';
    env.PORT ??= '3000';
    await assertFree(env.PORT, env.HOST);
    env.PUBLIC_URL ??= `http://localhost:${env.PORT}`;
    env.MAIL_FROM ??= 'secretariat@plenary.example';
    const data = resolve(env.DATA_DIRECTORY ?? 'data');
    await makeFolder(data);
    const keyFile = join(data, 'link-key');
    env.LINK_KEY ||= await readLinkKey(keyFile);

    if (!env.DATABASE_URL) {
      const postgres = await startEmbeddedPostgres({ dataDirectory: join(data, 'postgres') });
      parts.push({ name: 'PostgreSQL', stop: () => postgres.stop() });
      env.DATABASE_URL = postgres.url;
    }
    await migrate(env.DATABASE_URL);
    if (!env.LINK_KEY) {
      await assertMayMakeKey(env.DATABASE_URL, keyFile, env.LINK_KEY_REPLACES);
      env.LINK_KEY = await makeLinkKey(keyFile);
    }

    let mailboxUrl: string | undefined;
    let returnsFolder: string | undefined;
    if (!env.SMTP_URL) {
      env.MAIL_RETURNS ||= 'returns@plenary.example';
      const mailbox = await startMailbox(join(data, 'mailbox'));
      parts.push({ name: 'Mailbox', stop: mailbox.stop });
      env.SMTP_URL = mailbox.smtpUrl;
      mailboxUrl = mailbox.webUrl;
    }

    if (env.MAIL_RETURNS) {
      if (!env.RETURNS_PORT) {
        env.RETURNS_FOLDER ||= join(data, 'returns');
        await makeFolder(env.RETURNS_FOLDER);
      }
      returnsFolder = env.RETURNS_FOLDER;
      const returns = await createReturns();
      parts.push({ name: 'Returns', stop: () => returns.close() });
    }

    const worker = await createWorker();
    parts.push({ name: 'Worker', stop: () => worker.close() });
    const api = await createApi();
    parts.push({ name: 'API', stop: () => api.close() });
    await api.listen(Number(env.PORT), env.HOST);

    const accounts = api.get(AccountsService);
    const organiser = await accounts.ensureOrganiser(
      env.ORGANISER_EMAIL ?? 'organiser@plenary.example',
      'First organiser',
    );
    if (stopping) return;
    greet({
      pages: env.PUBLIC_URL,
      mailbox: mailboxUrl,
      returns: returnsFolder,
      organiser: organiser.email,
      signIn: await accounts.newSignInLink(organiser.id),
      token: await accounts.newToken(organiser.id, { name: 'npm start', scope: 'write', days: 1 }),
      data,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

function greet(where: {
  pages: string;
  mailbox: string | undefined;
  returns: string | undefined;
  organiser: string;
  signIn: string;
  token: string;
  data: string;
}): void {
  console.log(`
Plenary is running, after ${process.uptime().toFixed(1)} s.

  Sign in (once, as ${where.organiser})
           ${where.signIn}
  API      ${where.pages}/docs
  Token    ${where.token}   (valid for a day)
  Mails    ${where.mailbox ?? 'go out through SMTP_URL'}${
    where.returns === undefined
      ? ''
      : `
  Returns  are read from .eml files in ${where.returns}`
  }
  Data     ${where.data}

Next: open the sign-in link, or try the API:

  curl -H "Authorization: Bearer ${where.token}" ${where.pages}/v1/dialogues

To see a whole dialogue played through, from invitations to the note for file: npm run rehearsal
Ctrl-C stops everything; the data stay.
`);
}

/** @throws Error that says what to do when the folder can't be made or written to. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new Error(
      `The folder ${folder} can't be made (${(error as NodeJS.ErrnoException).code}); ` +
        'give DATA_DIRECTORY a folder that you may write to.',
      { cause: error },
    );
  }
}

/** The key under which personal links are composed, kept outside the database; empty when there is no such file. */
async function readLinkKey(file: string): Promise<string> {
  let key: string;
  try {
    key = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new StartProblem(
      `The link key in ${file} can't be read (${code}). Make it a file that you may read.`,
      {
        cause: error,
      },
    );
  }
  if (key.length >= LEAST_LINK_KEY) return key;
  throw new StartProblem(
    `The link key in ${file} is ${key === '' ? 'empty' : 'cut off'}. ` +
      'Put the file back from your backup. If you have none, remove the file: the next start makes a new key or, if the ' +
      'database is in use, says how.',
  );
}

/** Makes the key once. It appears as a whole or not at all. */
async function makeLinkKey(file: string): Promise<string> {
  const key = randomBytes(48).toString('base64');
  await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return key;
}

/** @throws Error when that is no port, or somebody listens on it already. */
async function assertFree(written: string, host: string): Promise<void> {
  const port = Number(written);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`PORT must be a number from 1 to 65535, such as 3000; it is "${written}".`);
  }
  return new Promise((free, taken) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      taken(
        new Error(
          error.code === 'EADDRINUSE'
            ? `Port ${port} is taken; set another, for instance: PORT=${port + 1} npm start`
            : `Port ${port} on ${host} can't be used (${error.code}).`,
        ),
      ),
    );
    server.listen(port, host, () => server.close(() => free()));
  });
}
