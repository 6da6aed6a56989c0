import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, startBeside } from './processes';

/** What a mail server took. */
export interface Taken {
  count: number;
  bytes: number;
  /** When the final dot of each came, in milliseconds since 1970. */
  times: number[];
}

/** A mail server in a process of its own that takes everything. */
export class MailSink {
  private constructor(
    private readonly child: ChildProcess,
    /** For `SMTP_URL`. */
    readonly url: string,
  ) {}

  static async start(): Promise<MailSink> {
    const { child, said } = await startBeside<{ port: number }>('sink');
    return new MailSink(child, `smtp://127.0.0.1:${said.port}`);
  }

  /** Waits until it took so many since it was asked last. @throws Error when it took more, or none for a minute */
  async took(mails: number): Promise<Taken> {
    const all: Taken = { count: 0, bytes: 0, times: [] };
    for (let last = Date.now(); all.count < mails; await sleep(10)) {
      const { count, bytes, times } = await answer<Taken>(this.child, 'taken?');
      all.count += count;
      all.bytes += bytes;
      for (const time of times) all.times.push(time);
      if (count > 0) last = Date.now();
      if (Date.now() - last > 60_000)
        throw new Error(`the mail server took ${all.count} mails instead of ${mails}`);
    }
    if (all.count > mails) throw new Error(`the mail server took ${all.count} mails instead of ${mails}`);
    return all;
  }

  stop(): void {
    this.child.disconnect();
  }
}
