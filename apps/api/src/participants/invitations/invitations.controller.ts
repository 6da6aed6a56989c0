import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { InvitationsService, type InvitationRow } from '@app/participants';
import { decodeCursor, IdPipe, toPage, UUID } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays } from '../../http/replay';
import {
  InvitationsPage,
  InvitationsQuery,
  InvitationsSent,
  NewInvitations,
  type InvitationAnswer,
} from './invitation.dto';

@ApiTags('participants')
@Controller('v1')
export class InvitationsController {
  constructor(private readonly invitations: InvitationsService) {}

  /** Sends invitations that are prepared, each with a personal link. The dialogue must be published. */
  @Post('dialogues/:id/invitations')
  @Replays<InvitationsSent>('queued', 'already_registered')
  async send(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Body() body: NewInvitations,
  ): Promise<InvitationsSent> {
    const { queued, alreadyRegistered } = await this.invitations.send(
      organiserId,
      dialogueId,
      { to: body?.to, invitationIds: body?.invitation_ids, personIds: body?.person_ids },
      body?.held,
    );
    return { queued, already_registered: alreadyRegistered };
  }

  /** Who is invited, and what they answered; in the order in which they came onto the list. */
  @Get('dialogues/:id/invitations')
  async list(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Query() { limit, cursor, state }: InvitationsQuery,
  ): Promise<InvitationsPage> {
    const after = decodeCursor(cursor, [/^\d{4}-/, UUID]);
    const { rows, counts } = await this.invitations.list(organiserId, dialogueId, { limit, after, state });
    return { ...toPage(rows, limit, toAnswer, (row) => [row.created_at, row.id]), counts };
  }

  /** Makes a new personal link and mails it; the old one no longer works. */
  @Post('invitations/:id/link')
  @Replays()
  @HttpCode(202)
  async renewLink(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) invitationId: string,
  ): Promise<void> {
    await this.invitations.renewLink(organiserId, invitationId);
  }

  /** Revokes the personal link. */
  @Delete('invitations/:id/link')
  @HttpCode(204)
  async revokeLink(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) invitationId: string,
  ): Promise<void> {
    await this.invitations.revokeLink(organiserId, invitationId);
  }
}

function toAnswer(row: InvitationRow): InvitationAnswer {
  return {
    id: row.id,
    state: row.state,
    sent_at: row.sent_at,
    answered_at: row.answered_at,
    decline_reason: row.decline_reason,
    person: {
      id: row.person_id,
      honorific: row.honorific,
      name: row.name,
      email: row.email,
      affiliation: row.affiliation,
      mechanism: row.mechanism,
      language: row.language,
    },
    registration:
      (row.registration_id &&
        row.registration_state && {
          id: row.registration_id,
          state: row.registration_state,
        }) ||
      null,
  };
}
