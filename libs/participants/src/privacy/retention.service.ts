import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, log, Problem, Recurring } from '@app/platform';
import { PURGED } from '../mail-kinds';
import { countData, eraseData, type Erased } from './erase-data';
import { settleWithdrawnConsents } from './note-names';

/** What a purge of a dialogue takes away, and when. */
export interface Purge {
  /** Days after the end for which personal data are kept; null: until somebody removes them. */
  retentionDays: number | null;
  /** When they are due to be removed; null when they are kept, or the dialogue has no date now. */
  dueAt: Date | null;
  /** When they were removed last. */
  purgedAt: Date | null;
  /** Whether they can be removed now: the dialogue is over. */
  over: boolean;
  /** How many of each kind of thing. */
  counts: Erased;
}

const STANDING = `retention_days AS "retentionDays", purged_at AS "purgedAt",
  CASE WHEN state <> 'postponed' THEN ends_at + make_interval(days => retention_days) END AS "dueAt",
  ends_at <= now() AND state <> 'postponed' AS over`;

/** SQL of whether a dialogue's time has come. */
const DUE = `retention_days IS NOT NULL AND purged_at IS NULL AND state <> 'postponed'
  AND ends_at + make_interval(days => retention_days) <= now()`;

/**
 * Keeps personal data of a dialogue no longer than it says. A published note is a record and keeps its names; anyone who wants
 * theirs taken out asks for an erasure. A purge is a handful of statements however many took part,
 * and its counts are of what it took away itself: two at once take each thing away once.
 */
@Injectable()
export class RetentionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** What a purge would remove now, without removing anything. @throws Problem 404, 403 `role_insufficient` */
  async preview(organiserId: string, dialogueId: string): Promise<Purge> {
    const { manager } = this.dataSource;
    await ownDialogue(manager, organiserId, dialogueId, 'own');
    return {
      ...(await this.standing(manager, dialogueId)),
      counts: await countData(manager, { dialogueId }),
    };
  }

  /**
   * Removes the personal data of a dialogue now. Again removes what has come since, if anything.
   * @throws Problem 409 `dialogue_not_over`; 404, 403 `role_insufficient`
   */
  async purge(organiserId: string, dialogueId: string): Promise<Purge> {
    return this.unitOfWork.run(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'own', 'FOR NO KEY UPDATE');
      const { over } = await this.standing(manager, dialogueId);
      if (!over) {
        throw new Problem(
          409,
          'dialogue_not_over',
          'Personal data are needed until the dialogue is over. Erase single registrations, or wait for its end.',
        );
      }
      const counts = await this.remove(manager, dialogueId, null);
      return { ...(await this.standing(manager, dialogueId)), counts };
    });
  }

  /**
   * Purges the dialogues whose time has come, each in a transaction of its own; one that another process purges is left
   * to it. @returns how many.
   */
  @Recurring({ job: 'purge-dialogues' })
  async purgeDue(): Promise<number> {
    const due: { id: string }[] = await this.dataSource.query(
      `SELECT id FROM dialogues WHERE ${DUE} ORDER BY ends_at, id`,
    );
    let purged = 0;
    for (const { id } of due) {
      try {
        if (await this.unitOfWork.run((manager) => this.purgeOne(manager, id))) purged += 1;
      } catch (error) {
        // One that can't be purged must not keep the others from it; it is tried again at the next turn.
        log.error({ err: error, dialogue: id }, 'personal data not removed');
      }
    }
    return purged;
  }

  /** Looks again under the lock whether it is still to be done. @returns whether it was. */
  private async purgeOne(manager: EntityManager, dialogueId: string): Promise<boolean> {
    const [due]: { days: number }[] = await manager.query(
      `SELECT retention_days AS days FROM dialogues WHERE id = $1 AND ${DUE} FOR NO KEY UPDATE SKIP LOCKED`,
      [dialogueId],
    );
    if (due) await this.remove(manager, dialogueId, due.days);
    return due !== undefined;
  }

  /**
   * Takes name and address off mails that have their outcome, where their reader's data were erased meanwhile, and removes
   * codes of yesterday, one of which may hold an address that was never confirmed.
   * @returns how many mails.
   */
  @Recurring({ job: 'forget-erased' })
  async forget(): Promise<number> {
    await this.dataSource.query(`DELETE FROM personal_codes WHERE created_at < now() - interval '1 day'`);
    // What their server said stands with the mail, with what came back of it and with an address that bounced.
    const [{ forgotten }]: [{ forgotten: number }] = await this.dataSource.query(
      `WITH gone AS (
         UPDATE mails SET recipient = '', recipient_name = '', parameters = '{}', answer = NULL, content_hash = NULL
         WHERE forget_recipient AND recipient <> ''
           AND state IN ('sent', 'failed', 'suppressed', 'stale', 'missed') RETURNING id),
       said AS (UPDATE mail_returns r SET diagnostic = NULL FROM gone WHERE r.mail_id = gone.id),
       lifted AS (DELETE FROM address_suppressions s USING gone WHERE s.mail_id = gone.id)
       SELECT count(*)::int AS forgotten FROM gone`,
    );
    return forgotten;
  }

  /** @param days as the dialogue says, or null when an owner asked for it. */
  private async remove(manager: EntityManager, dialogueId: string, days: number | null): Promise<Erased> {
    await settleWithdrawnConsents(manager, dialogueId);
    const counts = await eraseData(manager, { dialogueId });
    const [[before]]: [{ again: boolean }[], number] = await manager.query(
      `UPDATE dialogues d SET purged_at = now() FROM dialogues was WHERE d.id = $1 AND was.id = d.id
       RETURNING was.purged_at IS NOT NULL AS again`,
      [dialogueId],
    );
    if (before!.again && Object.values(counts).every((count) => count === 0)) return counts;
    await audit(manager, {
      action: 'dialogue.purged',
      dialogueId,
      subjectId: dialogueId,
      details: { ...counts },
    });
    await queueMails(
      manager,
      PURGED,
      `SELECT d.id, o.id, o.name, o.email, o.language,
         '${PURGED.name}:' || d.id || ':' || o.id || ':' || to_char(d.purged_at, 'YYYYMMDDHH24MISSUS'), $2::jsonb,
         NULL::timestamptz
       FROM dialogues d JOIN organisers o ON o.id IN (
         SELECT organiser_id FROM dialogue_roles WHERE dialogue_id = d.id AND 'owner' = ANY(roles)
         UNION SELECT organiser_id FROM process_roles WHERE process_id = d.process_id AND 'owner' = ANY(roles))
       WHERE d.id = $1`,
      [dialogueId, { days, ...counts }],
    );
    return counts;
  }

  private async standing(manager: EntityManager, dialogueId: string): Promise<Omit<Purge, 'counts'>> {
    const [standing]: Omit<Purge, 'counts'>[] = await manager.query(
      `SELECT ${STANDING} FROM dialogues WHERE id = $1`,
      [dialogueId],
    );
    return standing!;
  }
}
