import type { Mailbox } from '../support/smtp-sink';
import { read, type Reading } from './reading';

/** For so long a mail is waited for, much longer than it takes on a slow machine: it only shows that none comes. */
const MOST_SECONDS = 120;

/** Somebody who reads mail: by address, and by name where several share one. */
interface Owner {
  number: number;
  name: string;
  email: string;
}

/** A mail and whose it is; null when nobody of ours is meant. */
export interface Delivered extends Reading {
  who: number | null;
}

/**
 * Everybody's mailboxes: reads each mail that comes in and hands it to its reader. Behind an address that several
 * share, a person finds theirs by the name in it.
 */
export class Inbox {
  /** All mails in the order of their arrival, repetitions included. */
  readonly mails: Delivered[] = [];
  /** Mails that no mail program could read. */
  readonly unreadable: string[] = [];
  private taken = 0;
  private reading = false;
  private readonly timer: NodeJS.Timeout;
  private readonly listeners = new Set<(mail: Delivered) => void>();

  constructor(
    private readonly mailbox: Mailbox,
    private readonly owners: readonly Owner[],
  ) {
    this.timer = setInterval(() => void this.take(), 20);
  }

  /** Calls back for each mail from now on. */
  onMail(listener: (mail: Delivered) => void): void {
    this.listeners.add(listener);
  }

  /** Their mails of a kind, each message once, in the order of their arrival. */
  of(who: number, kind: string): Delivered[] {
    const seen = new Set<string>();
    return this.mails.filter(
      (mail) =>
        mail.who === who && mail.kind === kind && !seen.has(mail.messageId) && seen.add(mail.messageId),
    );
  }

  /**
   * Waits for the n-th mail of a kind to someone.
   * @throws Error when it does not come in time.
   */
  waitFor(who: number, kind: string, nth = 1): Promise<Delivered> {
    return this.until(
      () => this.of(who, kind)[nth - 1],
      () =>
        `${this.owners.find(({ number }) => number === who)?.name} waits for a mail (${kind}, number ${nth})`,
    );
  }

  /** Waits until there is something. @throws Error when it does not come in time. */
  until<Found>(look: () => Found | undefined, what: () => string): Promise<Found> {
    return new Promise((fulfil, reject) => {
      const found = look();
      if (found !== undefined) return fulfil(found);
      const listener = (): void => {
        const later = look();
        if (later === undefined) return;
        clearTimeout(timer);
        this.listeners.delete(listener);
        fulfil(later);
      };
      const timer = setTimeout(() => {
        this.listeners.delete(listener);
        reject(new Error(`${what()}, in vain for ${MOST_SECONDS} s.`));
      }, MOST_SECONDS * 1_000);
      this.listeners.add(listener);
    });
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async take(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      while (this.taken < this.mailbox.mails.length) {
        const received = this.mailbox.mails[this.taken++]!;
        try {
          const reading = await read(received);
          const mail = { ...reading, who: this.ownerOf(reading) };
          this.mails.push(mail);
          for (const listener of this.listeners) listener(mail);
        } catch (error) {
          this.unreadable.push(`to ${received.to.join(', ')}: ${(error as Error).message}`);
        }
      }
    } finally {
      this.reading = false;
    }
  }

  private ownerOf({ address, visible }: Reading): number | null {
    const owners = this.owners.filter(({ email }) => email.toLowerCase() === address);
    if (owners.length <= 1) return owners[0]?.number ?? null;
    const named = owners.filter(({ name }) => visible.includes(name));
    return named.length === 1 ? named[0]!.number : null;
  }
}
