import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { RECURRING_QUEUE } from '@app/mail';
import { Processor } from '../processor';
import { RecurringJobs } from './recurring-jobs';

/** Carries out what recurs, one at a time; each is safe to run twice at once. */
@Injectable()
export class RecurringProcessor extends Processor<unknown> {
  readonly queue = RECURRING_QUEUE;
  readonly concurrency = 1;

  constructor(private readonly jobs: RecurringJobs) {
    super();
  }

  process(job: Job): Promise<void> {
    return this.jobs.run(job.name);
  }
}
