import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { log } from '@app/platform';
import { Mail } from '../mail.entity';
import { MailRenderers, type ComposedMail } from '../mail-renderer';
import { SmtpTransport } from './smtp.transport';
import { verdictOf, withJitter, type SmtpError } from './smtp-answers.rules';

/** A claimant whose heart has not beaten for so long is dead, by the database's clock. */
export const DEAD_AFTER_SECONDS = 15;
const HEARTBEAT_MILLISECONDS = 3_000;
/** What was written so long ago and still waits for a free connection may no longer be true: it is written anew. */
const FRESH_MILLISECONDS = 30_000;

interface Waiting {
  mail: Mail;
  composed: ComposedMail;
  writtenAt: number;
  done: () => void;
}

interface Outcome {
  id: string;
  state: 'sent' | 'deferred' | 'failed';
  uncertain: boolean;
  answer: string;
  retryAfter: number;
  recipient: string;
  language: string;
  hash: string;
  done: () => void;
}

/**
 * Sends mails from the ledger, each once (design, ideas 1 and 5).
 *
 * A row goes queued → claimed by this process → `sending`, recorded right before its SMTP transaction → `sent`.
 * Never more rows are `sending` than there are connections, and a row leaves `sending` in the same statement that
 * lets the next one in. So when this process dies, at most one mail an open connection may go out twice, and exactly
 * those are marked uncertain.
 */
