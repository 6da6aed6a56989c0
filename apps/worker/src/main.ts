// oxlint-disable-next-line import/no-unassigned-import -- it comes before what it has to patch
import '../../../libs/platform/src/start-tracing';
import { Environment, log } from '@app/platform';
import { createWorker } from './create-worker';
import { serveMetrics } from './metrics-server';

async function main(): Promise<void> {
  const worker = await createWorker();
  await serveMetrics(worker.get(Environment));
  log.info('worker running');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'worker draining');
      void worker.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

main().catch((error: Error) => {
  log.fatal(`worker not started: ${error.message}`);
  process.exit(1);
});
