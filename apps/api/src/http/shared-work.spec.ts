import { SharedWork } from './shared-work';

describe('work that many ask for at once', () => {
  let now: number;
  let begun: number;
  let finish: (() => void)[];
  let work: () => Promise<number>;

  beforeEach(() => {
    now = 0;
    begun = 0;
    finish = [];
    work = async () => {
      begun++;
      const seen = now;
      await new Promise<void>((resolve) => finish.push(resolve));
      return seen;
    };
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));
  // Work begins a turn of the event loop after it was asked for.
  const turns = async () => {
    await turn();
    await turn();
  };

  test('is done once for all who ask before it begins', async () => {
    const shared = new SharedWork<number>();
    const asked = [shared.do('a', work), shared.do('a', work), shared.do('a', work)];
    await turns();
    finish.shift()!();
    expect(await Promise.all(asked)).toEqual([0, 0, 0]);
    expect(begun).toBe(1);
  });

  test('is begun again for who asks later, who is never told what was so before', async () => {
    const shared = new SharedWork<number>();
    const first = shared.do('a', work);
    await turns();
    now = 1;
    const later = [shared.do('a', work), shared.do('a', work)];
    await turns();
    expect(begun).toBe(1);
    finish.shift()!();
    expect(await first).toBe(0);
    await turns();
    finish.shift()!();
    expect(await Promise.all(later)).toEqual([1, 1]);
    expect(begun).toBe(2);
  });

  test('that fails, fails for who waits for it and for nobody after', async () => {
    const shared = new SharedWork<number>();
    const failing = shared.do('a', () => Promise.reject(new Error('away')));
    await expect(failing).rejects.toThrow('away');
    const next = shared.do('a', work);
    await turns();
    finish.shift()!();
    expect(await next).toBe(0);
  });

  test('is another where the key is another', async () => {
    const shared = new SharedWork<number>();
    const both = [shared.do('a', work), shared.do('b', work)];
    await turns();
    expect(begun).toBe(2);
    finish.forEach((end) => end());
    await Promise.all(both);
  });
});
