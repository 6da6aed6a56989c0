import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Environment, log, Queues } from '@app/platform';
import { RECURRING_QUEUE, type RecurringJob } from '@app/mail';

/**
 * Most recurring work, each once every `SWEEP_SECONDS` whatever the number of workers.
 *
 * The clock is this process's own, not a repeatable job in the queue: those would be gone after a FLUSHALL of Redis.
 * Two workers add the same job id for the same turn, so it runs once; running twice would do no harm.
 */
const RECURRING: RecurringJob[] = [
  'announce-changes',
  'chase-the-silent',
  'release-seats',
  'expire-offers',
  'forget-erased',
  'plan-reminders',
  'purge-answers',
  'purge-dialogues',
  'sweep-mails',
  'tell-approvers',
  'tell-of-returns',
  'tell-of-unwritten',
];

/** What is looked at when a worker starts, and then once an hour: zone data come with a new version of the program. */
const HOURLY: RecurringJob[] = ['follow-zone-rules'];

@Injectable()
export class Schedules implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly queue: Queue;
  private readonly every: number;
  private timer: NodeJS.Timeout;
  private hour: number;

  constructor(@Inject(Queues) queues: Queues, @Inject(Environment) environment: Environment) {
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
    const names = hour === this.hour ? RECURRING : [...RECURRING, ...HOURLY];
    try {
      await this.queue.addBulk(names.map((name) => ({ name, data: {}, opts: { jobId: `${name}-${turn}` } })));
      this.hour = hour;
    } catch (error) {
      log.warn({ err: error }, 'recurring work not queued; the next turn will');
    }
  }
}
