import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestLog } from '@app/platform';
import { WorkerModule } from './worker.module';

/** The worker, running: it mails what the ledger holds. Closing it drains what is on the line. */
export function createWorker(): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(WorkerModule, { logger: new NestLog(), abortOnError: false });
}
