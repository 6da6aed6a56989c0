import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Recurring, type RecurringWork } from '@app/platform';

/** Recurring work of this process, ready to be called. */
interface RecurringJob extends RecurringWork {
  run: () => Promise<unknown>;
}

/** All work that recurs: the methods with `@Recurring` of every provider in this process. */
@Injectable()
export class RecurringJobs implements OnModuleInit {
  private readonly byName = new Map<string, RecurringJob>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws Error when two methods have one job name: only one of them would ever be called. */
  onModuleInit(): void {
    for (const wrapper of this.discovery.getProviders()) {
      const instance = wrapper.instance as Record<string, () => Promise<unknown>> | undefined;
      if (!instance || typeof instance !== 'object') continue;
      for (const method of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
        const work = this.discovery.getMetadataByDecorator(Recurring, wrapper, method);
        if (!work) continue;
        if (this.byName.has(work.job)) throw new Error(`Two methods recur as ${work.job}.`);
        this.byName.set(work.job, { ...work, run: () => instance[method]!() });
      }
    }
  }

  all(): RecurringWork[] {
    return [...this.byName.values()];
  }

  /** @throws Error when nothing recurs under that name, as in a worker of another version. */
  async run(job: string): Promise<void> {
    const work = this.byName.get(job);
    if (!work) throw new Error(`Nothing recurs as ${job}.`);
    await work.run();
  }
}
