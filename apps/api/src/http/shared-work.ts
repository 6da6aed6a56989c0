import { setImmediate } from 'node:timers/promises';

/**
 * Does once what many ask for at the same time. Everybody gets the outcome of work that began after they asked, so nobody
 * is told what was overtaken before: who asks while it is done waits for the next turn, with all others who do.
 */
export class SharedWork<Result> {
  private readonly running = new Map<string, Promise<Result>>();
  private readonly next = new Map<string, Promise<Result>>();

  /** @param key tells apart what is not the same. */
  do(key: string, work: () => Promise<Result>): Promise<Result> {
    const waiting = this.next.get(key);
    if (waiting) return waiting;
    const turn = this.turn(key, work);
    this.next.set(key, turn);
    return turn;
  }

  private async turn(key: string, work: () => Promise<Result>): Promise<Result> {
    // How it ended is told to those who wait for it.
    await this.running.get(key)?.catch(() => undefined);
    // Whose request was read at the same time as ours comes along.
    await setImmediate();
    this.running.set(key, this.next.get(key)!);
    this.next.delete(key);
    try {
      return await work();
    } finally {
      if (!this.next.has(key)) this.running.delete(key);
    }
  }
}
