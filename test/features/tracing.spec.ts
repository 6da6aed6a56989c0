import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What a program does that traces: it is asked over HTTP for a personal link, asks the database, sends. */
const PROGRAM = `
  const { inSpan, nameRoute } = require('./tracing.js');
  require('./start-tracing.js');
  // What a program does in any case; without it SIGTERM would end it at once.
  const running = setInterval(() => undefined, 1000);
  process.once('SIGTERM', () => clearInterval(running));
  // It ends by itself when there is nothing left to do, so not before what it has to tell is told.
  process.once('exit', () => {
    process.exitCode = Object.keys(require.cache).some((file) => file.includes('@opentelemetry')) ? 10 : 11;
  });
  const http = require('node:http');
  const { Client } = require('pg');
  async function main() {
    const server = http.createServer((request, response) => {
      if (request.url.startsWith('/i/')) nameRoute('GET', '/i/:key');
      void work().then(() => response.end(), () => response.end());
    });
    async function work() {
      const client = new Client({ connectionString: process.env.DATABASE_URL });
      await client.connect();
      await client.query('SELECT $1::text AS recipient', ['karin.holm@ministry.example']);
      await client.query('SELECT no_such_column_$1', ['x']).catch(() => undefined);
      await client.end();
      await inSpan('SMTP transaction', { kind: 'invitation' }, async () => {
        throw new Error('550 <karin.holm@ministry.example> unknown');
      }).catch(() => undefined);
    }
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    for (const path of ['/i/' + 'k'.repeat(65), '/i/' + 'k'.repeat(40) + '%6B' + 'k'.repeat(24), '/nowhere/' + 'k'.repeat(30)]) {
      await fetch('http://127.0.0.1:' + server.address().port + path + '?q=karin.holm@ministry.example', {
        headers: { 'user-agent': 'Her program', authorization: 'Bearer plenary_secret', referer: path },
      });
    }
    server.close();
    process.kill(process.pid, 'SIGTERM');
  }
  void main();
`;

let receiver: Server;
/** One text a request. */
let received: string[];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      received.push(text);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
});
afterAll(() => receiver.close());
beforeEach(() => {
  received = [];
});

/** Runs the program, compiled as it is for use; resolves with whether it loaded OpenTelemetry. */
async function run(environment: Record<string, string>): Promise<boolean> {
  const { createTestDatabase } = require('../support/postgres') as typeof import('../support/postgres');
  const database = await createTestDatabase();
  const ts = require('typescript') as typeof import('typescript');
  const { mkdtemp, readFile, rm, writeFile } = await import('node:fs/promises');
  const folder = await mkdtemp(join(process.cwd(), 'node_modules/.cache-tracing-'));
  try {
    for (const name of ['start-tracing', 'tracing', 'redact']) {
      const source = await readFile(join(process.cwd(), `libs/platform/src/${name}.ts`), 'utf8');
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
      });
      await writeFile(join(folder, `${name}.js`), outputText);
    }
    await writeFile(join(folder, 'main.js'), PROGRAM);
    const child = spawn(process.execPath, [join(folder, 'main.js')], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, ...environment },
    });
    const [code] = (await once(child, 'exit')) as [number];
    expect([10, 11]).toContain(code);
    return code === 10;
  } finally {
    await rm(folder, { recursive: true });
    await database.drop();
  }
}

test('spans of requests, statements and our own arrive, and tell a route and no address, link, token or value', async () => {
  const port = (receiver.address() as AddressInfo).port;
  expect(await run({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` })).toBe(true);
  const spans = received
    .map((text) => JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] })
    .flatMap(({ resourceSpans }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  expect(spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'GET',
      'GET /i/:key',
      expect.stringMatching(/^pg\.query:SELECT/),
      'SMTP transaction',
    ]),
  );
  expect(received.join('')).toContain('SELECT $1::text AS recipient');
  expect(received.join('')).not.toMatch(/karin|kkkkk|plenary_secret|Her program/);
});

test('without an endpoint nothing is loaded and nothing sent', async () => {
  expect(await run({})).toBe(false);
  expect(received).toEqual([]);
});
