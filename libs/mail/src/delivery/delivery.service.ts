import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  domainOf,
  emailKey,
  empty,
  Environment,
  log,
  mailAttempts,
  many,
  raw,
  sql,
  type Sql,
} from '@app/platform';
import { contentHash, fitting } from '../content/as-sent';
import { Mail } from '../mail.entity';
import { mailKinds } from '../mail-kind';
import { MailRenderers, type MailRenderer } from '../mail-renderer';
import { MailAdmission, type Leaving, type Unsent } from './admission.service';
import { SERVER, SmtpCircuits } from './circuits.service';
import { observedRender, observedSend } from './observed';
import { SmtpTransport } from './smtp.transport';
import {
  enhancedStatus,
  onOneLine,
  verdictOf,
  withJitter,
  type SmtpError,
  type Verdict,
} from './smtp-answers.rules';

/** A claimant whose heart has not beaten for so long is dead, by the database's clock. */
export const DEAD_AFTER_SECONDS = 15;
const HEARTBEAT_MILLISECONDS = 3_000;
/** What was written so long ago and still waits for a free connection may no longer be true: it is written anew. */
const FRESH_MILLISECONDS = 30_000;
/** A domain that takes longer to answer is slow: more of its mails wait in the ledger, and not in the way of others. */
const SLOW_MILLISECONDS = 5_000;
const SECONDS_AFTER_SLOW = 15;
/** For so long one mail tries whether the server is back, before another does. */
const TRYING_SECONDS = 30;

/** What may be claimed; part of every claim, as two workers may have the same job. */
const DUE = `state IN ('queued', 'deferred') AND claimed_by IS NULL AND next_attempt_at <= now()
  AND (useful_until IS NULL OR useful_until > now())`;

/** How many mails there are about what a mail is about. */
const SIBLINGS = 'SELECT count(*)::int FROM mails other WHERE other.subject_id = mails.subject_id';

/**
 * Nothing was queued about the same since the mail was claimed, so before it was written: a cancellation must not be
 * followed by a confirmation that waited. And no older mail is on the line, where a newer one could overtake it.
 * Whatever is not started for that is claimed and written anew.
 */
const IN_ORDER = `(SELECT count(*) = n.siblings AND NOT bool_or(other.state = 'sending' AND other.id < mails.id)
    FROM mails other WHERE other.subject_id = mails.subject_id)`;

interface Waiting extends Leaving {
  writtenAt: number;
  done: () => void;
}

interface Outcome extends Omit<Verdict, 'state' | 'circuit'> {
  id: string;
  state: 'sent' | 'deferred' | 'failed';
  recipient: string;
  language: string;
  hash: string;
  done: () => void;
}

/** The mails on the line to one domain: how many, since when the last went out, and how long the last answer took. */
interface Line {
  count: number;
  since: number;
  took: number;
}

