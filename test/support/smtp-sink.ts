import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

/** A mail as it came in. */
export interface ReceivedMail {
  /** 1 for the first since the mailbox was opened; `clear` does not start anew. */
  readonly number: number;
  /** Envelope: the return path, and all recipients of this transaction. */
  readonly from: string;
  readonly to: string[];
  readonly receivedAt: Date;
  /** The bytes between DATA and the final dot. */
  readonly raw: Buffer;
  /** False when the whole message came in and its sender was not told so: cut off after the final dot. */
  readonly acknowledged: boolean;
  /** Read as a mail program reads it; parsed once. */
  parsed(): Promise<ParsedMail>;
}

/** Points of a transaction at which the server can misbehave. */
export type Stage =
  /** The client connected, before the greeting. */
  | 'connect'
  /** After a sign-in, which only clients with a user in their URL try. */
  | 'sign-in'
  /** After MAIL FROM. */
  | 'mail'
  /** After a RCPT TO, so before DATA. */
  | 'recipient'
  /** After the final dot, before the answer. */
  | 'received';

export interface Moment {
  stage: Stage;
  from?: string;
  /** The recipients so far; at `recipient` the last is the one being asked for. */
  to: string[];
  /** Only at `received`. */
  raw?: Buffer;
}

/**
 * What to do at that moment: nothing special, wait and then go on, answer with an SMTP error such as
 * `{ reply: 451, text: '4.3.0 try later' }`, or cut the connection without a word. A message refused at
 * `received` does not count as received; one that is cut off there does, unacknowledged, as any server that had
 * stored it would see it.
 */
export type Reaction = void | { waitMs?: number; reply?: number; text?: string; cut?: boolean };

/** Asked at every stage of every transaction. */
export type Behaviour = (moment: Moment) => Reaction | Promise<Reaction>;

export interface MailboxOptions {
  /** TCP port on 127.0.0.1; a free one is chosen when not given. */
  port?: number;
  /** Largest message in bytes, announced in EHLO and refused with 552; none unless given. */
  maxBytes?: number;
  /** False: it does not take addresses beyond ASCII (RFC 6531). */
  utf8?: boolean;
  behaviour?: Behaviour;
}

/** A real SMTP server that keeps what it receives, for tests: no TLS, every user and recipient is known. */
export class Mailbox {
  /** All mails since opening or the last `clear`, in the order of their final dots. */
  readonly mails: ReceivedMail[] = [];
  /** Connections accepted since opening. */
  connections = 0;
  private behaviour: Behaviour | undefined;
  private server: SMTPServer | undefined;
  private received = 0;
  private readonly sockets = new Set<Socket>();
  private readonly listeners = new Set<() => void>();

  private constructor(
    private listeningPort: number,
    private readonly maxBytes: number | undefined,
    private readonly utf8: boolean,
  ) {}

  /** Opens a mailbox on the loopback; `close` it after the tests. */
  static async open(options: MailboxOptions = {}): Promise<Mailbox> {
    const mailbox = new Mailbox(options.port ?? 0, options.maxBytes, options.utf8 ?? true);
    mailbox.behave(options.behaviour);
    await mailbox.comeBack();
    return mailbox;
  }

  get port(): number {
    return this.listeningPort;
  }

  /** What goes into `SMTP_URL`. */
  get url(): string {
    return `smtp://127.0.0.1:${this.listeningPort}`;
  }

  /** From now on do as told; without an argument behave well again. */
  behave(behaviour?: Behaviour): void {
    this.behaviour = behaviour;
  }

  /** The mails whose envelope names this recipient, whatever the case. */
  to(address: string): ReceivedMail[] {
    const wanted = address.toLowerCase();
    return this.mails.filter((mail) => mail.to.some((recipient) => recipient.toLowerCase() === wanted));
  }

  /** Forgets what came in so far. */
  clear(): void {
    this.mails.length = 0;
  }

  /** Waits until this many mails are here in all and gives them. */
  waitFor(count: number, timeoutMs?: number): Promise<ReceivedMail[]>;
  /** Waits for mails that fit (those already here included) and gives all that fit; `count` of them, or one. */
  waitFor(
    fits: (mail: ReceivedMail) => boolean | Promise<boolean>,
    timeoutMs?: number,
    count?: number,
  ): Promise<ReceivedMail[]>;
  async waitFor(
    wanted: number | ((mail: ReceivedMail) => boolean | Promise<boolean>),
    timeoutMs = 120_000,
    count = 1,
  ): Promise<ReceivedMail[]> {
    const [fits, needed] = typeof wanted === 'number' ? [() => true, wanted] : [wanted, count];
    const end = Date.now() + timeoutMs;
    for (;;) {
      const seen = [...this.mails];
      // Before anything is awaited, so that a mail that comes while we look is not missed.
      const more = this.nextMail(end);
      const verdicts = await Promise.all(seen.map(async (mail) => fits(mail)));
      const found = seen.filter((_, index) => verdicts[index]);
      if (found.length >= needed) {
        more.cancel();
        return found;
      }
      if (!(await more.arrived)) {
        throw new Error(
          `After ${timeoutMs} ms ${found.length} of ${needed} expected mails; the mailbox holds ${await this.describe()}`,
        );
      }
    }
  }

