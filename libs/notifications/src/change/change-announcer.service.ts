import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MailQueue } from '@app/mail';

/** Tells participants of a new time or place, a postponement or a cancellation, once editing has come to rest (design, idea 10). */
@Injectable()
export class ChangeAnnouncer {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(MailQueue) private readonly mailQueue: MailQueue,
  ) {}

  /**
   * Announces what is due, a transaction each dialogue. As often as wanted and by as many processes at once as there are.
   * @returns how many mails were queued.
   */
  async announce(): Promise<number> {
    void this.dataSource;
    void this.mailQueue;
    throw new Error('not written yet');
  }
}
