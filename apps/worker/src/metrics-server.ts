import { createServer, type Server } from 'node:http';
import { bears, log, metrics, watchProcess, type Environment } from '@app/platform';

/** Answers `/metrics` on a port of its own, where one is set: what this worker counts; the ledger is counted by the API. */
export async function serveMetrics({
  METRICS_PORT,
  METRICS_TOKEN,
  HOST,
}: Pick<Environment, 'METRICS_PORT' | 'METRICS_TOKEN' | 'HOST'>): Promise<Server | undefined> {
  if (METRICS_PORT === undefined) return undefined;
  watchProcess();
  const server = createServer((request, response) => {
    const isThere = request.url?.split('?')[0] === '/metrics' && request.method === 'GET';
    const may = METRICS_TOKEN === undefined || bears(request.headers.authorization, METRICS_TOKEN);
    if (!isThere || !may) {
      response.writeHead(isThere ? 401 : 404).end();
      return;
    }
    metrics.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      (error: Error) => {
        log.error({ err: error }, 'metrics not written');
        response.writeHead(500).end();
      },
    );
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(METRICS_PORT, HOST, listening);
  });
  // It never keeps a worker from stopping.
  server.unref();
  return server;
}
