import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../apps/standalone/src/embedded-postgres';
import { POSTGRES_VARIABLE } from './postgres';

const PREFIX = 'plenary-tests-';

declare global {
  /** The run's PostgreSQL, handed from Jest's globalSetup to its globalTeardown. */
  var plenaryTestPostgres: EmbeddedPostgres | undefined;
}

/** Jest's globalSetup: one PostgreSQL in a temporary folder for the whole run. */
export default async function setUp(): Promise<void> {
  await removeLeftovers();
  const dataDirectory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const server = await startEmbeddedPostgres({
    dataDirectory,
    // Tests survive no power cut, so nothing needs to reach the disk.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  });
  globalThis.plenaryTestPostgres = server;
  const maintenance = new URL(server.url);
  maintenance.pathname = '/postgres';
  process.env[POSTGRES_VARIABLE] = maintenance.toString();

  // Interrupted, Jest skips its teardown.
  const pid = await server.pid();
  process.once('exit', () => {
    if (!globalThis.plenaryTestPostgres) return;
    endServer(pid);
    spawnSync('rm', ['-rf', dataDirectory]);
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => process.exit(code));
}

/** What a killed run left behind. The folder's name says whose it was. */
async function removeLeftovers(): Promise<void> {
  for (const entry of await readdir(tmpdir())) {
    const owner = Number(entry.match(/^plenary-tests-(\d+)-/)?.[1]);
    if (!owner || isAlive(owner)) continue;
    const dataDirectory = join(tmpdir(), entry);
    try {
      // Finds the abandoned server, stops it and starts one of its own, which can then be stopped.
      await (await startEmbeddedPostgres({ dataDirectory })).kill();
      await rm(dataDirectory, { recursive: true, force: true });
    } catch {
      // Another user's, or removed by another run this very moment.
    }
  }
}

function endServer(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It had already ended.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
