import type { AddressInfo } from 'node:net';
import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';
import { statementsDuring } from '../support/statements';

const TOKEN = 'a-token-of-the-operator';

let api: TestApi;

beforeAll(async () => {
  api = await startApi({ environment: { METRICS_TOKEN: TOKEN } });
  const { id } = await publishDialogue(api);
  await inviteList(api, id, listOf(3));
  await api.dataSource.query(
    `UPDATE mails SET state = CASE WHEN recipient LIKE 'person.1@%' THEN 'held' ELSE 'queued' END,
       next_attempt_at = now() - interval '90 seconds'`,
  );
  await api.dataSource.query(
    `INSERT INTO smtp_circuits (scope, answer, next_try_at) VALUES ('server', 'x', now()), ('far.example', 'x', now())`,
  );
});
afterAll(async () => {
  await api.close();
  delete process.env.METRICS_TOKEN;
});

const scrape = (token: string | null = TOKEN) => api.request('GET', '/metrics', undefined, { token });

/** The value of a metric with these labels. */
function valueOf(text: string, name: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

test('the ledger is told: mails by kind and state, how late the latest is, what is closed', async () => {
  const answer = await scrape();
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toMatch('text/plain; version=0.0.4');
  const { body } = answer;
  expect(valueOf(body, 'plenary_mails{kind="invitation",state="queued"}')).toBe(2);
  expect(valueOf(body, 'plenary_mails{kind="invitation",state="held"}')).toBe(1);
  expect(valueOf(body, 'plenary_mail_oldest_due_seconds')).toBeGreaterThanOrEqual(90);
  expect(valueOf(body, 'plenary_smtp_circuits_open{scope="server"}')).toBe(1);
  expect(valueOf(body, 'plenary_smtp_circuits_open{scope="domain"}')).toBe(1);
});

test('requests are timed by route, and nothing names a person, an address, a dialogue or a domain', async () => {
  await api.request('GET', '/i/not-a-link', undefined, { token: null });
  const { body } = await scrape();
  expect(body).toMatch(
    /plenary_http_request_seconds_count\{method="GET",route="\/i\/:key",status="4xx"\} \d+/,
  );
  expect(body).not.toMatch(/@|\.example|not-a-link|[0-9a-f]{8}-[0-9a-f]{4}/);
});

test('scraping often asks the database once in a few seconds', async () => {
  await scrape();
  const statements = await statementsDuring(api.dataSource, () =>
    Promise.all([scrape(), scrape(), scrape()]),
  );
  expect(statements.length).toBeLessThanOrEqual(2);
});

test.each([null, 'another-token-of-nobody', ''])('nobody reads it with %p', async (token) => {
  expect((await scrape(token)).statusCode).toBe(401);
});

test('a worker tells what it counts on a port of its own, under the same token', async () => {
  const { serveMetrics } =
    require('../../apps/worker/src/metrics-server') as typeof import('../../apps/worker/src/metrics-server');
  const { mailAttempts } = require('@app/platform') as typeof import('@app/platform');
  mailAttempts.inc({ outcome: 'sent' });
  const server = (await serveMetrics({ METRICS_PORT: 0, METRICS_TOKEN: TOKEN, HOST: '127.0.0.1' }))!;
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = (path: string, token?: string) =>
    fetch(`${base}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  expect((await ask('/metrics')).status).toBe(401);
  expect((await ask('/metrics', 'wrong')).status).toBe(401);
  expect((await ask('/other', TOKEN)).status).toBe(404);
  const told = await ask('/metrics', TOKEN);
  expect(await told.text()).toMatch(/plenary_mail_attempts_total\{outcome="sent"\} \d/);
  await new Promise((closed) => server.close(closed));
});

test('without a token there is no such page', async () => {
  const { Environment } = require('@app/platform') as typeof import('@app/platform');
  const environment = api.app.get(Environment);
  try {
    delete environment.METRICS_TOKEN;
    expect((await scrape()).statusCode).toBe(404);
  } finally {
    environment.METRICS_TOKEN = TOKEN;
  }
});
