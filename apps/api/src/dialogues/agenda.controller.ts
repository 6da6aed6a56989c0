import { Body, Controller, Get, Param, Put, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AgendaService } from '@app/dialogues';
import { MailQueue } from '@app/mail';
import { AgendaWarnings } from '@app/proceedings';
import { RequiredIfMatch, setETag } from '../http/etag';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { SharedWork } from '../http/shared-work';
import { agendaAnswer } from './dialogue.answers';
import { AgendaAnswer, AgendaBody } from './dto/agenda.dto';

@ApiTags('dialogues')
@Controller('v1/dialogues/:id/agenda')
export class AgendaController {
  private readonly asked = new SharedWork<{ version: number; agenda: string }>();

  constructor(
    private readonly agenda: AgendaService,
    private readonly warnings: AgendaWarnings,
    private readonly mailQueue: MailQueue,
  ) {}

  /** The agenda, with the times that follow from the durations. */
  @Get()
  @ApiOkResponse({ type: AgendaAnswer })
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { version, agenda } = await this.asked.do(`${organiserId} ${id}`, async () => {
      const found = await this.agenda.get(organiserId, id);
      const warnings = await this.warnings.of(found.dialogue, found.sessions);
      return { version: found.version, agenda: JSON.stringify(agendaAnswer(found, warnings)) };
    });
    setETag(reply, version);
    void reply.type('application/json; charset=utf-8');
    return agenda;
  }

  /** Writes the agenda anew. Sessions keep their ids by the id given, or by their position. */
  @Put()
  async replace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: AgendaBody,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgendaAnswer> {
    const drafts = body.sessions.map(({ guiding_questions = [], items = [], ...session }) => ({
      ...session,
      moderator: session.moderator || null,
      guidingQuestions: guiding_questions,
      items: items.map(({ speakers = [], documents = [], ...item }) => ({
        ...item,
        moderator: item.moderator || null,
        speakers,
        documents,
      })),
    }));
    const replaced = await this.agenda.replace(organiserId, id, drafts, expected, {
      announce: body.announce ?? false,
    });
    if (body.announce) this.mailQueue.wake('announce-changes');
    setETag(reply, replaced.version);
    return agendaAnswer(replaced, await this.warnings.of(replaced.dialogue, replaced.sessions));
  }
}
