import { ArrayMaxSize, IsIn, IsString, MaxLength } from 'class-validator';
import { ListOf } from '../../http/fields';

export class ReminderRuleDto {
  /** How long before the start, ISO 8601: `P1D` is a calendar day in the dialogue's zone, `PT24H` are 24 hours. */
  @IsString() @MaxLength(100) before: string;

  /** Everyone who is confirmed, or those whom the agenda names as speaker or moderator. */
  @IsIn(['everyone', 'speakers']) audience: 'everyone' | 'speakers';
}

export class ReminderRulesBody {
  @ArrayMaxSize(20)
  @ListOf(() => ReminderRuleDto)
  rules: ReminderRuleDto[];
}

export class ReminderRuleAnswer {
  before: string;
  audience: 'everyone' | 'speakers';
  /** When it falls due, ISO 8601, UTC. */
  due_at: string;
  /** When it loses its use: the next reminder of the same audience, or the start. */
  useful_until: string;
}

export class ReminderRulesAnswer {
  /** The earliest reminder first. */
  rules: ReminderRuleAnswer[];
}
