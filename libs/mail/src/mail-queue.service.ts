import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { log, Queues } from '@app/platform';
import { MAIL_QUEUE, PAGE, RECURRING_QUEUE, type DeliverMails } from './mail.jobs';

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
   * Adds a job for mails just committed; `UnitOfWork` calls it. Somebody may be waiting for them (for a sign-in link, a
   * confirmation), so they go before the pages of a large mailing.
   * @param ids of a page of them at most; the rest are left to the sweep.
   * @param total how many there are in all: for those that are not among the ids the sweep is woken.
   * @param alike whether a job is added where there is no mail, too.
   */
  hint(ids: readonly string[], total = ids.length, alike = false): void {
    const page = ids.slice(0, PAGE);
    if (total > page.length) this.wake('sweep-mails');
    if (page.length === 0 && !alike) return;
    const job: DeliverMails = { ids: page.length === 0 ? [NO_MAIL] : page };
    void this.mails
      .add('deliver', job, { lifo: true })
      .catch((error: Error) => log.warn({ err: error }, 'hint lost; the sweep will find them'));
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
