import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { log, Queues } from '@app/platform';
import { MAIL_QUEUE, RECURRING_QUEUE, type DeliverMails } from './mail.jobs';

/** No row has this id: ids count from 1. */
const NO_MAIL = '0';

/**
 * Tells the worker that there is something to do. Never awaited and never fails the caller: what must happen stands
 * in the ledger, and the worker's sweep finds it without any hint (design, idea 1).
 */
@Injectable()
export class MailQueue {
  private readonly mails: Queue;
  private readonly recurring: Queue;

  constructor(queues: Queues) {
    this.mails = queues.queue(MAIL_QUEUE);
    this.recurring = queues.queue(RECURRING_QUEUE);
  }

  /**
   * Call it after the commit, with the ids of the mails just queued. Somebody may be waiting for them (for a sign-in
   * link, a confirmation), so they go before the pages of a large mailing.
   * @param queued how many there are in all: for those that are not among the ids the sweep is asked to look at once.
   */
  hint(ids: string[], queued = ids.length): void {
    if (queued > ids.length) this.wake('sweep-mails');
    if (ids.length === 0) return;
    const job: DeliverMails = { ids };
    void this.mails
      .add('deliver', job, { lifo: true })
      .catch((error: Error) => log.warn({ err: error }, 'hint lost; the sweep will find them'));
  }

  /**
   * The same where nobody may tell from the work done whether there was a mail at all: a job is added in any case.
   */
  hintAlike(ids: string[]): void {
    this.hint(ids.length > 0 ? ids : [NO_MAIL]);
  }

  /** Asks for a recurring job now instead of at its next turn. @param job as its `@Recurring` calls it. */
  wake(job: string): void {
    void this.recurring
      .add(job, {})
      .catch((error: Error) => log.warn({ err: error, job }, 'wake lost; it comes round anyway'));
  }

  /** How many jobs of mails wait for a worker. */
  async backlog(): Promise<number> {
    return this.mails.getWaitingCount();
  }

  /** Adds jobs for pages of mails at once. */
  async addPages(pages: string[][]): Promise<void> {
    await this.mails.addBulk(pages.map((ids) => ({ name: 'deliver', data: { ids } satisfies DeliverMails })));
  }
}
