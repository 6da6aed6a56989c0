import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit, emailKey } from '@app/platform';
import { isNoSuchAddress } from '../delivery/refusal-words.rules';
import { Mail } from '../mail.entity';
import { recordReturn } from './record-return';
import {
  pauseAfterBounce,
  SOFT_BOUNCES,
  verdictOfReturn,
  type ReturnedMessage,
  type ReturnVerdict,
} from './returns.rules';

/** The mail that came back is on the line still: its 250 is not yet recorded. Hand the message in again a little later. */
export class NotYetSent extends Error {}

type Bounce = Extract<ReturnVerdict, { diagnostic: string }>;

/**
 * What came back for a mail, proved by the secret in the address it came to. Without that proof nothing may happen: a
 * stranger would stop somebody's mail with one message.
 */
@Injectable()
export class MailReturns {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Takes what came back for one mail; the same message twice is one.
   * @param messageId left part of the mail's Message-ID, which the address proved.
   * @param digest see `digestOf`.
   * @throws NotYetSent
   */
  async take(messageId: string, digest: string, message: ReturnedMessage): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const mail = await manager.findOne(Mail, { where: { messageId }, lock: { mode: 'pessimistic_write' } });
      if (!mail) {
        await recordReturn(manager, { digest, kind: 'other' });
        return;
      }
      const verdict = verdictOfReturn(message, emailKey(mail.recipient));
      const isBounce = 'diagnostic' in verdict;
      if (isBounce && mail.state === 'sending') throw new NotYetSent();
      // What a server says quotes the address, which is not to be known any more.
      const isErased = mail.recipient === '' || mail.forgetRecipient;
      const isNew = await recordReturn(manager, {
        digest,
        // What answers a calendar entry comes to another address.
        kind: verdict.kind === 'calendar reply' ? 'other' : verdict.kind,
        mailId: mail.id,
        dialogueId: mail.dialogueId,
        ...(isBounce && { status: verdict.status, diagnostic: isErased ? null : verdict.diagnostic }),
      });
      if (!isNew || !isBounce || isErased) return;
      if (verdict.kind === 'hard bounce') {
        await this.fail(manager, mail, verdict);
        if (isNoSuchAddress(verdict.status, verdict.diagnostic) && speaksOf(verdict, mail)) {
          await this.suppress(manager, mail, verdict);
        }
      }
      if (verdict.kind === 'soft bounce') {
        // Whoever else stands behind the address has it already.
        if (speaksOf(verdict, mail)) await this.sendAgainOrFail(manager, mail, verdict);
        else await this.fail(manager, mail, verdict);
      }
    });
  }

  /** What is on its way again already gets an outcome of its own; what a worker has claimed and not begun does not go. */
  private async fail(manager: EntityManager, mail: Mail, { diagnostic }: Bounce): Promise<void> {
    await manager.query(
      `UPDATE mails SET state = 'failed', answer = $2, claimed_by = NULL
       WHERE id = $1 AND state IN ('sent', 'deferred')`,
      [mail.id, `It came back: ${diagnostic}`],
    );
  }

  private async sendAgainOrFail(manager: EntityManager, mail: Mail, bounce: Bounce): Promise<void> {
    const [{ count }]: [{ count: number }] = await manager.query(
      `SELECT count(*)::int AS count FROM mail_returns WHERE mail_id = $1 AND kind = 'soft bounce'`,
      [mail.id],
    );
    const [, again]: [unknown, number] = await manager.query(
      `UPDATE mails SET state = 'deferred', answer = $2, claimed_by = NULL,
         next_attempt_at = now() + make_interval(secs => $3)
       WHERE id = $1 AND state = 'sent' AND $4
         AND (useful_until IS NULL OR useful_until > now() + make_interval(secs => $3))`,
      [mail.id, `It came back: ${bounce.diagnostic}`, pauseAfterBounce(count), count <= SOFT_BOUNCES],
    );
    if (again === 0 && mail.state === 'sent') await this.fail(manager, mail, bounce);
  }

  private async suppress(manager: EntityManager, mail: Mail, { status, diagnostic }: Bounce): Promise<void> {
    const made: unknown[] = await manager.query(
      `INSERT INTO address_suppressions (email_key, status, diagnostic, mail_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT (email_key) DO NOTHING RETURNING email_key`,
      [emailKey(mail.recipient), status, diagnostic, mail.id],
    );
    if (made.length === 0) return;
    await audit(manager, {
      action: 'address.suppressed',
      dialogueId: mail.dialogueId,
      subjectId: mail.subjectId,
      details: { mail: mail.id, status },
    });
  }
}

/**
 * Whether a bounce speaks of the address that the mail was sent to. Where that forwards to others, it may be one of those
 * that does not exist.
 */
function speaksOf({ recipients }: Bounce, { recipient }: Mail): boolean {
  return recipients.length === 0 || recipients.includes(emailKey(recipient));
}
