import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startApi, type TestApi } from '../support/api';

/** The way to PostgreSQL, which can be shut and opened again. */
class Way {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;
  private target: { host: string; port: number };

  async to(url: string): Promise<string> {
    const through = new URL(url);
    this.target = { host: through.hostname, port: Number(through.port) };
    await this.open();
    through.hostname = '127.0.0.1';
    through.port = String(this.port);
    return through.toString();
  }

  async open(): Promise<void> {
    this.server = createServer((socket) => {
      const onward = connect(this.target);
      for (const end of [socket, onward]) {
        this.sockets.add(end);
        end.on('error', () => undefined).on('close', () => this.sockets.delete(end));
      }
      socket.pipe(onward).pipe(socket);
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async shut(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

describe('with the database away', () => {
  const way = new Way();
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ reach: (url) => way.to(url) });
  });
  afterAll(async () => {
    await api.close();
    await way.shut();
  });

  test('every request is told to come back, nothing is lost, and it goes on by itself', async () => {
    const create = () =>
      api.request(
        'POST',
        '/v1/mechanisms',
        { code: 'A', name: 'A' },
        { headers: { 'idempotency-key': 'a' } },
      );
    await way.shut();
    const away = await create();
    expect([away.statusCode, away.json().code]).toEqual([503, 'database_unavailable']);
    expect(Number(away.headers['retry-after'])).toBeGreaterThan(0);
    expect(away.body).not.toMatch(/127\.0\.0\.1|ECONN/);
    const page = await api.app.inject({
      method: 'GET',
      url: `/sign-in/${api.organiser.id.replaceAll('-', '')}`,
    });
    expect(page.statusCode).toBe(503);
    expect(page.headers['content-type']).toContain('text/html');
    expect((await api.request('GET', '/health/live')).statusCode).toBe(200);
    expect((await api.request('GET', '/health/ready')).statusCode).toBe(503);

    await way.open();
    expect((await create()).statusCode).toBe(201);
    expect((await create()).headers['idempotency-replayed']).toBe('true');
    expect((await api.request('GET', '/health/ready')).statusCode).toBe(200);
  });
});