/** Kinds that go although everything is held: without them nobody could sign in to release anything. */
export function neverHeld(): string[] {
  return mailKinds()
    .filter(({ about }) => about === 'sign-in link')
    .map(({ name }) => name);
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
  private readonly lines = new Map<string, Line>();
  /** How many mails about the same there were when a mail was claimed. */
  private readonly siblings = new WeakMap<Mail, number>();
  private sending = 0;
  private turning = false;
  private stopping = false;
  private lettingGo = false;
  private heartbeat: NodeJS.Timeout;

  constructor(
    private readonly dataSource: DataSource,
    private readonly renderers: MailRenderers,
    private readonly transport: SmtpTransport,
    private readonly admission: MailAdmission,
    private readonly circuits: SmtpCircuits,
    private readonly environment: Environment,
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

  /** While the server refuses everybody, a claim takes nothing, but for one mail that tries whenever it is time. */
  private async claim(ids: string[]): Promise<Mail[]> {
    const { MAIL_HOLD: heldSince } = this.environment;
    const due = heldSince ? `${DUE} AND (released_at >= $3 OR kind = ANY($4))` : DUE;
    const [rows]: [Record<string, unknown>[]] = await this.dataSource.query(
      `WITH tried AS (
         UPDATE smtp_circuits SET next_try_at = now() + interval '${TRYING_SECONDS} seconds'
         WHERE scope = '${SERVER}' AND next_try_at <= now() AND EXISTS (SELECT FROM mails WHERE id = ANY($1) AND ${due})
         RETURNING scope)
       UPDATE mails SET claimed_by = $2
       WHERE id = ANY(CASE WHEN NOT EXISTS (SELECT FROM smtp_circuits WHERE scope = '${SERVER}') THEN $1::bigint[]
                           WHEN EXISTS (SELECT FROM tried) THEN (SELECT array[min(id)] FROM mails WHERE id = ANY($1) AND ${due})
                           ELSE '{}' END) AND ${due}
       RETURNING *, (${SIBLINGS}) AS siblings`,
      [ids, this.claimant, ...(heldSince ? [heldSince, neverHeld()] : [])],
    );
    if (rows.length > 0) this.circuits.resumed();
    const entity = this.dataSource.getMetadata(Mail);
    return rows.map((row) => {
      const mail = new Mail();
      for (const column of entity.columns) column.setEntityValue(mail, row[column.databaseName]);
      this.siblings.set(mail, row.siblings as number);
      return mail;
    });
  }

  private async deliverPage(kind: string, mails: Mail[]): Promise<void> {
    let renderer: MailRenderer;
    let rendered: Awaited<ReturnType<MailRenderer['render']>>;
    try {
      renderer = this.renderers.of(kind);
      rendered = await observedRender(kind, mails.length, () => renderer.render(mails));
    } catch (error) {
      // One bad row must not hold up its page for ever: they come back alone, later and later.
      if (mails.length > 1) {
        await allDone(mails.map((mail) => this.deliverPage(kind, [mail])));
      } else {
        log.error(
          { err: error, mail: mails[0]!.id, kind, dialogue: mails[0]!.dialogueId },
          'mail could not be written',
        );
        await this.putOff(mails[0]!, error as Error);
      }
      return;
    }
    const unsent: Unsent[] = [];
    const leaving: Leaving[] = [];
    for (const mail of mails) {
      const composed = rendered.get(mail.id) ?? { stale: 'What it was about is gone.' };
      if ('stale' in composed) unsent.push({ id: mail.id, state: 'stale', answer: composed.stale, after: 0 });
      else leaving.push({ mail, composed: fitting(mail, composed), domain: domainOf(composed.to.address) });
    }
    const refused = await this.admission.refused(renderer.kind, leaving);
    const sends: Promise<void>[] = [];
    for (const each of leaving) {
      const reason = refused.get(each.mail.id) ?? this.waitsForSlow(each);
      if (reason) unsent.push(reason);
      else sends.push(this.send(each));
    }
    if (unsent.length > 0) sends.push(this.recordUnsent(unsent));
    await allDone(sends);
  }

  /** Of a domain that answers slowly no more wait here than there are connections; the others would wait behind them. */
  private waitsForSlow({ mail, domain }: Leaving): Unsent | undefined {
    const line = this.lines.get(domain);
    if (!line || Math.max(line.took, Date.now() - line.since) < SLOW_MILLISECONDS) return undefined;
    if (this.waiting.filter((each) => each.domain === domain).length < this.transport.connections)
      return undefined;
    const answer = `Waits, since ${domain} answers slowly.`;
    return { id: mail.id, state: 'waiting', answer, after: SECONDS_AFTER_SLOW };
  }

  private send(leaving: Leaving): Promise<void> {
    return new Promise((done) => {
      if (this.stopping) return done();
      this.waiting.push({ ...leaving, writtenAt: Date.now(), done });
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
        const freshSince = Date.now() - FRESH_MILLISECONDS;
        while (this.waiting[0] && (this.circuits.halted || this.waiting[0].writtenAt < freshSince)) {
          this.waiting.shift()!.done();
        }
        const next = this.takeNext(this.transport.connections - this.sending + outcomes.length);
        let started: Set<string>;
        try {
          started = await this.record(
            outcomes,
            next.map(({ mail }) => mail),
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
        for (const { state, done } of outcomes) {
          mailAttempts.inc({ outcome: state });
          done();
        }
        const left: string[] = [];
        for (const item of next) {
          if (started.has(item.mail.id)) void this.transmit(item);
          else left.push(item.mail.id);
        }
        if (left.length > 0) await this.giveBack(left);
        for (const item of next) if (!started.has(item.mail.id)) item.done();
      }
    } finally {
      this.turning = false;
    }
  }

  /** What may not start as it was written is claimed anew, by whoever comes first. */
  private async giveBack(ids: string[]): Promise<void> {
    await this.dataSource
      .query(
        `UPDATE mails SET claimed_by = NULL WHERE id = ANY($1::bigint[]) AND claimed_by = $2 AND state <> 'sending'`,
        [ids, this.claimant],
      )
      .catch((error: Error) => log.warn({ err: error }, 'claims not given back; the next heartbeat does'));
  }

  /**
   * The next mails for so many free connections, in their order and of each subject only the oldest: side by side the
   * newer could arrive first. But while mails of other domains wait, one domain gets
   * half of the connections at most, so that a slow one slows nothing but itself.
   */
  private takeNext(free: number): Waiting[] {
    const half = Math.ceil(this.transport.connections / 2);
    const counts = new Map<string, number>();
    const next: Waiting[] = [];
    const over: Waiting[] = [];
    const oldest = new Map<string, number>();
    for (const { mail } of this.waiting) {
      oldest.set(mail.subjectId, Math.min(Number(mail.id), oldest.get(mail.subjectId) ?? Infinity));
    }
    for (const item of this.waiting) {
      if (next.length === free) break;
      if (Number(item.mail.id) > oldest.get(item.mail.subjectId)!) continue;
      const count = counts.get(item.domain) ?? this.lines.get(item.domain)?.count ?? 0;
      counts.set(item.domain, count + 1);
      (count < half ? next : over).push(item);
    }
    next.push(...over.slice(0, free - next.length));
    const taken = new Set(next);
    this.waiting.splice(0, this.waiting.length, ...this.waiting.filter((item) => !taken.has(item)));
    return next;
  }

  /**
   * Records what was answered and starts what is next. A claim that was taken away, as by somebody who holds the mail,
   * is not started. Whose address takes no mail is known from then on, and whoever is answerable will be told.
   */
  private async record(outcomes: Outcome[], next: Mail[]): Promise<Set<string>> {
    const of = <Key extends keyof Outcome>(key: Key) => outcomes.map((outcome) => outcome[key]);
    const retryAfter = outcomes.map((outcome) => withJitter(outcome.retryAfter, Math.random()));
    const rows = await many<{ id: string }>(
      this.dataSource,
      sql`WITH recorded AS (
         UPDATE mails SET state = o.state, answer = o.answer, uncertain = mails.uncertain OR o.uncertain,
           recipient = o.recipient, language = o.language, claimed_by = NULL,
           attempts = attempts - CASE WHEN o.counted THEN 0 ELSE 1 END,
           without_attachments = without_attachments OR o.lighter,
           content_hash = CASE WHEN o.state = 'sent' THEN o.hash ELSE content_hash END,
           sent_at = CASE WHEN o.state = 'sent' THEN now() END,
           next_attempt_at = CASE WHEN o.state = 'deferred' THEN now() + make_interval(secs => o.retry_after)
                                  ELSE next_attempt_at END
         FROM unnest(${of('id')}::bigint[], ${of('state')}::text[], ${of('answer')}::text[], ${of('uncertain')}::boolean[],
             ${retryAfter}::float8[], ${of('recipient')}::text[], ${of('language')}::text[], ${of('hash')}::text[],
             ${of('counted')}::boolean[], ${of('withoutAttachments')}::boolean[])
           AS o (id, state, answer, uncertain, retry_after, recipient, language, hash, counted, lighter)
         WHERE mails.id = o.id AND claimed_by = ${this.claimant}
         RETURNING mails.id, mails.dialogue_id, mails.message_id, mails.attempts, o.state, o.answer),
       ${bounces(outcomes)}
       started AS (
         UPDATE mails SET state = 'sending', attempts = attempts + 1, unwritten_since = NULL
         FROM unnest(${next.map(({ id }) => id)}::bigint[], ${next.map((mail) => this.siblings.get(mail))}::int[])
           AS n (id, siblings)
         WHERE mails.id = n.id AND claimed_by = ${this.claimant} AND (useful_until IS NULL OR useful_until > now())
           AND ${raw(IN_ORDER)}
         RETURNING mails.id)
       SELECT id::text FROM started`,
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async transmit({ mail, composed, domain, done }: Waiting): Promise<void> {
    const common = { id: mail.id, recipient: composed.to.address, language: composed.language, done };
    const startedAt = Date.now();
    const line = this.lines.get(domain) ?? { count: 0, since: startedAt, took: 0 };
    this.lines.set(domain, line);
    line.count++;
    line.since = startedAt;
    try {
      const answer = await observedSend(mail.kind, () => this.transport.send(composed, mail));
      this.outcomes.push({ ...common, ...SENT, answer: onOneLine(answer), hash: contentHash(composed) });
      void this.circuits.took(domain);
    } catch (error) {
      const attachments = !!(composed.calendar ?? composed.images);
      const verdict = verdictOf(error as SmtpError, mail.attempts + 1, attachments);
      await this.circuits.refused(verdict, domain);
      this.outcomes.push({ ...common, ...verdict, hash: '' });
    }
    line.took = Date.now() - startedAt;
    if (--line.count === 0) this.lines.delete(domain);
    void this.turn();
  }

  private async recordUnsent(unsent: Unsent[]): Promise<void> {
    // An address that bounced in one dialogue is told in every other that writes to it, once.
    await this.dataSource.query(
      `WITH recorded AS (
         UPDATE mails SET answer = u.answer, claimed_by = NULL, unwritten_since = NULL,
           state = CASE WHEN u.state = 'waiting' THEN mails.state ELSE u.state END,
           next_attempt_at = CASE WHEN u.state = 'waiting' THEN now() + make_interval(secs => u.after) ELSE next_attempt_at END
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::float8[], $6::text[])
           AS u (id, state, answer, after, bounced)
         WHERE mails.id = u.id AND claimed_by = $5
         RETURNING mails.id, mails.dialogue_id, mails.recipient, mails.message_id, u.answer, u.bounced)
       INSERT INTO mail_returns (digest, kind, mail_id, dialogue_id, status, diagnostic)
       SELECT encode(sha256(('suppressed ' || message_id)::bytea), 'hex'), 'hard bounce', recorded.id, d.id, bounced, answer
       FROM recorded JOIN dialogues d ON d.id = dialogue_id
       WHERE bounced IS NOT NULL AND NOT EXISTS (
         SELECT FROM mail_returns told JOIN mails m ON m.id = told.mail_id
         WHERE told.dialogue_id = d.id AND told.kind = 'hard bounce' AND m.recipient = recorded.recipient)
       ON CONFLICT DO NOTHING`,
      [
        unsent.map(({ id }) => id),
        unsent.map(({ state }) => state),
        unsent.map(({ answer }) => answer),
        // Never earlier than said, and not all at once.
        unsent.map(({ after }) => after * (1 + Math.random() / 4)),
        this.claimant,
        unsent.map(({ bounced }) => bounced ?? null),
      ],
    );
  }

  /** Who manages the dialogue is notified of it by `UnwrittenTeller`, and anyone who runs the system by the log and `/metrics`. */
  private async putOff(mail: Mail, error: Error): Promise<void> {
    const { retryAfter } = verdictOf({ message: error.message, responseCode: 451 }, mail.attempts + 1);
    await this.dataSource.query(
      `UPDATE mails SET state = 'deferred', attempts = attempts + 1, answer = $2, claimed_by = NULL,
         unwritten_since = coalesce(unwritten_since, now()), next_attempt_at = now() + make_interval(secs => $3) WHERE id = $1 AND claimed_by = $4`,
      [
        mail.id,
        `Could not be written: ${error.message}`.slice(0, 500),
        withJitter(retryAfter, Math.random()),
        this.claimant,
      ],
    );
  }

  /**
   * Shows that this process lives, and lets go of what it has claimed but no longer works on. The heart beats by itself:
   * who waits for a lock on mails, or is refused for taking too long, is not dead. What is in hand is looked at after what
   * is claimed: a page that came in between would be let go in the middle of being sent.
   */
  private async beat(): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO mail_claimants (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()`,
      [this.claimant],
    );
    if (this.lettingGo) return;
    this.lettingGo = true;
    try {
      const claimed: { id: string }[] = await this.dataSource.query(
        'SELECT id::text FROM mails WHERE claimed_by = $1',
        [this.claimant],
      );
      const inHand = new Set([...this.inHand].flat());
      const left = claimed.flatMap(({ id }) => (inHand.has(id) ? [] : [id]));
      if (left.length === 0) return;
      await this.dataSource.query(
        `UPDATE mails SET claimed_by = NULL, uncertain = uncertain OR state = 'sending',
           state = CASE WHEN state = 'sending' THEN 'queued' ELSE state END
         WHERE claimed_by = $1 AND id = ANY($2::bigint[])`,
        [this.claimant, left],
      );
    } finally {
      this.lettingGo = false;
    }
  }
}

const SENT = {
  state: 'sent',
  uncertain: false,
  retryAfter: 0,
  counted: true,
  suppress: null,
  withoutAttachments: false,
} as const;

/** Goes into `record` where something failed for good: whoever answers for the dialogue is told of it as of any bounce. */
function bounces(outcomes: Outcome[]): Sql {
  const failed = outcomes.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return empty;
  const unknown = failed.filter(({ suppress }) => suppress !== null);
  return sql`bounced AS (
         INSERT INTO mail_returns (digest, kind, mail_id, dialogue_id, status, diagnostic)
         SELECT encode(sha256(('answer ' || attempts || ' to ' || message_id)::bytea), 'hex'), 'hard bounce', recorded.id,
           (SELECT d.id FROM dialogues d WHERE d.id = dialogue_id), b.status, answer
         FROM recorded JOIN unnest(${failed.map(({ id }) => id)}::bigint[],
           ${failed.map(({ answer }) => enhancedStatus(answer))}::text[]) AS b (id, status) USING (id)
         ON CONFLICT DO NOTHING),
       unknown AS (
         INSERT INTO address_suppressions (email_key, status, diagnostic, mail_id)
         SELECT u.email_key, u.status, answer, recorded.id
         FROM recorded JOIN unnest(${unknown.map(({ id }) => id)}::bigint[],
           ${unknown.map(({ recipient }) => emailKey(recipient))}::text[],
           ${unknown.map(({ suppress }) => suppress)}::text[]) AS u (id, email_key, status) USING (id)
         ON CONFLICT DO NOTHING),`;
}

/** Waits for all, also when one fails, and then fails as the first that did. */
async function allDone(work: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
