import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { checkDatabase } from '@app/database';
import { NestLog, readEnvironment } from '@app/platform';
import { ReturnsModule } from './returns.module';

/**
 * The returns program, running: it takes in what comes back. Closing it finishes the message in hand.
 * @throws Error in one line when a setting is missing or wrong, the database can't be reached, or it is used with another
 * link key.
 */
export async function createReturns(): Promise<INestApplicationContext> {
  const environment = readEnvironment();
  const { MAIL_RETURNS, RETURNS_PORT, RETURNS_FOLDER } = environment;
  if (MAIL_RETURNS === undefined) {
    throw new Error('MAIL_RETURNS must be set: the service mailbox to which bounces come. See .env.example.');
  }
  if (RETURNS_PORT === undefined && RETURNS_FOLDER === undefined) {
    throw new Error(
      'Set RETURNS_PORT (mail comes by SMTP), RETURNS_FOLDER (as .eml files), or both: there is nothing to read. See .env.example.',
    );
  }
  await checkDatabase(environment);
  return NestFactory.createApplicationContext(ReturnsModule, { logger: new NestLog(), abortOnError: false });
}
