import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ReminderRulesService, type ReminderRule } from '@app/dialogues';
import { MailQueue } from '@app/mail';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { ReminderRulesAnswer, ReminderRulesBody } from './dto/reminder-rules.dto';

@ApiTags('dialogues')
@Controller('v1/dialogues/:id/reminder-rules')
export class ReminderRulesController {
  constructor(
    private readonly reminderRules: ReminderRulesService,
    private readonly mailQueue: MailQueue,
  ) {}

  /** When participants are reminded. */
  @Get()
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<ReminderRulesAnswer> {
    return answer(await this.reminderRules.get(organiserId, id));
  }

  /** Sets when participants are reminded. A new rule is owed nothing that would have been due before now. */
  @Put()
  async replace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { rules }: ReminderRulesBody,
  ): Promise<ReminderRulesAnswer> {
    const replaced = await this.reminderRules.replace(organiserId, id, rules);
    this.mailQueue.wake('plan-reminders');
    return answer(replaced);
  }
}

function answer(rules: ReminderRule[]): ReminderRulesAnswer {
  return {
    rules: rules.map(({ before, audience, dueAt, usefulUntil }) => ({
      before,
      audience,
      due_at: dueAt.toISOString(),
      useful_until: usefulUntil.toISOString(),
    })),
  };
}