  /** Stops listening and cuts every connection, as when the machine goes down; the mails stay. */
  async goAway(): Promise<void> {
    const server = this.server;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise<void>((fulfil) => server.close(() => fulfil()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Listens again on the same port. */
  async comeBack(): Promise<void> {
    if (this.server) return;
    const server = new SMTPServer({
      authOptional: true,
      hideSTARTTLS: true,
      allowInsecureAuth: true,
      hideSMTPUTF8: !this.utf8,
      disabledCommands: ['STARTTLS'],
      // A look-up of 127.0.0.1's name would delay every greeting.
      disableReverseLookup: true,
      logger: false,
      closeTimeout: 1_000,
      ...(this.maxBytes !== undefined && { size: this.maxBytes }),
      onConnect: (session, callback) => {
        this.connections++;
        this.react(session, { stage: 'connect', to: [] }, callback);
      },
      onAuth: ({ username }, session, callback) =>
        this.react(session, { stage: 'sign-in', to: [] }, (error) =>
          callback(error, error ? undefined : { user: username }),
        ),
      onMailFrom: (address, session, callback) =>
        this.react(session, { stage: 'mail', from: address.address, to: [] }, callback),
      onRcptTo: (address, session, callback) =>
        this.react(
          session,
          { stage: 'recipient', from: returnPath(session), to: [...recipients(session), address.address] },
          callback,
        ),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (stream.sizeExceeded)
            return callback(Object.assign(new Error('5.3.4 message too big'), { responseCode: 552 }));
          const from = returnPath(session);
          const to = recipients(session);
          const raw = Buffer.concat(chunks);
          this.react(session, { stage: 'received', from, to, raw }, callback, (acknowledged) =>
            this.keep(from, to, raw, acknowledged),
          );
        });
      },
    });
    // A client that hangs up is part of what is tested.
    server.on('error', () => undefined);
    server.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((fulfil, reject) => {
      server.server.once('error', reject);
      server.listen(this.listeningPort, '127.0.0.1', () => {
        server.server.removeListener('error', reject);
        fulfil();
      });
    });
    this.listeningPort = (server.server.address() as AddressInfo).port;
    this.server = server;
  }

  async close(): Promise<void> {
    await this.goAway();
  }

  private react(
    session: SMTPServerSession,
    moment: Moment,
    callback: (error?: Error | null) => void,
    kept?: (acknowledged: boolean) => void,
  ): void {
    const behaviour = this.behaviour;
    const settle = (reaction: Reaction): void => {
      if (reaction?.cut) {
        kept?.(false);
        this.socketOf(session)?.destroy();
        return;
      }
      if (reaction?.reply !== undefined) {
        const refusal = new Error(reaction.text ?? 'refused on order');
        return callback(Object.assign(refusal, { responseCode: reaction.reply }));
      }
      kept?.(this.socketOf(session) !== undefined);
      callback();
    };
    if (!behaviour) return settle(undefined);
    void (async () => {
      const reaction = await behaviour(moment);
      if (reaction?.waitMs) await sleep(reaction.waitMs);
      settle(reaction);
    })().catch((error: unknown) => callback(error as Error));
  }

  private keep(from: string, to: string[], raw: Buffer, acknowledged: boolean): void {
    let parsed: Promise<ParsedMail> | undefined;
    this.mails.push({
      number: ++this.received,
      from,
      to,
      receivedAt: new Date(),
      raw,
      acknowledged,
      parsed: () => (parsed ??= simpleParser(raw)),
    });
    for (const listener of this.listeners) listener();
  }

  private nextMail(end: number): { arrived: Promise<boolean>; cancel(): void } {
    let settle: (arrived: boolean) => void = () => undefined;
    const arrived = new Promise<boolean>((fulfil) => (settle = fulfil));
    const listener = () => finish(true);
    const timer = setTimeout(() => finish(false), Math.max(0, end - Date.now()));
    const finish = (result: boolean): void => {
      clearTimeout(timer);
      this.listeners.delete(listener);
      settle(result);
    };
    this.listeners.add(listener);
    return { arrived, cancel: () => finish(false) };
  }

  private socketOf(session: SMTPServerSession): Socket | undefined {
    for (const socket of this.sockets) if (socket.remotePort === session.remotePort) return socket;
    return undefined;
  }

  private async describe(): Promise<string> {
    const lines = await Promise.all(
      this.mails
        .slice(-20)
        .map(async (mail) => `\n  to ${mail.to.join(', ')}: ${(await mail.parsed()).subject}`),
    );
    return `${this.mails.length}${lines.length < this.mails.length ? `, the last ${lines.length} being` : ''}:${lines.join('')}`;
  }
}

function returnPath(session: SMTPServerSession): string {
  return session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
}

function recipients(session: SMTPServerSession): string[] {
  return session.envelope.rcptTo.map((recipient) => recipient.address);
}
