import { Body, Controller, Get, Param, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ReminderRulesService, type ReminderRules } from '@app/dialogues';
import { MailQueue } from '@app/mail';
import { RequiredIfMatch, setETag } from '../http/etag';
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
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReminderRulesAnswer> {
    return answer(reply, await this.reminderRules.get(organiserId, id));
  }

  /** Sets when participants are reminded. A new rule is owed nothing that would have been due before now. */
  @Put()
  async replace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { rules }: ReminderRulesBody,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReminderRulesAnswer> {
    const replaced = await this.reminderRules.replace(organiserId, id, rules, expected);
    this.mailQueue.wake('plan-reminders');
    return answer(reply, replaced);
  }
}

function answer(reply: FastifyReply, { rules, version }: ReminderRules): ReminderRulesAnswer {
  setETag(reply, version);
  return {
    rules: rules.map(({ before, audience, dueAt, usefulUntil }) => ({
      before,
      audience,
      due_at: dueAt.toISOString(),
      useful_until: usefulUntil.toISOString(),
    })),
  };
}
