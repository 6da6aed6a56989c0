import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { audit, Problem, type FieldProblem } from '@app/platform';
import { DialoguesService } from '../dialogues.service';
import { raiseVersion, versionOf } from '../versions/document-versions';
import { rulesOf } from './recompute-reminders';
import type { ReminderAudience, ReminderRule } from './reminder-rule.entity';
import { dueReminders, MOST_REMINDERS, normaliseOffset } from './reminder.rules';

/** "A day before, to everyone." */
export interface ReminderRuleDraft {
  /** ISO 8601 duration before the start. */
  before: string;
  audience: ReminderAudience;
}

/** The rules of a dialogue, the earliest reminder first. */
export interface ReminderRules {
  rules: ReminderRule[];
  version: number;
}

/** When participants are reminded. Reminders are derived from these rules, never scheduled (design, idea 3). */
@Injectable()
export class ReminderRulesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
  ) {}

  /** @throws Problem 404 */
  async get(organiserId: string, dialogueId: string): Promise<ReminderRules> {
    const { manager } = this.dataSource;
    await this.dialogues.get(organiserId, dialogueId);
    const version = await versionOf(manager, dialogueId, 'reminder_rules');
    return { version, rules: await rulesOf(manager, dialogueId) };
  }

  /**
   * Replaces the rules. One that was there before stays as it is, so what it already did is not done again; a new one
   * is owed nothing that was due before now.
   * @param expected the version of the rules that the writer read.
   * @throws Problem 404, 409 `dialogue_cancelled`, 412, 422
   */
  async replace(
    organiserId: string,
    dialogueId: string,
    drafts: ReminderRuleDraft[],
    expected: string,
  ): Promise<ReminderRules> {
    const wanted = readDrafts(drafts);
    return this.dataSource.transaction(async (manager) => {
      const dialogue = await this.dialogues.lock(manager, organiserId, dialogueId);
      const version = await raiseVersion(manager, dialogueId, 'reminder_rules', expected);
      const due = dueReminders(dialogue.startsAt, dialogue.timeZone, wanted);
      const columns = [
        dialogueId,
        due.map(({ before }) => before),
        due.map(({ audience }) => audience),
        due.map(({ dueAt }) => dueAt),
        due.map(({ usefulUntil }) => usefulUntil),
      ];
      await manager.query(
        `DELETE FROM reminder_rules WHERE dialogue_id = $1
         AND (before, audience) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
        columns.slice(0, 3),
      );
      await manager.query(
        `INSERT INTO reminder_rules (dialogue_id, before, audience, due_at, useful_until)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
         ON CONFLICT (dialogue_id, before, audience)
           DO UPDATE SET due_at = excluded.due_at, useful_until = excluded.useful_until`,
        columns,
      );
      await audit(manager, { action: 'reminder_rules.replaced', dialogueId, details: { rules: wanted } });
      return { version, rules: await rulesOf(manager, dialogueId) };
    });
  }
}

function readDrafts(drafts: ReminderRuleDraft[]): ReminderRuleDraft[] {
  if (drafts.length > MOST_REMINDERS) {
    throw Problem.field('rules', 'too_many', `rules has more than ${MOST_REMINDERS} reminders. Give fewer.`);
  }
  const errors: FieldProblem[] = [];
  const wanted = new Map<string, ReminderRuleDraft>();
  drafts.forEach(({ before, audience }, index) => {
    const normal = normaliseOffset(before);
    if (normal === null) {
      errors.push({
        field: `rules.${index}.before`,
        code: 'offset_invalid',
        detail: `rules.${index}.before "${before}" must be a positive ISO 8601 duration of at most a year, such as P1D, PT1H or PT20S.`,
      });
    } else wanted.set(`${normal} ${audience}`, { before: normal, audience });
  });
  if (errors.length > 0) {
    throw new Problem(422, 'offset_invalid', errors.map(({ detail }) => detail).join(' '), errors);
  }
  return [...wanted.values()];
}
