import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DialoguesService } from '@app/dialogues';
import { SeriesService } from '@app/participants';
import { Environment } from '@app/platform';
import { setETag } from '../http/etag';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { Replays, ReplaysLocation } from '../http/replay';
import { dialogueAnswer } from './dialogue.answers';
import { DialogueAnswer } from './dto/dialogue.dto';
import { CopyBody, InvitedAgainAnswer, InviteFromBody } from './dto/series.dto';

@ApiTags('processes')
@Controller('v1/dialogues/:id')
export class SeriesController {
  constructor(
    private readonly series: SeriesService,
    private readonly dialogues: DialoguesService,
    private readonly environment: Environment,
  ) {}

  /**
   * Drafts a dialogue like this one, at another time.
   *
   * With agenda (without speakers and moderators), documents, settings, places, delegations with their focal points and
   * seats, questions, privacy notice, reminder and chasing rules; without anybody on its lists. Deadlines move by as many
   * calendar days as the dialogue; those that would have passed already are left out. You are its only owner.
   */
  @Post('copies')
  @ReplaysLocation()
  async copy(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { starts_at_local, ends_at_local, time_zone, title, process_id }: CopyBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DialogueAnswer> {
    const copy = await this.series.copy(organiserId, id, {
      startsAtLocal: starts_at_local,
      endsAtLocal: ends_at_local,
      timeZone: time_zone,
      title,
      processId: process_id,
    });
    const [counts, roles] = await Promise.all([
      this.dialogues.counts([copy.id]),
      this.dialogues.rolesIn(organiserId, [copy.id]),
    ]);
    reply.header('location', `/v1/dialogues/${copy.id}`);
    setETag(reply, copy.version);
    return dialogueAnswer(copy, counts.get(copy.id)!, roles.get(copy.id)!, this.environment.PUBLIC_URL);
  }

  /** Puts those who took part in an earlier dialogue on the list of this one. Nobody is written to by that. */
  @Post('invitations/from')
  @Replays<InvitedAgainAnswer>('prepared', 'already_there', 'left_out')
  @HttpCode(200)
  async inviteFrom(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { dialogue_id, who }: InviteFromBody,
  ): Promise<InvitedAgainAnswer> {
    const { prepared, alreadyThere, leftOut } = await this.series.inviteFrom(
      organiserId,
      id,
      dialogue_id,
      who,
    );
    return { prepared, already_there: alreadyThere, left_out: leftOut };
  }
}
