import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { checkDatabase } from '@app/database';
import { NestLog, readEnvironment } from '@app/platform';
import { WorkerModule } from './worker.module';

/**
 * The worker, running: it mails what the ledger holds. Closing it drains what is on the line.
 * @throws StartProblem when a setting is wrong, the database can't be reached, or it is used with another link key.
 */
export async function createWorker(): Promise<INestApplicationContext> {
  await checkDatabase(readEnvironment());
  return NestFactory.createApplicationContext(WorkerModule, { logger: new NestLog(), abortOnError: false });
}
