import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Loaded, LoadOrder } from './load';

/** Starts a program of this folder as a process of its own, which says something when it is ready. */
export async function startBeside<Said>(
  file: string,
  environment: Record<string, string> = {},
): Promise<{ child: ChildProcess; said: Said }> {
  const child = fork(join(__dirname, `${file}.js`), { env: { PATH: process.env.PATH, ...environment } });
  return { child, said: await answer<Said>(child) };
}

/** Asks a child, or waits for what it says by itself. @throws Error when it ends instead */
export async function answer<Answer>(child: ChildProcess, question?: unknown): Promise<Answer> {
  const ended = new AbortController();
  const reply = once(child, 'message', { signal: ended.signal });
  const exited = (): void => ended.abort(new Error('A program of the bench ended before it answered.'));
  child.once('exit', exited);
  try {
    if (question !== undefined) child.send(question as never);
    return (await reply)[0] as Answer;
  } finally {
    child.off('exit', exited);
  }
}

/** Whoever asks, in a process of its own. */
export class Load {
  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<Load> {
    return new Load((await startBeside<unknown>('load')).child);
  }

  /** @returns requests a second. @throws Error when one is answered otherwise than expected */
  async send(order: LoadOrder, expectedStatus: number): Promise<number> {
    const { seconds, statuses } = await answer<Loaded>(this.child, order);
    const count = statuses[expectedStatus] ?? 0;
    if (Object.keys(statuses).length !== 1 || count === 0) {
      throw new Error(`answered ${JSON.stringify(statuses)} instead of ${expectedStatus} only`);
    }
    return count / seconds;
  }

  stop(): void {
    this.child.disconnect();
  }
}
