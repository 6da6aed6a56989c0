import { globSync, readFileSync } from 'node:fs';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Recurring } from '@app/platform';
import { RecurringJobs } from './recurring-jobs';

class Cleaning {
  done = 0;

  @Recurring({ job: 'clean' })
  clean(): Promise<void> {
    this.done++;
    return Promise.resolve();
  }

  @Recurring({ job: 'look-round', hourly: true })
  lookRound(): Promise<void> {
    return Promise.resolve();
  }

  other(): void {}
}

class Rival {
  @Recurring({ job: 'clean' })
  alsoClean(): Promise<void> {
    return Promise.resolve();
  }
}

const start = async (...providers: (new () => object)[]) => {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [RecurringJobs, ...providers],
  }).compile();
  return module.init();
};

describe('recurring work', () => {
  test('is found where it is declared, and called by the name of its job', async () => {
    const module = await start(Cleaning);
    const jobs = module.get(RecurringJobs);
    expect(jobs.all().map(({ job, hourly }) => [job, hourly ?? false])).toEqual([
      ['clean', false],
      ['look-round', true],
    ]);
    await jobs.run('clean');
    expect(module.get(Cleaning).done).toBe(1);
  });

  test('that two methods claim under one name stops the worker at its start', async () => {
    await expect(start(Cleaning, Rival)).rejects.toThrow('Two methods recur as clean.');
  });

  test('of another version is refused by name', async () => {
    const module = await start(Cleaning);
    await expect(module.get(RecurringJobs).run('gone')).rejects.toThrow('Nothing recurs as gone.');
  });

  test('is declared under every name by which it is woken', () => {
    const sources = globSync('{apps,libs}/**/*.ts', { exclude: (file) => file.endsWith('.spec.ts') });
    const names = (pattern: RegExp) =>
      sources.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, name]) => name!));
    const declared = names(/@Recurring\(\{ job: '([\w-]+)'/g);
    const woken = names(/\.wake\('([\w-]+)'/g);
    expect(woken.length).toBeGreaterThan(5);
    expect(woken.filter((name) => !declared.includes(name))).toEqual([]);
  });
});
