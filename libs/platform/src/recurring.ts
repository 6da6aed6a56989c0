import { DiscoveryService } from '@nestjs/core';

/** Work that a worker does again and again. */
export interface RecurringWork {
  /** Name of its job in the queue of recurring work; no two are equal. */
  job: string;
  /** Done when a worker starts and then once an hour, instead of at every turn (`SWEEP_SECONDS`). */
  hourly?: boolean;
}

/**
 * Declares that workers call this method again and again, whatever their number once a turn. It takes no arguments and does
 * no harm when it runs twice at once. Nothing else is needed: the worker finds it (`RecurringJobs`).
 */
export const Recurring = DiscoveryService.createDecorator<RecurringWork>();
