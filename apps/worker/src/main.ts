// oxlint-disable-next-line import/no-unassigned-import -- it comes before what it has to patch
import '../../../libs/platform/src/start-tracing';
import { setFlagsFromString } from 'node:v8';
import { Environment, log } from '@app/platform';
import { createWorker } from './create-worker';
import { serveMetrics } from './metrics-server';

// A worker holds as much in the middle of a mailing as before it; what it needs beyond that is what V8 has not collected yet.
// By itself V8 lets that grow to about four times what is held where the machine has much memory, here to three times.
setFlagsFromString('--heap-growing-percent=200');

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
