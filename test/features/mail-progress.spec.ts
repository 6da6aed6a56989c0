import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';
import { statementsDuring } from '../support/statements';
import { until } from '../support/until';

interface Progress {
  states: Record<string, number>;
  kinds: Record<string, Record<string, number>>;
  moving: boolean;
}

let api: TestApi;
let dialogue: string;
let port: number;

beforeAll(async () => {
  api = await startApi();
  await api.app.listen(0, '127.0.0.1');
  port = (api.app.getHttpServer().address() as AddressInfo).port;
  dialogue = (await publishDialogue(api)).id;
  await inviteList(api, dialogue, listOf(3));
});
afterAll(() => api.close());

/** A listener, and everything it has heard. */
class Listener {
  text = '';
  ended = false;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    response.on('end', () => (this.ended = true)).on('error', () => undefined);
  }

  static async open(token = api.organiser.token): Promise<Listener> {
    const request = get({
      port,
      host: '127.0.0.1',
      path: `/v1/dialogues/${dialogue}/mails/progress/events`,
      headers: { authorization: `Bearer ${token}` },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new Listener(response);
  }

  get events(): Progress[] {
    return [...this.text.matchAll(/^event: progress\ndata: (.*)\n\n/gmu)].map(
      ([, data]) => JSON.parse(data!) as Progress,
    );
  }

  async until(check: () => boolean): Promise<void> {
    await until(check, 'an event');
  }
}

const set = (values: string) =>
  api.dataSource.query(`UPDATE mails SET ${values} WHERE dialogue_id = $1`, [dialogue]);

test('progress is how many mails are in which state, all and by kind', async () => {
  const answer = await api.request('GET', `/v1/dialogues/${dialogue}/mails/progress`);
  const none = { sending: 0, sent: 0, deferred: 0, held: 0, failed: 0, suppressed: 0, stale: 0, missed: 0 };
  expect(answer.json()).toEqual({
    states: { queued: 3, ...none },
    kinds: { invitation: { queued: 3, ...none } },
    moving: true,
  });
});

/** Waits until the progress was counted so many times more. */
async function asked(times: number): Promise<void> {
  const { MailProgress } = require('@app/mail') as typeof import('@app/mail');
  const count = jest.spyOn(api.app.get(MailProgress), 'of');
  // The last of them may not be answered yet when it is counted.
  await until(() => count.mock.calls.length > times, 'a question');
  count.mockRestore();
}

test('a listener hears at once how it stands and then what changes, nothing twice', async () => {
  const listener = await Listener.open();
  expect(listener.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(listener.response.headers['cache-control']).toBe('no-store');
  await listener.until(() => listener.events.length === 1);
  await asked(2);
  expect(listener.events).toHaveLength(1);
  await set(`state = 'sent'`);
  await listener.until(() => listener.events.length === 2);
  expect(listener.events[1]).toMatchObject({ states: { queued: 0, sent: 3 }, moving: false });
  listener.response.destroy();
});

test('ten listeners cost one question a second, and none once they have gone', async () => {
  const listeners = await Promise.all(Array.from({ length: 10 }, () => Listener.open()));
  await Promise.all(listeners.map((each) => each.until(() => each.events.length > 0)));
  const counts = async (work: () => Promise<unknown>) =>
    (await statementsDuring(api.dataSource, work)).filter(({ text }) => text.includes('FROM mails')).length;
  // Each listener asks; all who ask in the same moment share one question.
  let questions = 0;
  const shared = await counts(async () => {
    const began = performance.now();
    await asked(30);
    // A timer is never early, so no machine is too slow for this.
    questions = 2 + Math.ceil((performance.now() - began) / 1_000);
  });
  expect(shared).toBeLessThanOrEqual(questions);
  for (const { response } of listeners) response.destroy();
  const connections = () =>
    new Promise<number>((resolve) =>
      api.app.getHttpServer().getConnections((_: unknown, open: number) => resolve(open)),
    );
  await until(async () => (await connections()) === 0, 'the end of all connections');
  expect(await counts(() => sleep(2_000))).toBe(0);
});

test('who may not look is refused as everywhere, before anything is streamed', async () => {
  const { token } = await api.newOrganiser();
  const stranger = await Listener.open(token);
  await stranger.until(() => stranger.ended);
  expect(stranger.response.statusCode).toBe(404);
  expect(stranger.response.headers['content-type']).toMatch('application/problem+json');
});

test('who may not look any more is cut off within a minute', async () => {
  const reader = await api.newOrganiser();
  await api.request('POST', `/v1/dialogues/${dialogue}/roles`, { email: reader.email, roles: ['viewer'] });
  const listener = await Listener.open(reader.token);
  await listener.until(() => listener.events.length === 1);
  await api.dataSource.query('UPDATE api_tokens SET revoked_at = now() WHERE organiser_id = $1', [reader.id]);
  const now = Date.now;
  try {
    Date.now = () => now() + 61_000;
    await listener.until(() => listener.ended);
    expect(listener.events).toHaveLength(1);
  } finally {
    Date.now = now;
  }
});

test('a line without news is kept by a comment', async () => {
  const listener = await Listener.open();
  await listener.until(() => listener.events.length === 1);
  const now = Date.now;
  try {
    Date.now = () => now() + 16_000;
    await listener.until(() => listener.text.includes('\n: still here\n\n'));
    expect(listener.events).toHaveLength(1);
  } finally {
    Date.now = now;
  }
  listener.response.destroy();
});

// Last: it closes the API.
test('a server that stops ends its streams and keeps nobody waiting', async () => {
  const listener = await Listener.open();
  await listener.until(() => listener.events.length === 1);
  await api.app.close();
  await listener.until(() => listener.ended);
  // Ended by the server, not cut when its patience was over.
  expect(listener.response.complete).toBe(true);
});
