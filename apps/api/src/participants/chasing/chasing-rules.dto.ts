import { ArrayMaxSize, IsIn, IsString, MaxLength } from 'class-validator';
import { ListOf } from '../../http/fields';

export class ChasingRuleDto {
  /**
   * From what the duration is counted: on from the invitation, or back from the deadline. That is `nominations_close_at`
   * of the delegation, or `answers_due_at` of the dialogue for whoever was invited directly.
   */
  @IsIn(['after_invitation', 'before_deadline']) counted: 'after_invitation' | 'before_deadline';

  /** ISO 8601: `P5D` are calendar days in the dialogue's zone, `PT36H` are hours. */
  @IsString() @MaxLength(40) duration: string;

  /** Who is written to: the silent themselves, or the focal point of their delegation. */
  @IsIn(['invitee', 'focal_point']) tells: 'invitee' | 'focal_point';
}

export class ChasingRulesBody {
  @ArrayMaxSize(20)
  @ListOf(() => ChasingRuleDto)
  rules: ChasingRuleDto[];
}

export class ChasingRuleAnswer {
  counted: 'after_invitation' | 'before_deadline';
  duration: string;
  tells: 'invitee' | 'focal_point';
  /** Since when the rule holds: it never reaches back. Instant, ISO 8601, UTC. */
  effective_at: Date;
}

export class ChasingRulesAnswer {
  rules: ChasingRuleAnswer[];
}
