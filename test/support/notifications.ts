import type { DataSource } from 'typeorm';
import type { Mail } from '@app/mail';
import { createTestDatabase, type TestDatabase } from './postgres';

// Read when the log is first loaded.
process.env.LOG_LEVEL ??= 'silent';

/** What mails, without anything of HTTP and without a worker: the module of notifications on a database of its own. */
export interface TestNotifications {
  readonly database: TestDatabase;
  readonly dataSource: DataSource;
  readonly renderers: import('@app/mail').MailRenderers;
  readonly planner: import('@app/notifications').ReminderPlanner;
  readonly announcer: import('@app/notifications').ChangeAnnouncer;
  readonly chasing: import('@app/notifications').ChasingPlanner;
  /** Rows of the ledger, in the order in which they were queued. */
  ledger(where?: string): Promise<Mail[]>;
  close(): Promise<void>;
}

/** Starts it for a test file, with settings that never change, so that links and calendars are the same in every run. */
export async function startNotifications(): Promise<TestNotifications> {
  const database = await createTestDatabase();
  Object.assign(process.env, {
    DATABASE_URL: database.url,
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'secretariat@plenary.example',
    PUBLIC_URL: 'https://plenary.example',
    LINK_KEY: 'a key that is known to everyone and opens nothing',
  });
  // Loaded here and not above: the settings that the log reads are not there before.
  const { Test } = require('@nestjs/testing') as typeof import('@nestjs/testing');
  const { PlatformModule } = require('@app/platform') as typeof import('@app/platform');
  const mail = require('@app/mail') as typeof import('@app/mail');
  const { DatabaseModule, migrate } = require('@app/database') as typeof import('@app/database');
  const notifications = require('@app/notifications') as typeof import('@app/notifications');
  const typeorm = require('typeorm') as typeof import('typeorm');
  await migrate(database.url);
  const module = await Test.createTestingModule({
    imports: [PlatformModule, DatabaseModule, mail.MailModule, notifications.NotificationsModule],
  }).compile();
  await module.init();
  const dataSource = module.get(typeorm.DataSource);
  return {
    database,
    dataSource,
    renderers: module.get(mail.MailRenderers),
    planner: module.get(notifications.ReminderPlanner),
    announcer: module.get(notifications.ChangeAnnouncer),
    chasing: module.get(notifications.ChasingPlanner),
    ledger: (where = 'true') =>
      dataSource.getRepository(mail.Mail).createQueryBuilder('mails').where(where).orderBy('id').getMany(),
    close: async () => {
      await module.close();
      await database.drop();
    },
  };
}
