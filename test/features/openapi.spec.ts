import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '../support/postgres';

const ROOT = resolve(__dirname, '../..');
/** Under node_modules, so that what is built finds its packages, and a build of the application does not remove it. */
const FOLDER = join(ROOT, 'node_modules/.cache', `plenary-openapi-${process.pid}`);

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
  requestBody?: { content: Record<string, { schema: object }> };
  security?: object[];
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, unknown>; required?: string[] }> };
}

/** The description comes from the compiler, so the API is built as it is for use, and asked over HTTP. */
describe('the description of the API', () => {
  let database: TestDatabase;
  let api: ChildProcess;
  let address: string;
  let document: Document;

  beforeAll(async () => {
    database = await createTestDatabase();
    await build();
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    api = spawn(process.execPath, [join(FOLDER, 'out/apps/api/src/main.js')], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        PORT: String(port),
        HOST: '127.0.0.1',
        DATABASE_URL: database.url,
        SMTP_URL: 'smtp://127.0.0.1:9',
        MAIL_FROM: 'secretariat@plenary.example',
        PUBLIC_URL: address,
        LINK_KEY: 'k'.repeat(32),
        LOG_LEVEL: 'error',
      },
    });
    document = (await answering(`${address}/openapi.json`)) as Document;
  });

  afterAll(async () => {
    if (api?.exitCode === null) {
      const ended = once(api, 'exit');
      api.kill('SIGTERM');
      await ended;
    }
    await database?.drop();
    await rm(FOLDER, { recursive: true, force: true });
  });

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
    );

  test('is OpenAPI 3.1 and names every route that others rely on', () => {
    expect(document.openapi).toBe('3.1.0');
    const dialogue = '/v1/dialogues/{id}';
    expect(operations().map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'post /v1/dialogues',
        `get ${dialogue}`,
        `patch ${dialogue}`,
        `post ${dialogue}/publication`,
        `post ${dialogue}/cancellation`,
        `post ${dialogue}/postponement`,
        `put ${dialogue}/agenda`,
        `get ${dialogue}/agenda`,
        `put ${dialogue}/reminder-rules`,
        `get ${dialogue}/mails`,
        `post ${dialogue}/imports`,
        'post /v1/imports/{id}/confirmation',
        `post ${dialogue}/invitations`,
        `get ${dialogue}/registrations`,
        `get ${dialogue}/participants.csv`,
        `put ${dialogue}/note`,
        `get ${dialogue}/note`,
        `post ${dialogue}/note/publication`,
        'post /v1/mechanisms',
        'get /v1/mechanisms',
        'post /v1/public/dialogues/{slug}/registrations',
      ]),
    );
  });

  test('says of every route what it does, what it answers and how its problems look', () => {
    for (const { name, operation } of operations()) {
      expect([name, operation.summary]).toEqual([name, expect.stringMatching(/\w/)]);
      const answers = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
      expect([name, answers]).toEqual([name, [expect.any(String)]]);
      expect([name, operation.responses['default']?.content]).toEqual([
        name,
        { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      ]);
    }
  });

  test('asks for a token wherever one is needed', () => {
    for (const { name, path, operation } of operations()) {
      const isForOrganisers = path.startsWith('/v1/') && !path.startsWith('/v1/public/');
      expect([name, operation.security]).toEqual([name, isForOrganisers ? [{ token: [] }] : undefined]);
    }
  });

  test('describes every body, field by field', () => {
    for (const { name, operation } of operations()) {
      const bodies = [operation.requestBody, ...Object.values(operation.responses)];
      const schemas = bodies.flatMap((body) =>
        Object.values(body?.content ?? {}).map(({ schema }) => schema),
      );
      expect([name, schemas.filter((schema) => Object.keys(schema).length === 0)]).toEqual([name, []]);
    }
    const empty = Object.entries(document.components.schemas).filter(
      ([, { properties }]) => !properties || Object.keys(properties).length === 0,
    );
    expect(empty.map(([name]) => name)).toEqual([]);
    expect(document.components.schemas['NewDialogue']!.required).toEqual([
      'title',
      'starts_at_local',
      'ends_at_local',
      'time_zone',
      'venue',
      'hosts',
      'working_languages',
    ]);
  });

  test('tells how lists are paged', () => {
    for (const path of ['/v1/dialogues', '/v1/mechanisms', '/v1/people', '/v1/dialogues/{id}/mails']) {
      const names = document.paths[path]!['get']!.parameters!.map(({ name }) => name);
      expect([path, names]).toEqual([path, expect.arrayContaining(['limit', 'cursor'])]);
    }
  });

  test('tells which edits may name the version they were made on, and which bodies may be left out', () => {
    const dialogue = document.paths['/v1/dialogues/{id}']!;
    expect(dialogue['patch']!.parameters!.map(({ name }) => name)).toEqual(['id', 'If-Match']);
    expect(dialogue['patch']!.responses['412']).toBeDefined();
    expect(document.paths['/v1/dialogues/{id}/cancellation']!['post']!.requestBody).toMatchObject({
      required: false,
    });
  });

  test('is browsable', async () => {
    const page = await fetch(`${address}/docs`);
    expect(page.status).toBe(200);
    const script = await fetch(`${address}/docs/swagger-ui-init.js`);
    expect(await script.text()).toContain('/v1/dialogues');
  });
});

async function build(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const configuration = join(FOLDER, 'tsconfig.json');
  await writeFile(
    configuration,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: {
        outDir: join(FOLDER, 'out'),
        rootDir: ROOT,
        incremental: false,
        tsBuildInfoFile: null,
        sourceMap: false,
      },
      include: [join(ROOT, 'apps'), join(ROOT, 'libs')],
      exclude: [join(ROOT, '**/*.spec.ts'), join(ROOT, '**/*.spec.tsx')],
    }),
  );
  const nest = join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');
  await promisify(execFile)(
    process.execPath,
    [nest, 'build', 'api', '--path', relative(ROOT, configuration)],
    { cwd: ROOT },
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answering(url: string): Promise<unknown> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(url).catch(() => null);
    if (answer) return answer.json();
    await sleep(100);
  }
  throw new Error(`Nothing answers at ${url}.`);
}
