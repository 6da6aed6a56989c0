import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { queueMails, UnitOfWork } from '@app/mail';
import { REMINDER } from '@app/dialogues';
import { Recurring } from '@app/platform';

/**
 * For how long after it fell due a rule is planned again at every turn: a transaction that confirmed someone just
 * before and was committed just after is found by then.
 */
const SETTLING = `interval '1 minute'`;

/** What makes a rule of a reminder worth looking at: it fell due after it, and the present time, were set. */
const OPEN = `rule.due_at <= now() AND d.state = 'published'
  AND rule.due_at > greatest(rule.effective_at, d.schedule_changed_at)
  AND (rule.planned_at IS NULL OR rule.planned_at < rule.due_at + ${SETTLING})`;

/** Derives the reminders that are owed and queues their mails (design, idea 3). */
@Injectable()
export class ReminderPlanner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Queues what is owed now, in one statement a rule, and records as missed what was never planned and is of no use
   * any more. As often as wanted and by as many processes at once as there are: the row of the rule is the lock, and
   * the mail's key the last word. All instants are compared by the database's clock.
   * @returns how many reminders were queued.
   */
  @Recurring({ job: 'plan-reminders' })
  async plan(): Promise<number> {
    const open: { id: string }[] = await this.dataSource.query(
      `SELECT rule.id FROM reminder_rules rule JOIN dialogues d ON d.id = rule.dialogue_id
       WHERE ${OPEN} ORDER BY rule.due_at`,
    );
    let total = 0;
    for (const { id } of open) {
      total += await this.unitOfWork.run((manager) => this.planRule(manager, id));
    }
    return total;
  }

  private async planRule(manager: EntityManager, id: string): Promise<number> {
    const [rule]: { dialogueId: string; tooLate: boolean }[] = await manager.query(
      `SELECT rule.dialogue_id AS "dialogueId", rule.useful_until <= now() AS "tooLate"
       FROM reminder_rules rule JOIN dialogues d ON d.id = rule.dialogue_id
       WHERE rule.id = $1 AND ${OPEN} FOR UPDATE OF rule SKIP LOCKED`,
      [id],
    );
    if (!rule) return 0;
    const queued = await queueMails(
      manager,
      REMINDER,
      `SELECT d.id, r.id, r.name, r.email, r.language,
         '${REMINDER.name}:' || r.id || ':' || r.participation_count || ':' || d.schedule_revision || ':' || rule.before,
         jsonb_build_object('before', rule.before, 'starts_at', d.starts_at), rule.useful_until
       FROM reminder_rules rule
       JOIN dialogues d ON d.id = rule.dialogue_id
       JOIN registrations r ON r.dialogue_id = d.id AND r.state IN ('confirmed', 'under_review') AND r.confirmed_at < rule.due_at
       WHERE rule.id = $1 AND ${OPEN} AND (rule.audience = 'everyone' OR r.name_key IN (
         SELECT s.moderator_key FROM agenda_sessions s WHERE s.dialogue_id = d.id
         UNION SELECT i.moderator_key FROM agenda_items i JOIN agenda_sessions s ON s.id = i.session_id
           WHERE s.dialogue_id = d.id
         UNION SELECT unnest(i.speaker_keys) FROM agenda_items i JOIN agenda_sessions s ON s.id = i.session_id
           WHERE s.dialogue_id = d.id))`,
      [id],
    );
    await manager.query(`UPDATE reminder_rules SET planned_at = now() WHERE id = $1`, [id]);
    if (!rule.tooLate) return queued;
    await manager.query(
      `UPDATE mails SET state = 'missed', answer = 'Its use had ended before it could be planned.'
       WHERE dialogue_id = $1 AND kind = '${REMINDER.name}' AND state = 'queued' AND useful_until <= now()
         AND claimed_by IS NULL`,
      [rule.dialogueId],
    );
    return 0;
  }
}
