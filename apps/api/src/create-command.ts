import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccountsModule } from '@app/accounts';
import { checkDatabase, DatabaseModule } from '@app/database';
import { MailModule } from '@app/mail';
import { NestLog, PlatformModule, readEnvironment } from '@app/platform';

/** What the programs of the command line use. */
@Module({ imports: [PlatformModule, DatabaseModule, MailModule, AccountsModule] })
class CommandModule {}

/**
 * The services for a program of the command line, without HTTP; close it when the work is done.
 * @throws StartProblem when a setting is wrong, the database can't be reached, or it is used with another link key.
 */
export async function createCommand(): Promise<INestApplicationContext> {
  await checkDatabase(readEnvironment());
  return NestFactory.createApplicationContext(CommandModule, {
    logger: new NestLog(),
    abortOnError: false,
  });
}
