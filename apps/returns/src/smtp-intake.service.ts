import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { isReturnAddress } from '@app/mail';
import { context, Environment, log } from '@app/platform';
import { Intake } from './intake.service';

/** What comes back quotes a mail of ours, which is far smaller. */
export const MOST_BYTES = 1024 * 1024;
/** What comes back answers one mail; a server may count on so many all the same (RFC 5321, 4.5.3.1.8). */
const MOST_RECIPIENTS = 100;

/**
 * Takes what comes back by SMTP, handed over by the mail server of the domain on a network of one's own. It speaks
 * neither TLS nor AUTH: who may deliver is for that server to say, and what is believed is proved by the address alone.
 */
@Injectable()
export class SmtpIntake implements OnApplicationBootstrap, OnModuleDestroy {
  private server: SMTPServer | undefined;

  constructor(
    private readonly environment: Environment,
    private readonly intake: Intake,
  ) {}

  /** The port on which it listens; null: on none. */
  get port(): number | null {
    return (this.server?.server.address() as AddressInfo | null | undefined)?.port ?? null;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { RETURNS_PORT: port, HOST: host } = this.environment;
    if (port === undefined) return;
    const server = new SMTPServer({
      banner: 'Plenary',
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      size: MOST_BYTES,
      maxClients: 50,
      socketTimeout: 60_000,
      closeTimeout: 10_000,
      logger: false,
      onRcptTo: ({ address }, { envelope }, answer) => {
        if (!isReturnAddress(this.environment, address)) answer(smtpError(550, '5.1.1 No such mailbox here'));
        else if (envelope.rcptTo.length >= MOST_RECIPIENTS)
          answer(smtpError(452, '4.5.3 Too many recipients'));
        else answer();
      },
      onData: (stream, session, answer) => {
        const { mailFrom, rcptTo } = session.envelope;
        const recipients = rcptTo.map(({ address }) => address);
        const isFromNobody = !mailFrom || mailFrom.address === '';
        void context
          .run({ jobId: session.id, actor: 'returns' }, () => this.read(stream, recipients, isFromNobody))
          .then(
            () => answer(null, 'Taken'),
            (error: Error) => answer(error),
          );
      },
    });
    server.on('error', (error) => log.warn({ err: error }, 'connection for returns'));
    await new Promise<void>((listening, failed) => {
      server.server.once('error', failed);
      server.listen(port, host, () => listening());
    });
    this.server = server;
    log.info({ port: this.port }, 'listening for returns');
  }

  /** Whoever is in the middle of a message ends it first. */
  async onModuleDestroy(): Promise<void> {
    await new Promise<void>((closed) => (this.server ? this.server.close(() => closed()) : closed()));
  }

  private async read(
    stream: SMTPServerDataStream,
    recipients: string[],
    isFromNobody: boolean,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MOST_BYTES) chunks.push(chunk);
    }
    if (size > MOST_BYTES) throw smtpError(552, '5.3.4 Too large');
    const message = Buffer.concat(chunks);
    try {
      for (const recipient of recipients) await this.intake.take(recipient, message, isFromNobody);
    } catch (error) {
      // The database is away, or the mail is on the line still: the other server keeps it and comes back.
      log.warn({ err: error as Error }, 'message not taken in yet');
      throw smtpError(451, '4.3.0 Try again later');
    }
  }
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
