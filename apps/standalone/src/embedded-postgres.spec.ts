import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres';

const asRoot = process.getuid?.() === 0 ? test : test.skip;
const asOrdinaryUser = process.getuid?.() === 0 ? test.skip : test;

describe('the embedded PostgreSQL', () => {
  let folder: string;
  const running: EmbeddedPostgres[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plenary-embedded-'));
    // What mkdtemp makes nobody else may enter, the server's user included.
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.kill();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(dataDirectory = join(folder, 'data'), port?: number): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ dataDirectory, ...(port && { port }) });
    running.push(server);
    return server;
  }
  async function query(url: string, sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  test('makes its data once and finds it again', async () => {
    const first = await start();
    await query(first.url, `CREATE TABLE kept AS SELECT 'still here' AS word`);
    await first.stop();
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT word FROM kept')).toEqual([{ word: 'still here' }]);
  });

  test('keeps what was committed through a crash, and comes back on the same port', async () => {
    const server = await start();
    await query(server.url, `CREATE TABLE kept AS SELECT 1 AS one`);
    await server.kill();
    await server.start();
    expect(await query(server.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    expect(await query(server.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  test('asks everyone for a password that only its own account can read', async () => {
    const server = await start();
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(query(wrong.toString(), 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect((await stat(join(folder, 'data', 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
  });

  test('told of a password file that is missing, empty or another’s with a stack trace', async () => {
    const server = await start();
    await server.stop();
    const file = join(folder, 'data', 'password');
    const password = await readFile(file, 'utf8');
    await rm(file);
    await expect(start()).rejects.toThrow(
      `The password of the database is missing: ${file} does not exist. Put the file back from your backup`,
    );
    await writeFile(file, '\n');
    await expect(start()).rejects.toThrow(`${file} is empty. Put the file back`);
    await writeFile(file, 'guess');
    const failed = start();
    await expect(failed).rejects.toThrow(`The password in ${file} is not that of the database`);
    await expect(failed).rejects.toMatchObject({ name: 'EmbeddedPostgresError' });
    await writeFile(file, password);
    // Nothing was left running, and nothing was lost.
    expect(await query((await start()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('ends open sessions when it stops', async () => {
    const server = await start();
    const client = new Client({ connectionString: server.url });
    const told = new Promise<Error>((fulfil) => client.on('error', fulfil));
    await client.connect();
    await server.stop();
    expect((await told).message).toContain('terminating connection');
  });

  test('takes over from a process that died without stopping it', async () => {
    const server = await start();
    // As if somebody else had started it and was killed: a number that no process has.
    await writeFile(join(folder, 'data', 'owner'), '4194999\n');
    const before = await server.pid();
    const next = await start();
    expect(await next.pid()).not.toBe(before);
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('leaves a server alone whose process lives', async () => {
    const server = await start();
    const owner = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    try {
      await writeFile(join(folder, 'data', 'owner'), `${owner.pid}\n`);
      await expect(start()).rejects.toThrow(
        `The data folder ${join(folder, 'data')} is in use by process ${owner.pid}; stop that first, or give another folder.`,
      );
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      owner.kill('SIGKILL');
    }
  });

  test('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start(undefined, port)).rejects.toThrow(
      `The port ${port} on 127.0.0.1 is taken; free it, or give another port for PostgreSQL.`,
    );
    other.close();
  });

  test('leaves a folder alone that holds other things', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'letter.txt'), 'mine');
    const before = await stat(join(folder, 'data'));
    await expect(start()).rejects.toThrow(/holds other things \(letter\.txt\); give an empty folder/);
    const after = await stat(join(folder, 'data'));
    expect([after.mode, after.uid]).toEqual([before.mode, before.uid]);
  });

  test('says that a file is no folder', async () => {
    await writeFile(join(folder, 'data'), '');
    await expect(start()).rejects.toThrow(/data can't be used \((EEXIST|ENOTDIR)\); make it writable/);
  });

  test('says so when the data is of another version', async () => {
    await (await start()).stop();
    await writeFile(join(folder, 'data', 'cluster', 'PG_VERSION'), '15\n');
    await expect(start()).rejects.toThrow(/made by another version of PostgreSQL: FATAL: .*version 15/);
  });

  asOrdinaryUser('says so when the folder is not writable', async () => {
    await chmod(folder, 0o555);
    await expect(start()).rejects.toThrow(/can't be used \(EACCES\); make it writable/);
    await chmod(folder, 0o755);
  });

  asRoot('names the folder that the server’s user can not enter', async () => {
    await chmod(folder, 0o700);
    await expect(start()).rejects.toThrow(`can't enter ${folder}, so it can't keep its data`);
  });

  asRoot('runs as a user without rights and goes on as the owner of the data', async () => {
    const server = await start();
    const status = await readFile(`/proc/${await server.pid()}/status`, 'utf8');
    expect(status).not.toMatch(/^Uid:\s+0\b/m);
  });
});
