import type { EntityManager } from 'typeorm';
import type { Dialogue } from '../dialogue.entity';
import { ReminderRule } from './reminder-rule.entity';
import { dueReminders } from './reminder.rules';

/** Derives the instants of all rules anew; part of every change of time or zone. */
export async function recomputeReminders(manager: EntityManager, dialogue: Dialogue): Promise<void> {
  const rules = await rulesOf(manager, dialogue.id);
  if (rules.length === 0) return;
  const due = dueReminders(dialogue.startsAt, dialogue.timeZone, rules);
  await manager.query(
    `UPDATE reminder_rules AS rule SET due_at = derived.due_at, useful_until = derived.useful_until, planned_at = NULL
     FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
       AS derived (before, audience, due_at, useful_until)
     WHERE rule.dialogue_id = $1 AND rule.before = derived.before AND rule.audience = derived.audience`,
    [
      dialogue.id,
      due.map(({ before }) => before),
      due.map(({ audience }) => audience),
      due.map(({ dueAt }) => dueAt),
      due.map(({ usefulUntil }) => usefulUntil),
    ],
  );
}

/** The rules of a dialogue, the earliest reminder first. */
export async function rulesOf(manager: EntityManager, dialogueId: string): Promise<ReminderRule[]> {
  return manager.find(ReminderRule, {
    where: { dialogueId },
    order: { dueAt: 'ASC', audience: 'ASC', before: 'ASC' },
  });
}
