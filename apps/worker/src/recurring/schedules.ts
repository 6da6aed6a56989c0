import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { RECURRING_QUEUE } from '@app/mail';
import { Environment, log, Queues } from '@app/platform';
import { RecurringJobs } from './recurring-jobs';

/**
 * Queues what recurs, each job once a turn of `SWEEP_SECONDS` whatever the number of workers.
 *
 * The clock is this process's own, not a repeatable job in the queue: those would be gone after a FLUSHALL of Redis.
 * Two workers add the same job id for the same turn, so it runs once; running twice would do no harm.
 */
@Injectable()
export class Schedules implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly queue: Queue;
  private readonly every: number;
  private timer: NodeJS.Timeout;
  private hour: number;

  constructor(
    queues: Queues,
    environment: Environment,
    private readonly jobs: RecurringJobs,
  ) {
    this.queue = queues.queue(RECURRING_QUEUE);
    this.every = environment.SWEEP_SECONDS * 1_000;
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tick(), this.every);
    void this.tick();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async tick(): Promise<void> {
    const now = Date.now();
    const turn = Math.floor(now / this.every);
    const hour = Math.floor(now / 3_600_000);
    const due = this.jobs.all().filter(({ hourly }) => !hourly || hour !== this.hour);
    try {
      await this.queue.addBulk(
        due.map(({ job }) => ({ name: job, data: {}, opts: { jobId: `${job}-${turn}` } })),
      );
      this.hour = hour;
    } catch (error) {
      log.warn({ err: error }, 'recurring work not queued; the next turn will');
    }
  }
}
