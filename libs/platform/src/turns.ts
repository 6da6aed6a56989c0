import { AsyncLocalStorage } from 'node:async_hooks';
import { log } from './logger';

/** Something that waits for its turn. */
interface Waiting<Item, Result> {
  item: Item;
  /** Answers it; in the context in which it was asked for. */
  answer(result: Result | Promise<Result>): void;
  /** Runs something in that context. */
  inContext<Value>(work: () => Value): Value;
}

/**
 * Does together what many ask for at the same moment, one turn after another: what comes while a turn of its key is under
 * way waits for the next, with all that waits. What comes alone is done alone, and never waits for company.
 */
export class Turns<Item, Result> {
  private readonly waiting = new Map<string, Waiting<Item, Result>[]>();

  /**
   * @param together does several, all or none of them; what it leaves `undefined` is done alone, and so is each when it fails.
   * @param alone does one.
   * @param most how many are done together.
   */
  constructor(
    private readonly together: (items: Item[]) => Promise<(Result | undefined)[]>,
    private readonly alone: (item: Item) => Promise<Result>,
    private readonly most: number,
  ) {}

  /** @param key tells apart what can't be done together. */
  take(key: string, item: Item): Promise<Result> {
    return new Promise((answer) => {
      const asked = { item, answer, inContext: AsyncLocalStorage.snapshot() };
      const line = this.waiting.get(key);
      if (line) {
        line.push(asked);
        return;
      }
      this.waiting.set(key, [asked]);
      void this.run(key);
    });
  }

  private async run(key: string): Promise<void> {
    for (const line = this.waiting.get(key)!; line.length > 0;) await this.turn(line.splice(0, this.most));
    this.waiting.delete(key);
  }

  private async turn(asked: Waiting<Item, Result>[]): Promise<void> {
    const done = asked.length > 1 ? await this.togetherOrNone(asked.map(({ item }) => item)) : [];
    const alone = asked.filter(({ answer }, index) => {
      const result = done[index];
      if (result !== undefined) answer(result);
      return result === undefined;
    });
    await Promise.allSettled(
      alone.map(({ item, answer, inContext }) => {
        const result = inContext(() => this.alone(item));
        answer(result);
        return result;
      }),
    );
  }

  /** When it fails, each is done alone, and fails by itself or does not: it is told to whom it concerns. */
  private async togetherOrNone(items: Item[]): Promise<(Result | undefined)[]> {
    try {
      return await this.together(items);
    } catch (error) {
      log.warn({ err: error, items: items.length }, 'not done together; each is done alone');
      return [];
    }
  }
}
