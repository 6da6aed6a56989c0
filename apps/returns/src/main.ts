// oxlint-disable-next-line import/no-unassigned-import -- it comes before what it has to patch
import '../../../libs/platform/src/start-tracing';
import { log } from '@app/platform';
import { createReturns } from './create-returns';

async function main(): Promise<void> {
  const program = await createReturns();
  log.info('returns running');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'returns draining');
      void program.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

main().catch((error: Error) => {
  log.fatal(`returns not started: ${error.message}`);
  process.exit(1);
});
