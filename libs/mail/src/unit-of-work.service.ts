import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { MailQueue } from './mail-queue.service';

/** What was queued in a unit of work. */
interface Queued {
  /** Ids of some of the mails, up to a page for each statement that queued. */
  ids: string[];
  /** How many there are in all. */
  total: number;
}

/** The data of the connection that a unit of work runs on; TypeORM keeps them for its owner. */
type Marked = Omit<QueryRunner, 'data'> & { data: { queued?: Queued } };

/**
 * Transactions that mail. Mails can be queued in no other (`queueMails`), and the worker gets a hint once the
 * transaction is committed, so that no caller has to remember it.
 */
@Injectable()
export class UnitOfWork {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mailQueue: MailQueue,
  ) {}

  /**
   * Runs `work` in a transaction, which it may end by itself with `preparedAtLast`, and gives the worker a hint of what it
   * queued. When it fails, nothing was changed and there is no hint.
   */
  run<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.inTransaction(work, false);
  }

  /** The same where nobody may learn from the work done whether there was a mail at all: there is a hint in any case. */
  runAlike<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.inTransaction(work, true);
  }

  private async inTransaction<Result>(
    work: (manager: EntityManager) => Promise<Result>,
    alike: boolean,
  ): Promise<Result> {
    const runner = this.dataSource.createQueryRunner();
    const queued: Queued = { ids: [], total: 0 };
    (runner as Marked).data.queued = queued;
    try {
      await runner.startTransaction();
      const result = await work(runner.manager);
      if (runner.isTransactionActive) await runner.commitTransaction();
      this.mailQueue.hint(queued.ids, queued.total, alike);
      return result;
    } catch (error) {
      // The first error counts, not one of the rollback.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

/**
 * Notes mails that a statement of a unit of work queued, for the hint after its commit. `queueMails` does it by itself.
 * @param total how many were queued in all, when there are more than `ids`.
 * @throws Error outside a unit of work: the worker would find them only in its sweep.
 */
export function noteQueued(manager: EntityManager, ids: readonly string[], total = ids.length): void {
  const queued = (manager.queryRunner as Marked | undefined)?.data.queued;
  if (!queued) throw new Error('Mails are queued in a UnitOfWork only.');
  queued.ids.push(...ids);
  queued.total += total;
}
