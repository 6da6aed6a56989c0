import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { Environment } from '@app/platform';
import type { ComposedMail } from '../mail-renderer';

/** The pool of SMTP connections of this process. */
@Injectable()
export class SmtpTransport implements OnApplicationShutdown {
  /** How many mails can be in flight at once. */
  readonly connections: number;
  private readonly transport;
  private readonly from: string;

  constructor(@Inject(Environment) environment: Environment) {
    this.connections = environment.SMTP_CONNECTIONS;
    this.from = environment.MAIL_FROM;
    this.transport = createTransport({
      url: environment.SMTP_URL,
      pool: true,
      maxConnections: this.connections,
      maxMessages: Infinity,
      // Retries belong to the ledger; by default the pool re-queues without limit and silently.
      maxRequeues: 0,
      connectionTimeout: 20_000,
      greetingTimeout: 20_000,
      // A server may take ten minutes after the final dot (RFC 5321, 4.5.3.2.6).
      socketTimeout: 600_000,
    });
  }

  /**
   * Sends one mail. Resolves with the server's answer once it took the mail.
   * @param messageId left part of the Message-ID; the same in every attempt.
   * @param kind name of its kind, told in a header so that a program can sort its mail without reading it.
   * @throws nodemailer's error, see `SmtpError`.
   */
  async send(mail: ComposedMail, messageId: string, kind: string): Promise<string> {
    const { response } = await this.transport.sendMail({
      from: { name: mail.fromName, address: this.from },
      to: mail.to,
      messageId: `<${messageId}@${this.from.split('@')[1]}>`,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      ...(mail.calendar && { icalEvent: { method: mail.calendar.method, content: mail.calendar.content } }),
      ...(mail.images && {
        attachments: mail.images.map(({ id, name, type, content }) => ({
          cid: id,
          filename: name,
          contentType: type,
          contentDisposition: 'inline' as const,
          content,
        })),
      }),
      headers: {
        'Content-Language': mail.language,
        'X-Plenary-Mail': kind,
        // Machines don't answer this, and vacation notes stay at home (RFC 3834, 5).
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
      },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return response;
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }
}
