// oxlint-disable-next-line import/no-unassigned-import -- it comes before what it has to patch
import '../../../libs/platform/src/start-tracing';
import { Environment, log } from '@app/platform';
import { createApi } from './create-api';

async function main(): Promise<void> {
  const app = await createApi();
  app.enableShutdownHooks();
  const { PORT, HOST } = app.get(Environment);
  await app.listen(PORT, HOST);
  log.info({ port: PORT }, 'api running');
}

main().catch((error: NodeJS.ErrnoException) => {
  console.error(
    error.code === 'EADDRINUSE'
      ? `Port ${process.env.PORT ?? 3000} is taken. Set PORT to another one, or stop what listens there.`
      : `The API can't start: ${error.message}`,
  );
  process.exit(1);
});
