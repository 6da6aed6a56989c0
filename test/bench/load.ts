import { connect } from 'node:net';

/** What is to be asked, of whom. */
export interface LoadOrder {
  /** On 127.0.0.1. */
  port: number;
  /** How many are open at once; on each one request follows another. */
  connections: number;
  /** Each is sent once, whole as it goes over the line; see `httpRequest`. */
  requests: string[];
  /** How often the whole list is asked for. */
  times?: number;
}

/** What came of it. */
export interface Loaded {
  seconds: number;
  /** How many answers had which status. */
  statuses: Record<number, number>;
}

/** A process that asks as others would, and spends little on it: it writes prepared bytes and reads status and length. */
async function load({ port, connections, requests, times = 1 }: LoadOrder): Promise<Loaded> {
  const prepared = requests.map((request) => Buffer.from(request));
  const statuses: Loaded['statuses'] = {};
  const last = prepared.length * times;
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect({ port, host: '127.0.0.1', noDelay: true });
          let received: Buffer = Buffer.alloc(0);
          const ask = (): void => {
            if (next < last) socket.write(prepared[next++ % prepared.length]!);
            else socket.end();
          };
          socket.on('connect', ask);
          socket.on('data', (chunk: Buffer) => {
            received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
            const headEnd = received.indexOf('\r\n\r\n');
            if (headEnd < 0) return;
            const head = received.toString('latin1', 0, headEnd);
            const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
            if (received.length < headEnd + 4 + length) return;
            const status = Number(head.slice(9, 12));
            statuses[status] = (statuses[status] ?? 0) + 1;
            received = Buffer.alloc(0);
            ask();
          });
          socket.on('close', () => resolve());
          socket.on('error', reject);
        }),
    ),
  );
  return { seconds: (performance.now() - started) / 1_000, statuses };
}

process.on('message', (order: LoadOrder) => {
  void load(order).then((loaded) => process.send!(loaded));
});
process.on('disconnect', () => process.exit(0));
process.send!('ready');
