import type { Job } from 'bullmq';

/** What a queue's jobs are handed to. `WorkerRunner` starts one BullMQ worker for each. */
export abstract class Processor<Data> {
  /** Name of the queue. */
  abstract readonly queue: string;
  /** How many jobs of it this process works on at once. */
  abstract readonly concurrency: number;
  /** Rejecting fails the job, which is not tried again: what must happen stands in PostgreSQL. */
  abstract process(job: Job<Data>): Promise<void>;
}
