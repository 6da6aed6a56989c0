import { Body, Controller, Get, Param, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MailQueue } from '@app/mail';
import { ChasingRulesService, type ChasingRules } from '@app/participants';
import { RequiredIfMatch, setETag } from '../../http/etag';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { ChasingRulesAnswer, ChasingRulesBody } from './chasing-rules.dto';

@ApiTags('participants')
@Controller('v1/dialogues/:id/chasing-rules')
export class ChasingRulesController {
  constructor(
    private readonly chasingRules: ChasingRulesService,
    private readonly mailQueue: MailQueue,
  ) {}

  /** When whoever has not answered is asked again, and when focal points are told. */
  @Get()
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChasingRulesAnswer> {
    return answer(reply, await this.chasingRules.get(organiserId, id));
  }

  /** Sets when the silent are asked again. A new rule is owed nothing that would have been due before now. */
  @Put()
  async replace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { rules }: ChasingRulesBody,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChasingRulesAnswer> {
    const replaced = await this.chasingRules.replace(organiserId, id, rules, expected);
    this.mailQueue.wake('chase-the-silent');
    return answer(reply, replaced);
  }
}

function answer(reply: FastifyReply, { rules, version }: ChasingRules): ChasingRulesAnswer {
  setETag(reply, version);
  return {
    rules: rules.map(({ counted, duration, tells, effectiveAt }) => ({
      counted,
      duration,
      tells,
      effective_at: effectiveAt,
    })),
  };
}
