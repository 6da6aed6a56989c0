import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi, type TestApi } from '../support/api';
import { createEmptyDatabase } from '../support/postgres';
import { freePort } from '../../apps/standalone/src/embedded-postgres';

let api: TestApi;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  api = await startApi();
  environment = { ...process.env };
});
afterAll(() => api.close());
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
});

const otherKey = () => randomBytes(48).toString('base64');

/** The programs, each as it starts. */
const PROGRAMS: Record<string, () => Promise<{ close(): Promise<unknown> }>> = {
  api: () =>
    (require('../../apps/api/src/create-api') as typeof import('../../apps/api/src/create-api')).createApi(),
  worker: () =>
    (
      require('../../apps/worker/src/create-worker') as typeof import('../../apps/worker/src/create-worker')
    ).createWorker(),
  returns: () =>
    (
      require('../../apps/returns/src/create-returns') as typeof import('../../apps/returns/src/create-returns')
    ).createReturns(),
};

/** Why a program does not start: one sentence or a few for a person, on one line. */
async function whyNot(program: string, settings: NodeJS.ProcessEnv): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plenary-start-'));
  Object.assign(process.env, {
    MAIL_RETURNS: 'returns@plenary.example',
    RETURNS_FOLDER: folder,
    ...settings,
  });
  const why = await PROGRAMS[program]!().then(
    async (started) => {
      await started.close();
      return new Error(`The ${program} started.`);
    },
    (error: Error) => error,
  );
  await rm(folder, { recursive: true });
  expect(why.name).toBe('StartProblem');
  expect(why.message).not.toMatch(/\n|secret-password|\bat \S+ \(/);
  return why.message;
}

describe('a link key', () => {
  test.each(Object.keys(PROGRAMS))(
    'that was another one than before did not keep the %s from starting',
    async (program) => {
      const key = otherKey();
      const why = await whyNot(program, { LINK_KEY: key });
      expect(why).toContain('LINK_KEY is not the key of this database');
      expect(why).toMatch(/start once with LINK_KEY_REPLACES=[0-9a-f]{16}: .* stop working/);
      expect(why).not.toContain(key);
    },
  );

  test('is replaced only for anyone who names the one that it replaces, and written down', async () => {
    const [{ fingerprint }] = await api.dataSource.query('SELECT fingerprint FROM link_key');
    const key = otherKey();
    for (const replaces of ['0123456789abcdef', 'unknown', ''])
      expect(await whyNot('worker', { LINK_KEY: key, LINK_KEY_REPLACES: replaces })).toContain(fingerprint);
    expect(await whyNot('worker', { LINK_KEY: key, LINK_KEY_REPLACES: 'yes' })).toContain(
      'LINK_KEY_REPLACES',
    );

    Object.assign(process.env, { LINK_KEY: key, LINK_KEY_REPLACES: fingerprint });
    for (let start = 0; start < 2; start++) await (await PROGRAMS['api']!()).close();
    const [{ fingerprint: replaced }] = await api.dataSource.query('SELECT fingerprint FROM link_key');
    expect(replaced).not.toBe(fingerprint);
    const lines = await api.dataSource.query(
      `SELECT details FROM audit_entries WHERE action = 'link_key.replaced'`,
    );
    expect(lines).toEqual([{ details: { from: fingerprint, to: replaced } }]);

    // What had the old key is refused now, though it may still have the setting.
    const old = environment['LINK_KEY']!;
    expect(await whyNot('worker', { LINK_KEY: old, LINK_KEY_REPLACES: fingerprint })).toContain(replaced);
    Object.assign(process.env, { LINK_KEY: old, LINK_KEY_REPLACES: replaced });
    await (await PROGRAMS['worker']!()).close();
  });
});

describe('a database', () => {
  test('that could not be opened was told with a stack trace', async () => {
    const own = new URL(api.database.url);
    const at = (change: Partial<URL>) =>
      Object.assign(new URL(own), { password: 'secret-password' }, change).toString();
    const port = await freePort();
    for (const [url, words] of [
      [at({}), /refuses the user "[^"]+" or the password\. Correct them in DATABASE_URL/],
      [
        at({ password: own.password, pathname: '/nothing-there' }),
        /no database "nothing-there" at .*createdb/,
      ],
      [
        at({ host: `127.0.0.1:${port}` }),
        new RegExp(`127\\.0\\.0\\.1:${port} can't be reached \\(ECONNREFUSED\\)\\. Start`),
      ],
      [at({ host: 'nowhere.invalid' }), /nowhere\.invalid(:\d+)? can't be reached \(\w+\)/],
      ['postgres://plenary:secret-password@[', /DATABASE_URL is not a URL/],
    ] as const) {
      expect(await whyNot('worker', { DATABASE_URL: url })).toMatch(words);
    }
    const { migrate } = require('@app/database') as typeof import('@app/database');
    await expect(migrate(at({ host: `127.0.0.1:${port}` }))).rejects.toThrow("can't be reached");
  });

  test('that was not migrated is named with what to run', async () => {
    const database = await createEmptyDatabase();
    expect(await whyNot('api', { DATABASE_URL: database.url })).toContain('npm run migrate');
    await database.drop();
  });
});

describe('npm start', () => {
  let data: string;
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'plenary-start-'));
    Object.assign(process.env, { DATA_DIRECTORY: data, PORT: String(await freePort()), LINK_KEY: '' });
  });
  afterEach(() => rm(data, { recursive: true }));

  const start = () => {
    const { start: startAll } =
      require('../../apps/standalone/src/standalone') as typeof import('../../apps/standalone/src/standalone');
    return startAll();
  };

  test('made another key when the file was lost, and every link that was mailed was dead', async () => {
    const [{ fingerprint }] = await api.dataSource.query('SELECT fingerprint FROM link_key');
    const lost = `no file ${join(data, 'link-key')}, and the database is in use. Put the file back`;
    await expect(start()).rejects.toThrow(lost);
    await expect(start()).rejects.toThrow(`LINK_KEY_REPLACES=${fingerprint}`);
    // A database of the version before has no fingerprint, and people in it.
    await api.dataSource.query('DELETE FROM link_key');
    await expect(start()).rejects.toThrow('LINK_KEY_REPLACES=unknown');
    expect(await readdir(data)).toEqual([]);

    const { assertMayMakeKey } = require('@app/database') as typeof import('@app/database');
    await assertMayMakeKey(api.database.url, 'link-key', 'unknown');
    await api.dataSource.query('INSERT INTO link_key (fingerprint) VALUES ($1)', [fingerprint]);
    await assertMayMakeKey(api.database.url, 'link-key', fingerprint);
  });

  test('took an empty key file, or half of one, for a mistake in a setting', async () => {
    for (const [content, word] of [
      ['', 'empty'],
      [' \n', 'empty'],
      ['k'.repeat(20), 'cut off'],
    ] as const) {
      await writeFile(join(data, 'link-key'), content);
      await expect(start()).rejects.toThrow(
        `The link key in ${join(data, 'link-key')} is ${word}. Put the file back`,
      );
      expect(await readFile(join(data, 'link-key'), 'utf8')).toBe(content);
    }
  });

  test('names a key file that can not be read', async () => {
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(data, 'link-key'));
    await expect(start()).rejects.toThrow(`${join(data, 'link-key')} can't be read (EISDIR)`);
    expect((await stat(join(data, 'link-key'))).isDirectory()).toBe(true);
  });
});