@Injectable()
export class MailDelivery implements OnApplicationBootstrap {
  /** Who claims; new with every start of the process, so that no row of a dead one is mistaken for ours. */
  readonly claimant = randomUUID();
  private readonly waiting: Waiting[] = [];
  private outcomes: Outcome[] = [];
  /** The pages that this process works on; a row that it has claimed and that is in none of them was left behind. */
  private readonly inHand = new Set<string[]>();
  private sending = 0;
  private turning = false;
  private stopping = false;
  private heartbeat: NodeJS.Timeout;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(MailRenderers) private readonly renderers: MailRenderers,
    @Inject(SmtpTransport) private readonly transport: SmtpTransport,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.renderers.assertComplete();
    await this.beat();
    this.heartbeat = setInterval(() => {
      this.beat().catch((error: Error) => log.warn({ err: error }, 'heartbeat failed'));
    }, HEARTBEAT_MILLISECONDS);
  }

  /** From now on nothing new goes onto the line; what is on it is finished. Jobs on hand end at once. */
  async drain(): Promise<void> {
    this.stopping = true;
    for (const { done } of this.waiting.splice(0)) done();
    while (this.sending > 0) await pause(20);
  }

  /** Gives back what was claimed and not sent, so that another worker need not wait for our heart to stop. */
  async release(): Promise<void> {
    clearInterval(this.heartbeat);
    await this.dataSource
      .query(`UPDATE mails SET claimed_by = NULL WHERE claimed_by = $1 AND state <> 'sending'`, [
        this.claimant,
      ])
      .catch((error: Error) =>
        log.warn({ err: error }, 'claims not given back; they fall free by themselves'),
      );
  }

  /**
   * Claims what is still due of these mails, sends it, and returns when each has its outcome recorded. When something
   * goes wrong on the way (the database is away), what was claimed falls free with the next heartbeat.
   */
  async deliver(ids: string[]): Promise<void> {
    if (this.stopping) return;
    // A second copy of a row that waits here already would be sent beside the first.
    const here = new Set([...this.inHand].flat());
    const page = ids.filter((id) => !here.has(id));
    this.inHand.add(page);
    try {
      const mails = await this.claim(page);
      const byKind = Map.groupBy(mails, (mail) => mail.kind);
      await allDone([...byKind].map(([kind, ofKind]) => this.deliverPage(kind, ofKind)));
    } finally {
      this.inHand.delete(page);
    }
  }

  private async claim(ids: string[]): Promise<Mail[]> {
    const result = await this.dataSource
      .createQueryBuilder()
      .update(Mail)
      .set({ claimedBy: this.claimant })
      .where('id = ANY(:ids)', { ids })
      .andWhere(`state IN ('queued', 'deferred') AND claimed_by IS NULL AND next_attempt_at <= now()`)
      .andWhere('(useful_until IS NULL OR useful_until > now())')
      .returning('*')
      .execute();
    const entity = this.dataSource.getMetadata(Mail);
    return (result.raw as Record<string, unknown>[]).map((row) => {
      const mail = new Mail();
      for (const column of entity.columns) column.setEntityValue(mail, row[column.databaseName]);
      return mail;
    });
  }

  private async deliverPage(kind: string, mails: Mail[]): Promise<void> {
    let rendered: Awaited<ReturnType<ReturnType<MailRenderers['of']>['render']>>;
    try {
      rendered = await this.renderers.of(kind).render(mails);
    } catch (error) {
      // One bad row must not hold up its page for ever: they come back alone, later and later.
      if (mails.length > 1) {
        await allDone(mails.map((mail) => this.deliverPage(kind, [mail])));
      } else {
        log.error({ err: error, mail: mails[0]!.id, kind }, 'mail could not be written');
        await this.putOff(mails[0]!, error as Error);
      }
      return;
    }
    const stale: { id: string; reason: string }[] = [];
    const sends: Promise<void>[] = [];
    for (const mail of mails) {
      const composed = rendered.get(mail.id) ?? { stale: 'What it was about is gone.' };
      if ('stale' in composed) stale.push({ id: mail.id, reason: composed.stale });
      else sends.push(this.send(mail, composed));
    }
    if (stale.length > 0) sends.push(this.recordStale(stale));
    await allDone(sends);
  }

  private send(mail: Mail, composed: ComposedMail): Promise<void> {
    return new Promise((done) => {
      if (this.stopping) return done();
      this.waiting.push({ mail, composed, writtenAt: Date.now(), done });
      void this.turn();
    });
  }

  /** One statement a turn: records what was answered and lets as many mails onto the line as that set free. */
  private async turn(): Promise<void> {
    if (this.turning) return;
    this.turning = true;
    try {
      while (
        this.outcomes.length > 0 ||
        (this.waiting.length > 0 && this.sending < this.transport.connections)
      ) {
        const outcomes = this.outcomes.splice(0);
        while (this.waiting[0] && this.waiting[0].writtenAt < Date.now() - FRESH_MILLISECONDS) {
          this.waiting.shift()!.done();
        }
        const next = this.waiting.splice(0, this.transport.connections - this.sending + outcomes.length);
        let started: Set<string>;
        try {
          started = await this.record(
            outcomes,
            next.map(({ mail }) => mail.id),
          );
        } catch (error) {
          // The database is away. What was answered must not be forgotten: keep it and try again.
          log.warn({ err: error }, 'outcomes not recorded yet');
          this.outcomes.unshift(...outcomes);
          this.waiting.unshift(...next);
          await pause(500);
          continue;
        }
        this.sending += started.size - outcomes.length;
        for (const { done } of outcomes) done();
        for (const item of next) {
          if (started.has(item.mail.id)) void this.transmit(item);
          else item.done();
        }
      }
    } finally {
      this.turning = false;
    }
  }

  private async record(outcomes: Outcome[], next: string[]): Promise<Set<string>> {
    const rows: { id: string }[] = await this.dataSource.query(
      `WITH recorded AS (
         UPDATE mails SET state = o.state, answer = o.answer, uncertain = mails.uncertain OR o.uncertain,
           recipient = o.recipient, language = o.language, claimed_by = NULL,
           content_hash = CASE WHEN o.state = 'sent' THEN o.hash ELSE content_hash END,
           sent_at = CASE WHEN o.state = 'sent' THEN now() END,
           next_attempt_at = CASE WHEN o.state = 'deferred' THEN now() + make_interval(secs => o.retry_after)
                                  ELSE next_attempt_at END
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[], $5::float8[], $6::text[], $7::text[], $8::text[])
           AS o (id, state, answer, uncertain, retry_after, recipient, language, hash)
         WHERE mails.id = o.id AND claimed_by = $10),
       started AS (
         UPDATE mails SET state = 'sending', attempts = attempts + 1
         WHERE id = ANY($9::bigint[]) AND claimed_by = $10 AND (useful_until IS NULL OR useful_until > now())
         RETURNING id)
       SELECT id::text FROM started`,
      [
        outcomes.map(({ id }) => id),
        outcomes.map(({ state }) => state),
        outcomes.map(({ answer }) => answer),
        outcomes.map(({ uncertain }) => uncertain),
        outcomes.map(({ retryAfter }) => withJitter(retryAfter, Math.random())),
        outcomes.map(({ recipient }) => recipient),
        outcomes.map(({ language }) => language),
        outcomes.map(({ hash }) => hash),
        next,
        this.claimant,
      ],
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async transmit({ mail, composed, done }: Waiting): Promise<void> {
    const common = { id: mail.id, recipient: composed.to.address, language: composed.language, done };
    try {
      const answer = await this.transport.send(composed, mail.messageId, mail.kind);
      this.outcomes.push({
        ...common,
        state: 'sent',
        uncertain: false,
        answer,
        retryAfter: 0,
        hash: contentHash(composed),
      });
    } catch (error) {
      this.outcomes.push({ ...common, ...verdictOf(error as SmtpError, mail.attempts + 1), hash: '' });
    }
    void this.turn();
  }

  private async recordStale(stale: { id: string; reason: string }[]): Promise<void> {
    await this.dataSource.query(
      `UPDATE mails SET state = 'stale', answer = s.reason, claimed_by = NULL
       FROM unnest($1::bigint[], $2::text[]) AS s (id, reason) WHERE mails.id = s.id AND claimed_by = $3`,
      [stale.map(({ id }) => id), stale.map(({ reason }) => reason), this.claimant],
    );
  }

  private async putOff(mail: Mail, error: Error): Promise<void> {
    const { retryAfter } = verdictOf({ message: error.message, responseCode: 451 }, mail.attempts + 1);
    await this.dataSource.query(
      `UPDATE mails SET state = 'deferred', attempts = attempts + 1, answer = $2, claimed_by = NULL,
         next_attempt_at = now() + make_interval(secs => $3) WHERE id = $1 AND claimed_by = $4`,
      [
        mail.id,
        `Could not be written: ${error.message}`.slice(0, 500),
        withJitter(retryAfter, Math.random()),
        this.claimant,
      ],
    );
  }

  /** Shows that this process lives, and lets go of what it has claimed but no longer works on. */
  private async beat(): Promise<void> {
    await this.dataSource.query(
      `WITH alive AS (
         INSERT INTO mail_claimants (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET heartbeat_at = now())
       UPDATE mails SET claimed_by = NULL, uncertain = uncertain OR state = 'sending',
         state = CASE WHEN state = 'sending' THEN 'queued' ELSE state END
       WHERE claimed_by = $1 AND id <> ALL($2::bigint[])`,
      [this.claimant, [...this.inHand].flat()],
    );
  }
}

/** Waits for all, also when one fails, and then fails as the first that did. */
async function allDone(work: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** SHA-256 (hex) of what its reader reads; answers "what did it say?" later. */
function contentHash({ subject, text, html, calendar }: ComposedMail): string {
  return createHash('sha256')
    .update(JSON.stringify([subject, text, html, calendar?.content ?? null]))
    .digest('hex');
}
