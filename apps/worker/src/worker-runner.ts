import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Worker } from 'bullmq';
import { context, log, Queues } from '@app/platform';
import { MailDelivery } from '@app/mail';
import { MailProcessor } from './mail/mail.processor';
import type { Processor } from './processor';
import { RecurringProcessor } from './recurring/recurring.processor';

/** Starts the workers when everything else is up and drains them before anything else goes down. */
@Injectable()
export class WorkerRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly processors: Processor<unknown>[];
  private workers: Worker[] = [];

  constructor(
    private readonly queues: Queues,
    private readonly delivery: MailDelivery,
    mails: MailProcessor,
    recurring: RecurringProcessor,
  ) {
    this.processors = [mails, recurring];
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.queues.check();
    this.workers = this.processors.map((processor) => {
      const worker = this.queues.worker(
        processor.queue,
        (job) => context.run({ jobId: job.id, actor: 'worker' }, () => processor.process(job)),
        processor.concurrency,
      );
      worker
        .run()
        .catch((error: Error) => log.error({ err: error, queue: processor.queue }, 'worker stopped'));
      return worker;
    });
  }

  /** Mails on the line end, then the jobs that wait for them, then what is left is given back. */
  async onModuleDestroy(): Promise<void> {
    await this.delivery.drain();
    await Promise.allSettled(this.workers.map((worker) => worker.close()));
    await this.delivery.release();
  }
}
