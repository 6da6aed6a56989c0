import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit, auditParameters, auditPart, Problem } from '@app/platform';
import { MailQueue } from '../mail-queue.service';
import { Mail, type MailState } from '../mail.entity';
import { AGAIN, hasKey, HELD_BY_ORGANISER } from '../mail-ledger';
import { originalKey } from './mail-list.service';

/** Which mails to hold or release; what is left out does not narrow. */
export interface HeldFilter {
  /** Of one dialogue; without it of all, which only an operator may ask. */
  dialogueId?: string | undefined;
  kind?: string | undefined;
  /** Queued before this instant. */
  queuedBefore?: Date | undefined;
  /** Queued at this instant or later. */
  queuedAfter?: Date | undefined;
  /** Numbers in the ledger. */
  ids?: string[] | undefined;
}

/** How many were concerned, by dialogue and kind. */
export interface HeldCount {
  dialogueId: string | null;
  kind: string;
  count: number;
}

const CHOSEN = `($1::uuid IS NULL OR dialogue_id = $1) AND ($2::text IS NULL OR kind = $2)
  AND ($3::timestamptz IS NULL OR created_at < $3) AND ($4::timestamptz IS NULL OR created_at >= $4)
  AND ($5::bigint[] IS NULL OR id = ANY($5))`;

function parameters({ dialogueId, kind, queuedBefore, queuedAfter, ids }: HeldFilter): unknown[] {
  return [dialogueId ?? null, kind ?? null, queuedBefore ?? null, queuedAfter ?? null, ids ?? null];
}

/** Holds mails, releases them, sends one again. Who may is its caller's to ask, in the same transaction. */
@Injectable()
export class MailHolds {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mailQueue: MailQueue,
  ) {}

  /**
   * Holds what waits, also what a worker has claimed and not begun: it starts no mail that lost its claim. What is on the
   * line goes.
   */
  async hold(manager: EntityManager, filter: HeldFilter): Promise<HeldCount[]> {
    return this.change(
      manager,
      filter,
      `state IN ('queued', 'deferred')`,
      `state = 'held', claimed_by = NULL, released_at = NULL, answer = '${HELD_BY_ORGANISER}'`,
      'mails.held',
    );
  }

  /** Releases what is held, also what `MAIL_HOLD` holds; call `wake` after the commit. */
  async release(manager: EntityManager, filter: HeldFilter): Promise<HeldCount[]> {
    return this.change(
      manager,
      filter,
      `state = 'held'`,
      `state = 'queued', released_at = now(), next_attempt_at = now(), answer = NULL`,
      'mails.released',
    );
  }

  /** Lets a worker look at once for what was released. */
  wake(): void {
    this.mailQueue.wake('sweep-mails');
  }

  /** How many of these are held. */
  async held(filter: HeldFilter): Promise<HeldCount[]> {
    return this.dataSource.query(
      `SELECT dialogue_id AS "dialogueId", kind, count(*)::int AS count FROM mails WHERE state = 'held' AND ${CHOSEN}
       GROUP BY dialogue_id, kind ORDER BY dialogue_id, kind`,
      parameters(filter),
    );
  }

  private change(
    manager: EntityManager,
    filter: HeldFilter,
    state: string,
    values: string,
    action: string,
  ): Promise<HeldCount[]> {
    const { dialogueId: _, ...details } = filter;
    // In the order in which a worker takes them, so that neither waits for the other for ever.
    return manager.query(
      `WITH chosen AS (SELECT id FROM mails WHERE ${state} AND ${CHOSEN} ORDER BY id FOR UPDATE),
       changed AS (
         UPDATE mails SET ${values} FROM chosen WHERE mails.id = chosen.id RETURNING mails.dialogue_id, mails.kind),
       concerned AS (SELECT DISTINCT dialogue_id, NULL::uuid AS id FROM changed),
       lines AS (${auditPart('concerned', 6)})
       SELECT dialogue_id AS "dialogueId", kind, count(*)::int AS count FROM changed
       GROUP BY dialogue_id, kind ORDER BY dialogue_id, kind`,
      [...parameters(filter), ...auditParameters({ action, details })],
    );
  }

  /**
   * Queues a mail again as a new one, with a Message-ID of its own and what is true when it is written. It is useful as
   * long as the first, or until the dialogue starts where that was moved since.
   * @throws Problem 404; 409 when it could say nothing, is still to go, or has nobody to go to
   */
  async sendAgain(manager: EntityManager, dialogueId: string, id: string): Promise<Mail> {
    const mail = await manager.findOneBy(Mail, { id, dialogueId });
    if (!mail) throw Problem.notFound('mail');
    const key = originalKey(mail.dedupeKey);
    // Two who ask at once ask one after the other.
    await manager.query(`SELECT FROM mails WHERE dedupe_key = $1 FOR NO KEY UPDATE`, [key]);
    const family: { id: string; state: MailState; again: number }[] = await manager.query(
      `SELECT id::text, state, CASE WHEN dedupe_key = $3 THEN 0 ELSE substr(dedupe_key, length($3 || $4) + 1)::int END AS again
       FROM mails WHERE subject_id = $1 AND kind = $2 AND ${hasKey('mails', '$3')}`,
      [mail.subjectId, mail.kind, key, AGAIN],
    );
    if (mail.state === 'stale') {
      throw new Problem(409, 'mail_stale', `It had nothing to say any more: ${mail.answer ?? ''}`.trim());
    }
    const waiting = family.find(({ state }) => ['queued', 'deferred', 'sending', 'held'].includes(state));
    if (waiting) {
      throw new Problem(
        409,
        'mail_waits',
        waiting.state === 'held'
          ? `Mail ${waiting.id} is held; release it and it goes.`
          : `Mail ${waiting.id} is still on its way; wait for its outcome.`,
      );
    }
    if (mail.recipient === '' || mail.forgetRecipient) {
      throw new Problem(
        409,
        'recipient_forgotten',
        'The data of its reader were erased; it can’t be sent again.',
      );
    }
    const again = Math.max(...family.map((each) => each.again)) + 1;
    const [queued]: { id: string }[] = await manager.query(
      `INSERT INTO mails (kind, dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key, parameters,
         useful_until, released_at)
       SELECT kind, dialogue_id, subject_id, recipient_name, recipient, language, $2, parameters, until.instant, now()
       FROM mails JOIN LATERAL (
         SELECT CASE WHEN useful_until <= now() THEN (SELECT starts_at FROM dialogues WHERE id = dialogue_id)
                     ELSE useful_until END AS instant) AS until
         ON until.instant IS NULL OR until.instant > now()
       WHERE id = $1 RETURNING id::text`,
      [id, `${key}${AGAIN}${again}`],
    );
    if (!queued) {
      throw new Problem(409, 'mail_no_longer_useful', 'What it was good for is over; it would not be sent.');
    }
    await audit(manager, {
      action: 'mail.sent_again',
      dialogueId,
      subjectId: mail.subjectId,
      details: { mail: id, again: queued.id },
    });
    return manager.findOneByOrFail(Mail, { id: queued.id });
  }

  /** Tells a worker of a mail that was queued again, after the commit. */
  hint(id: string): void {
    this.mailQueue.hint([id]);
  }
}
