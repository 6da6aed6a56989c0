import { log } from '@app/platform';
import { createWorker } from './create-worker';

async function main(): Promise<void> {
  const worker = await createWorker();
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
