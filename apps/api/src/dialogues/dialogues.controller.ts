import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DialoguesService, type Dialogue } from '@app/dialogues';
import { MailQueue } from '@app/mail';
import { DialoguePlacesService } from '@app/participants';
import { Environment } from '@app/platform';
import { IfMatch, setETag } from '../http/etag';
import { decodeCursor, IdPipe, toPage, UUID, withoutUndefined } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { Replays, ReplaysLocation } from '../http/replay';
import { dialogueAnswer } from './dialogue.answers';
import {
  DialogueAnswer,
  DialogueChangesDto,
  DialoguesPage,
  DialoguesQuery,
  NewDialogue,
  Reason,
} from './dto/dialogue.dto';

const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

@ApiTags('dialogues')
@Controller('v1/dialogues')
export class DialoguesController {
  constructor(
    private readonly dialogues: DialoguesService,
    private readonly dialoguePlaces: DialoguePlacesService,
    private readonly mailQueue: MailQueue,
    private readonly environment: Environment,
  ) {}

  /** Drafts a dialogue. Nobody but its organisers sees it until it is published. */
  @Post()
  @ReplaysLocation()
  async create(
    @CurrentOrganiser() organiserId: string,
    @Body() body: NewDialogue,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DialogueAnswer> {
    const dialogue = await this.dialoguePlaces.draft(
      organiserId,
      {
        title: body.title,
        purpose: body.purpose ?? '',
        startsAtLocal: body.starts_at_local,
        endsAtLocal: body.ends_at_local,
        timeZone: body.time_zone,
        venue: body.venue,
        hosts: body.hosts,
        workingLanguages: body.working_languages,
        documents: body.documents ?? [],
        registration: body.registration ?? 'invitation',
        processId: body.process_id ?? null,
      },
      body.places ?? null,
    );
    reply.header('location', `/v1/dialogues/${dialogue.id}`);
    return this.answer(organiserId, reply, dialogue);
  }

  /** The dialogues in which you have a role, with their counts, the latest first; or those of one process. */
  @Get()
  async list(
    @CurrentOrganiser() organiserId: string,
    @Query() { limit, cursor, process_id }: DialoguesQuery,
  ): Promise<DialoguesPage> {
    const after = decodeCursor(cursor, [INSTANT, UUID]);
    const rows = await this.dialogues.list(
      organiserId,
      limit + 1,
      after && { startsAt: after[0]!, id: after[1]! },
      process_id,
    );
    return toPage(
      rows,
      limit,
      ({ dialogue, counts, roles }) => dialogueAnswer(dialogue, counts, roles, this.environment.PUBLIC_URL),
      ({ dialogue }) => [dialogue.startsAt.toISOString(), dialogue.id],
    );
  }

  /** One of the dialogues in which you have a role. */
  @Get(':id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DialogueAnswer> {
    return this.answer(organiserId, reply, await this.dialogues.get(organiserId, id));
  }

  /**
   * Changes a dialogue.
   *
   * A new time or place of a published dialogue is told to participants once editing has come to rest. New times of a
   * postponed dialogue publish it again.
   */
  @Patch(':id')
  async update(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body()
    {
      places,
      starts_at_local,
      ends_at_local,
      time_zone,
      working_languages,
      process_id,
      approvals_needed,
      offer_for,
      answers_due_at_local,
      retention_days,
      ...body
    }: DialogueChangesDto,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DialogueAnswer> {
    const changes = withoutUndefined({
      ...body,
      startsAtLocal: starts_at_local,
      endsAtLocal: ends_at_local,
      timeZone: time_zone,
      workingLanguages: working_languages,
      processId: process_id,
      approvalsNeeded: approvals_needed,
      offerFor: offer_for,
      answersDueAtLocal: answers_due_at_local,
      retentionDays: retention_days,
    });
    const dialogue = await this.dialoguePlaces.revise(organiserId, id, changes, places, expectedVersion);
    if (dialogue.announcementDueAt) this.mailQueue.wake('announce-changes');
    return this.answer(organiserId, reply, dialogue);
  }

  /** Publishes a dialogue: its page is there, invited people may answer. Publishing again changes nothing. */
  @Post(':id/publication')
  @Replays<DialogueAnswer>('id', 'version', 'counts')
  @HttpCode(200)
  async publish(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DialogueAnswer> {
    return this.answer(organiserId, reply, await this.dialogues.publish(organiserId, id, expectedVersion));
  }

  /** Postpones a dialogue, with no new time yet, and tells everyone at once. */
  @Post(':id/postponement')
  @Replays<DialogueAnswer>('id', 'version', 'counts')
  @HttpCode(200)
  async postpone(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: Reason,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DialogueAnswer> {
    return this.answer(
      organiserId,
      reply,
      await this.dialogues.postpone(organiserId, id, reason, expectedVersion),
    );
  }

  /** Cancels a dialogue for good and tells everyone at once. */
  @Post(':id/cancellation')
  @Replays<DialogueAnswer>('id', 'version', 'counts')
  @HttpCode(200)
  async cancel(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: Reason,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DialogueAnswer> {
    return this.answer(
      organiserId,
      reply,
      await this.dialogues.cancel(organiserId, id, reason, expectedVersion),
    );
  }

  private async answer(
    organiserId: string,
    reply: FastifyReply,
    dialogue: Dialogue,
  ): Promise<DialogueAnswer> {
    setETag(reply, dialogue.version);
    const [counts, roles] = await Promise.all([
      this.dialogues.counts([dialogue.id]),
      this.dialogues.rolesIn(organiserId, [dialogue.id]),
    ]);
    return dialogueAnswer(
      dialogue,
      counts.get(dialogue.id)!,
      roles.get(dialogue.id)!,
      this.environment.PUBLIC_URL,
    );
  }
}
