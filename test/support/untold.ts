import type { DataSource } from 'typeorm';
import { UnitOfWork, type MailQueue } from '@app/mail';

/** A unit of work for tests that queue mails themselves: no worker is told of them. */
export function untold(dataSource: DataSource): UnitOfWork {
  return new UnitOfWork(dataSource, { hint: () => undefined } as unknown as MailQueue);
}
