import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { startApi, type TestApi } from '../support/api';
import { publishDialogue } from '../support/participants';

describe('what all routes have in common', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  test('the probes answer', async () => {
    expect((await api.request('GET', '/health/live')).json()).toEqual({ status: 'up' });
    expect((await api.request('GET', '/health/ready')).json()).toEqual({ status: 'up', queue: 'up' });
  });

  test('an unknown address is a problem document to a program and a page to a person', async () => {
    const document = await api.request('GET', '/v1/nothing');
    expect(document.statusCode).toBe(404);
    expect(document.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(document.json()).toMatchObject({
      type: 'urn:plenary:problem:not_found',
      status: 404,
      code: 'not_found',
      instance: `urn:plenary:request:${document.headers['x-request-id']}`,
    });
    const page = await api.request('GET', '/d/nothing', undefined, { headers: { 'accept-language': 'ar' } });
    expect(page.statusCode).toBe(404);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('dir="rtl"');
  });

  test('what PostgreSQL cannot read is a wrong request to a program and a missing page to a person', async () => {
    const cursor = Buffer.from(JSON.stringify(['2026-x', randomUUID()])).toString('base64url');
    const { id } = await publishDialogue(api);
    const list = await api.request('GET', `/v1/dialogues/${id}/registrations?cursor=${cursor}`);
    expect([list.statusCode, list.json().code]).toEqual([400, 'invalid_input']);
    const page = await api.request('GET', '/d/%00', undefined, { token: null });
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  });

  test('ten megabytes are refused as too large', async () => {
    const answer = await api.request('POST', '/v1/mechanisms', { name: 'x'.repeat(10 * 1024 * 1024) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'too_large' });
  });

  test('nothing may be loaded from elsewhere, and no address is told', async () => {
    const { headers } = await api.request('GET', '/health/live');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const docs = await api.request('GET', '/docs');
    expect(docs.statusCode).toBe(200);
    expect(docs.headers['content-security-policy']).toContain(
      "script-src 'self'; style-src 'self' 'unsafe-inline'",
    );
  });
});

test('stopping lets a request under way finish, and waits neither for an idle connection nor for one that never asked', async () => {
  const api = await startApi();
  const { port } = new URL(await listening(api));
  // As a browser opens one in advance.
  const silent = connect(Number(port), '127.0.0.1');
  const idle = connect(Number(port), '127.0.0.1');
  const busy = connect(Number(port), '127.0.0.1');
  const received = (socket: typeof idle, until: RegExp) =>
    new Promise<string>((resolve, reject) => {
      let text = '';
      socket.on('data', (data) => until.test((text += String(data))) && resolve(text));
      socket.on('close', () => reject(new Error(`closed after: ${text}`)));
      socket.on('error', reject);
    });
  idle.write('GET /health/live HTTP/1.1\r\nHost: plenary.example\r\n\r\n');
  await received(idle, /"up"/);
  const form = 'email=nobody%40mission.example';
  const answer = received(busy, /<\/html>/);
  const arrived = once(api.app.getHttpServer(), 'request');
  busy.write(
    `POST /sign-in HTTP/1.1\r\nHost: plenary.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form.slice(0, 9)}`,
  );
  await arrived;
  // No time-out of the server's own may end these connections: if stopping waited for one of them, it would wait for ever.
  const server = api.app.getHttpServer() as Server;
  Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
  const idleEnded = once(idle, 'close');
  const closed = api.close();
  await idleEnded;
  busy.write(form.slice(9));
  expect(await answer).toMatch(/^HTTP\/1\.1 200[^]*connection: close/i);
  await closed;
  for (const socket of [silent, idle, busy]) socket.destroy();
});

async function listening(api: TestApi): Promise<string> {
  await api.app.listen(0, '127.0.0.1');
  return api.app.getUrl();
}
