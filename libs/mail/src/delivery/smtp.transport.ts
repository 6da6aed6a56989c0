import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { domainOf, Environment, Links, StartProblem } from '@app/platform';
import type { Mail } from '../mail.entity';
import { mailKinds } from '../mail-kind';
import type { ComposedMail } from '../mail-renderer';
import { returnAddress } from '../returns/return-address';
import type { SmtpError } from './smtp-answers.rules';
import { writeMime } from './write-mime';

/** What of a ledger row the server and the reader's mail program are told. */
export type LedgerFacts = Pick<Mail, 'kind' | 'dialogueId' | 'subjectId' | 'messageId'>;

/**
 * What DKIM covers (RFC 6376, 5.4.1), each where it is present. One-click counts only where both its fields are signed
 * (RFC 8058, 4); nodemailer's own list lacks the last six.
 */
const SIGNED_FIELDS =
  'From:To:Subject:Date:Message-ID:In-Reply-To:References:MIME-Version:Content-Type:Content-Transfer-Encoding:' +
  'List-Id:List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID:Auto-Submitted:X-Auto-Response-Suppress:' +
  'Content-Language:X-Plenary-Mail';

/** The pool of SMTP connections of this process. */
@Injectable()
export class SmtpTransport implements OnApplicationShutdown {
  /** How many mails can be in flight at once. */
  readonly connections: number;
  private readonly transport;
  private readonly from: string;
  private readonly domain: string;
  private readonly publicUrl: string;
  /** Whether the server takes addresses beyond ASCII (RFC 6531); unknown until it took the first mail. */
  private takesUtf8: boolean | undefined;

  /** @throws Error in one line when the key for DKIM can't be used. */
  constructor(
    private readonly environment: Environment,
    private readonly links: Links,
  ) {
    this.connections = environment.SMTP_CONNECTIONS;
    this.from = environment.MAIL_FROM;
    this.domain = domainOf(this.from);
    this.publicUrl = environment.PUBLIC_URL.replace(/\/$/, '');
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
      ...(environment.DKIM_KEY_FILE && {
        dkim: {
          domainName: this.domain,
          keySelector: environment.DKIM_SELECTOR,
          // Parsed once: signing with the text of the key parses it for every mail. The types know only the text.
          privateKey: readKey(environment.DKIM_KEY_FILE) as unknown as string,
          headerFieldNames: SIGNED_FIELDS,
        },
      }),
    });
  }

  /**
   * Sends one mail. Resolves with the server's answer once it took the mail. Its Message-ID is the same in every attempt.
   * @throws nodemailer's error, see `SmtpError`.
   */
  async send(mail: ComposedMail, facts: LedgerFacts): Promise<string> {
    if (this.takesUtf8 === false && /[^\x20-\x7e]/.test(localPartOf(mail.to.address))) throw NO_UTF8;
    const { envelope, ...message } = this.message(mail, facts);
    const raw = writeMime({ ...message, baseBoundary: boundaryOf(facts) });
    const { response, ehlo } = await this.transport.sendMail({ envelope, messageId: message.messageId, raw });
    if (ehlo) this.takesUtf8 = ehlo.some((line) => /\bSMTPUTF8\b/i.test(line));
    return response;
  }

  /** The mail with its envelope and header, as nodemailer takes it; see `writeMime`. */
  message(mail: ComposedMail, facts: LedgerFacts) {
    return {
      // Never in anybody else's name: theirs is only shown, and replies come to us (RFC 7489, 3.1).
      from: { name: plain(mail.fromName), address: this.from },
      to: { name: plain(mail.to.name), address: mail.to.address },
      envelope: {
        // A return path of its own for every mail (VERP): whatever bounces names the mail.
        from: returnAddress(this.environment, this.links, 'bounce', facts.messageId) ?? this.from,
        to: mail.to.address,
      },
      messageId: `<${facts.messageId}@${this.domain}>`,
      subject: plain(mail.subject),
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
        // So that a program can sort its mail without reading it.
        'X-Plenary-Mail': facts.kind,
        // Machines don't answer this, and vacation notes stay at home (RFC 3834, 5).
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
        ...this.threadHeaders(facts),
        ...this.unsubscribeHeaders(facts),
      },
    };
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }

  /**
   * All mails of a dialogue answer one that was never sent, so mail programs show them as one thread (RFC 5322, 3.6.4).
   * The last part of Feedback-ID names the sender, 5 to 15 characters, and is what Gmail counts by.
   */
  private threadHeaders({ kind, dialogueId }: LedgerFacts): Record<string, string> {
    if (!dialogueId) return { 'Feedback-ID': `${kind}:none:${this.domain}:plenary` };
    const thread = `<dialogue.${dialogueId}@${this.domain}>`;
    return {
      'In-Reply-To': thread,
      References: thread,
      'List-Id': `<${dialogueId}.dialogues.${this.domain}>`,
      'Feedback-ID': `${kind}:${dialogueId}:${this.domain}:plenary`,
    };
  }

  /** One click in the mail program ends what is not strictly about one's own registration (RFC 8058). The link is this mail's. */
  private unsubscribeHeaders({ kind, messageId }: LedgerFacts): Record<string, string> {
    if (!mailKinds().some(({ name, unsubscribable }) => name === kind && unsubscribable)) return {};
    return {
      'List-Unsubscribe': `<${this.publicUrl}/u/${this.links.compose('unsubscription', messageId, 1)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    };
  }
}

/** What the boundaries of a mail have in common: its own, and the same in every attempt; spares asking for random bytes. */
function boundaryOf({ messageId }: LedgerFacts): string {
  return messageId.replaceAll('-', '').slice(0, 16);
}

const NO_UTF8: SmtpError = Object.assign(new Error('No SMTPUTF8'), {
  code: 'EENVELOPE',
  responseCode: 550,
  response: '550 5.6.7 Not offered to the mail server: it does not take addresses beyond ASCII (no SMTPUTF8)',
  command: 'RCPT TO',
});

function localPartOf(address: string): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** A name or subject on one line: a line break in it would begin another header, and no reader sees a control character. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function readKey(file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : /^E[A-Z]+$/.test(code ?? '')
          ? `can't be read (${code})`
          : `holds no private key in PEM (${message})`;
    throw new StartProblem(
      `DKIM_KEY_FILE ${file} ${why}. Put the key there, or leave DKIM_KEY_FILE empty to send mails unsigned.`,
      { cause: error },
    );
  }
  // nodemailer signs with RSA only, and sends what it could not sign unsigned.
  if (key.asymmetricKeyType !== 'rsa') {
    throw new StartProblem(`DKIM_KEY_FILE ${file} must hold an RSA key, not ${key.asymmetricKeyType}.`);
  }
  return key;
}
