import type { AddressInfo } from 'node:net';
import fastify from 'fastify';

/**
 * The limit: a bare Fastify that answers every path with the bytes and headers that it was told. Tells its parent the
 * port; then `{ path, headers, body }`, answered by `true`, adds a path.
 */
interface Known {
  path: string;
  headers: Record<string, string>;
  body: string;
}

const known = new Map<string, Known>();
const server = fastify();
server.get('*', (request, reply) => {
  const { headers, body } = known.get(request.url)!;
  void reply.headers(headers).send(body);
});
server.listen({ port: 0, host: '127.0.0.1' }, () => {
  process.send!({ port: (server.server.address() as AddressInfo).port });
});
process.on('message', (more: Known) => {
  known.set(more.path, more);
  process.send!(true);
});
process.on('disconnect', () => process.exit(0));
