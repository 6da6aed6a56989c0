import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MailQueue } from '@app/mail';

/** Derives the reminders that are owed and queues their mails (design, idea 3). */
@Injectable()
export class ReminderPlanner {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(MailQueue) private readonly mailQueue: MailQueue,
  ) {}

  /**
   * Queues what is owed now, in one statement a rule. As often as wanted and by as many processes at once as there are.
   * @returns how many reminders were queued.
   */
  async plan(): Promise<number> {
    void this.dataSource;
    void this.mailQueue;
    throw new Error('not written yet');
  }
}
