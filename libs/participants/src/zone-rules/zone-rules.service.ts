import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  announcedOf,
  Dialogue,
  DialoguesService,
  instantsByRules,
  type DerivedInstants,
} from '@app/dialogues';
import { audit, Recurring } from '@app/platform';
import { recomputeDelegationTimes } from '../delegations/delegations.service';

/** What a change of rules is recorded as. */
const FOLLOWED = 'dialogue.zone_rules_followed';

type ComingDialogue = DerivedInstants & Parameters<typeof instantsByRules>[0] & { id: string };

/**
 * Keeps the instants of coming dialogues in step with their wall times (design, idea 9): a State that changes its clocks moves
 * no meeting on the clock of the room, but moves it for everybody who follows from elsewhere.
 */
@Injectable()
export class ZoneRules {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
  ) {}

  /**
   * Derives the instants of every dialogue that is not over anew, by the rules that this process knows; those that come out
   * otherwise move as if an organiser had moved them. What is over stays as it was. Zone data come with a new version of the
   * program, so a worker looks when it starts.
   * @param rules edition of the zone data, such as "2026b".
   * @returns how many were moved.
   */
  @Recurring({ job: 'follow-zone-rules', hourly: true })
  async follow(rules = process.versions.tz!): Promise<number> {
    const coming: ComingDialogue[] = await this.dataSource.query(
      `SELECT id, starts_at_local AS "startsAtLocal", ends_at_local AS "endsAtLocal", time_zone AS "timeZone",
         starts_at AS "startsAt", ends_at AS "endsAt",
         answers_due_at_local AS "answersDueAtLocal", answers_due_at AS "answersDueAt"
       FROM dialogues WHERE ends_at > now() AND state <> 'cancelled' ORDER BY id`,
    );
    let moved = 0;
    for (const { id } of coming.filter(differs)) {
      if (await this.dataSource.transaction((manager) => this.followOne(manager, id, rules))) moved++;
    }
    return moved;
  }

  private async followOne(manager: EntityManager, id: string, rules: string): Promise<boolean> {
    const [row]: { now: Date; isNewer: boolean }[] = await manager.query(
      `SELECT now(), EXISTS (SELECT FROM audit_entries WHERE dialogue_id = d.id AND action = '${FOLLOWED}'
         AND details ->> 'rules' > $2) AS "isNewer"
       FROM dialogues d WHERE id = $1 AND ends_at > now() AND state <> 'cancelled' FOR NO KEY UPDATE`,
      [id, rules],
    );
    // While workers are replaced one by one, the old ones must not put back what the new ones have put right.
    if (!row || row.isNewer) return false;
    const dialogue = await manager.findOneByOrFail(Dialogue, { id });
    if (!differs(dialogue)) return false;
    const before = announcedOf(dialogue);
    Object.assign(dialogue, instantsByRules(dialogue));
    await this.dialogues.saveMoved(manager, dialogue, before, row.now);
    await recomputeDelegationTimes(manager, dialogue);
    await audit(manager, {
      action: FOLLOWED,
      dialogueId: id,
      details: {
        reason: `The rules of ${dialogue.timeZone} changed: the clock shows the same, at another instant.`,
        rules,
        from: before,
        to: announcedOf(dialogue),
      },
    });
    return true;
  }
}

function differs(dialogue: ComingDialogue): boolean {
  const derived = instantsByRules(dialogue);
  return (['startsAt', 'endsAt', 'answersDueAt'] as const).some(
    (field) => derived[field]?.getTime() !== dialogue[field]?.getTime(),
  );
}
