import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { DialoguesService, ownDialogue, raiseVersion, versionOf } from '@app/dialogues';
import { audit, Problem } from '@app/platform';
import { ChasingRule } from './chasing-rule.entity';
import { MOST_CHASING_RULES, readChasingRules, type ChasingRuleDraft } from './chasing.rules';

/** The rules of a dialogue, in the order in which they mostly fall due. */
export interface ChasingRules {
  rules: ChasingRule[];
  version: number;
}

/** When whoever is silent is asked again. Chasers are derived from these rules, never scheduled (design, idea 3). */
@Injectable()
export class ChasingRulesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
  ) {}

  /** @throws Problem 404 */
  async get(organiserId: string, dialogueId: string): Promise<ChasingRules> {
    const { manager } = this.dataSource;
    await ownDialogue(manager, organiserId, dialogueId, 'view');
    const version = await versionOf(manager, dialogueId, 'chasing_rules');
    return { version, rules: await rulesOf(manager, dialogueId) };
  }

  /**
   * Replaces the rules. One that was there before stays as it is, so nobody is chased by it twice; a new one is owed
   * nothing that would have been due before now.
   * @param expected the version of the rules that the writer read.
   * @throws Problem 404, 409 `dialogue_cancelled`, 412, 422 `duration_invalid` or `too_many`
   */
  async replace(
    organiserId: string,
    dialogueId: string,
    drafts: ChasingRuleDraft[],
    expected: string,
  ): Promise<ChasingRules> {
    if (drafts.length > MOST_CHASING_RULES) {
      throw Problem.field('rules', 'too_many', `rules has more than ${MOST_CHASING_RULES}. Give fewer.`);
    }
    const read = readChasingRules(drafts);
    if ('errors' in read) {
      const detail = read.errors.map((error) => error.detail).join(' ');
      throw new Problem(422, 'duration_invalid', detail, read.errors);
    }
    const { rules } = read;
    return this.dataSource.transaction(async (manager) => {
      await this.dialogues.lock(manager, organiserId, dialogueId);
      const version = await raiseVersion(manager, dialogueId, 'chasing_rules', expected);
      const columns = [
        dialogueId,
        rules.map(({ counted }) => counted),
        rules.map(({ duration }) => duration),
        rules.map(({ tells }) => tells),
      ];
      await manager.query(
        `DELETE FROM chasing_rules WHERE dialogue_id = $1
         AND (counted, duration, tells) NOT IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]))`,
        columns,
      );
      await manager.query(
        `INSERT INTO chasing_rules (dialogue_id, counted, duration, tells)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])
         ON CONFLICT ON CONSTRAINT chasing_rules_once DO NOTHING`,
        columns,
      );
      await audit(manager, { action: 'chasing_rules.replaced', dialogueId, details: { rules } });
      return { version, rules: await rulesOf(manager, dialogueId) };
    });
  }
}

/** In the order in which they mostly fall due: after the invitation first, then back from the deadline. */
async function rulesOf(manager: EntityManager, dialogueId: string): Promise<ChasingRule[]> {
  return manager
    .createQueryBuilder(ChasingRule, 'rule')
    .where('rule.dialogueId = :dialogueId', { dialogueId })
    .orderBy('rule.counted')
    .addOrderBy(
      `CASE rule.counted WHEN 'after_invitation' THEN rule.duration::interval ELSE - rule.duration::interval END`,
    )
    .addOrderBy('rule.tells', 'DESC')
    .getMany();
}
