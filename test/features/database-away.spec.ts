import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
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

  test('a session that ends between two statements of a transaction is no mistake of ours', async () => {
    const { isDatabaseAway } =
      require('../../apps/api/src/http/problems') as typeof import('../../apps/api/src/http/problems');
    const next = async (how: (manager: EntityManager) => Promise<unknown>) =>
      api.dataSource
        .transaction(async (manager) => {
          await manager.query(`SELECT 'said'`);
          const [{ pid }] = await manager.query('SELECT pg_backend_pid() AS pid');
          await api.dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
          while (!manager.queryRunner!.isReleased) await sleep(5);
          await how(manager);
        })
        .catch((error: unknown) => error);
    const statement = await next((manager) => manager.query('SELECT 1'));
    const commit = await next(() => Promise.resolve());
    const found = await next((manager) => manager.findOneBy('Mail', { id: '1' }));
    expect([statement, commit, found]).toEqual([expect.any(Error), expect.any(Error), expect.any(Error)]);
    expect([statement, commit, found].map(isDatabaseAway)).toEqual([true, true, true]);
    expect(isDatabaseAway(new Error('already there'))).toBe(false);
  });
});
