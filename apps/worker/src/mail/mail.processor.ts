import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { MAIL_QUEUE, MailDelivery, type DeliverMails } from '@app/mail';
import { Processor } from '../processor';

/** Delivers a page of mails. */
@Injectable()
export class MailProcessor extends Processor<DeliverMails> {
  readonly queue = MAIL_QUEUE;
  /** While one page waits for the server, the next ones are loaded and written. */
  readonly concurrency = 4;

  constructor(private readonly delivery: MailDelivery) {
    super();
  }

  process(job: Job<DeliverMails>): Promise<void> {
    return this.delivery.deliver(job.data.ids);
  }
}
