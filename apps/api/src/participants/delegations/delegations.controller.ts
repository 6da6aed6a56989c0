import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  DelegationsService,
  isNominated,
  NominationsService,
  type DelegationDraft,
  type DelegationView,
  type NominationOutcome,
} from '@app/participants';
import { Problem, type FieldProblem } from '@app/platform';
import { IfMatch, RequiredIfMatch, setETag } from '../../http/etag';
import { IdPipe, withoutUndefined } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays, ReplaysLocation } from '../../http/replay';
import {
  DelegationAnswer,
  DelegationChanges,
  DelegationsAnswer,
  DelegationsBody,
  NewDelegation,
  NewNominations,
  NominationRequests,
  NominationRequestsSent,
  NominationsAnswer,
  Removals,
  RemovalsAnswer,
} from './delegation.dto';

@ApiTags('participants')
@Controller('v1')
export class DelegationsController {
  constructor(
    private readonly delegations: DelegationsService,
    private readonly nominations: NominationsService,
  ) {}

  /** Gives a mechanism or an organisation seats, which are kept for it among the places of the dialogue. */
  @Post('dialogues/:id/delegations')
  @ReplaysLocation()
  async create(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Body() body: NewDelegation,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DelegationAnswer> {
    const delegation = await this.delegations.create(organiserId, dialogueId, draftOf(body));
    reply.header('location', `/v1/delegations/${delegation.id}`);
    return answer(delegation, reply);
  }

  /** The delegations of a dialogue with their nominees, by name. */
  @Get('dialogues/:id/delegations')
  async list(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DelegationsAnswer> {
    const { delegations, version } = await this.delegations.list(organiserId, dialogueId);
    setETag(reply, version);
    return { items: delegations.map((delegation) => answer(delegation)) };
  }

  /**
   * Replaces the whole list: what is there under the same name is changed, what is new added, what is not named removed.
   *
   * All of it is done or nothing. Whatever is nominated, added or changed after the list was read makes its ETag stale.
   */
  @Put('dialogues/:id/delegations')
  async replace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Body() { delegations }: DelegationsBody,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DelegationsAnswer> {
    await this.delegations.replace(organiserId, dialogueId, delegations.map(draftOf), expected);
    return this.list(organiserId, dialogueId, reply);
  }

  /** Asks focal points to nominate, each by a personal link. The dialogue must be published. */
  @Post('dialogues/:id/delegations/invitations')
  @Replays<NominationRequestsSent>('queued')
  async invite(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Body() body: NominationRequests,
  ): Promise<NominationRequestsSent> {
    return this.delegations.invite(organiserId, dialogueId, {
      to: body?.to,
      delegationIds: body?.delegation_ids,
    });
  }

  /** One delegation with its nominees. */
  @Get('delegations/:id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DelegationAnswer> {
    return answer(await this.delegations.get(organiserId, id), reply);
  }

  /** Changes a delegation. Fewer seats than are held are refused, saying who would be over. */
  @Patch('delegations/:id')
  async update(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: DelegationChanges,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DelegationAnswer> {
    const changes: Partial<DelegationDraft> = withoutUndefined({
      mechanism: body.mechanism,
      organisation: body.organisation,
      focalPointId: body.focal_point,
      seats: body.seats,
      seatsByRole: body.seats_by_role && { ...withoutUndefined(body.seats_by_role) },
      attends: body.attends,
      nominationsCloseAtLocal: body.nominations_close_at_local,
      releaseAtLocal: body.release_at_local,
    });
    return answer(await this.delegations.update(organiserId, id, changes, expectedVersion), reply);
  }

  /** Takes a delegation back; its seats go to whoever waits. Nobody may be nominated for it any more. */
  @Delete('delegations/:id')
  @HttpCode(204)
  async remove(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @IfMatch() expectedVersion: number | undefined,
  ): Promise<void> {
    await this.delegations.remove(organiserId, id, expectedVersion);
  }

  /** Makes a new link for the focal point and mails it; the old one no longer works. */
  @Post('delegations/:id/link')
  @Replays()
  @HttpCode(202)
  async renewLink(@CurrentOrganiser() organiserId: string, @Param('id', IdPipe) id: string): Promise<void> {
    await this.delegations.renewLink(organiserId, id);
  }

  /** Revokes the link of the focal point. */
  @Delete('delegations/:id/link')
  @HttpCode(204)
  async revokeLink(@CurrentOrganiser() organiserId: string, @Param('id', IdPipe) id: string): Promise<void> {
    await this.delegations.revokeLink(organiserId, id);
  }

  /** Lets the seats that nobody holds go to whoever waits, now. Releasing again changes nothing. */
  @Post('delegations/:id/release')
  @Replays<DelegationAnswer>('id', 'seats', 'released_at', 'nominated', 'confirmed', 'version')
  @HttpCode(200)
  async release(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DelegationAnswer> {
    return answer(await this.delegations.release(organiserId, id), reply);
  }

  /** Nominates people for the seats, all of them or none; each gets a personal link. The deadline binds focal points only. */
  @Post('delegations/:id/nominations')
  @Replays<NominationsAnswer>('invitation_ids')
  async nominate(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { nominees }: NewNominations,
  ): Promise<NominationsAnswer> {
    const outcome = await this.nominations.nominate(
      { organiserId },
      id,
      nominees.map((nominee) => ({
        honorific: nominee.honorific ?? undefined,
        name: nominee.name,
        functional_title: nominee.functional_title ?? undefined,
        email: nominee.email,
        affiliation: nominee.affiliation ?? undefined,
        country: nominee.country ?? undefined,
        language: nominee.language ?? undefined,
        role: nominee.role,
        replaces: nominee.replaces,
      })),
    );
    if (!outcome.done) throw refused(outcome);
    return {
      invitation_ids: outcome.invitationIds,
      delegation: answer(await this.delegations.get(organiserId, id)),
    };
  }

  /** Takes nominees off again: their links end, and a registration of theirs is withdrawn. */
  @Post('delegations/:id/removals')
  @Replays<RemovalsAnswer>('removed')
  @HttpCode(200)
  async unnominate(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { nominee_ids: ids }: Removals,
  ): Promise<RemovalsAnswer> {
    return this.nominations.remove({ organiserId }, id, ids);
  }
}

function draftOf(body: NewDelegation): DelegationDraft {
  return {
    mechanism: body.mechanism ?? null,
    organisation: body.organisation ?? null,
    focalPointId: body.focal_point ?? null,
    seats: body.seats,
    seatsByRole: withoutUndefined({ ...body.seats_by_role }),
    attends: body.attends ?? null,
    nominationsCloseAtLocal: body.nominations_close_at_local ?? null,
    releaseAtLocal: body.release_at_local ?? null,
  };
}

function refused(outcome: Extract<NominationOutcome, { done: false }>): Problem {
  if (outcome.code === 'invalid_fields') {
    const { errors } = outcome;
    const code = errors.length === 1 ? errors[0]!.code : 'invalid_fields';
    return new Problem(422, code, errors.map(({ detail }) => detail).join(' '), errors);
  }
  const { over, seats } = outcome;
  const errors: FieldProblem[] = [
    ...(over.total > 0
      ? [
          {
            field: 'nominees',
            code: 'seats_exceeded',
            detail: `They are ${over.total} more than the ${seats.total} seats.`,
          },
        ]
      : []),
    ...Object.entries(over.byRole).map(([role, more]) => ({
      field: 'nominees',
      code: 'seats_exceeded',
      detail: `They are ${more} more than the ${seats.byRole[role as keyof typeof seats.byRole]} seats of the role ${role}.`,
    })),
  ];
  const detail = `${errors.map((error) => error.detail).join(' ')} Nobody was nominated.`;
  return new Problem(422, 'seats_exceeded', detail, errors);
}

function answer(delegation: DelegationView, reply?: FastifyReply): DelegationAnswer {
  if (reply) setETag(reply, delegation.version);
  return {
    id: delegation.id,
    mechanism: delegation.mechanism,
    organisation: delegation.organisation,
    name: delegation.name,
    focal_point: delegation.focalPoint,
    seats: delegation.seats,
    seats_by_role: delegation.seatsByRole,
    attends: delegation.attends,
    nominations_close_at_local: delegation.nominationsCloseAtLocal,
    nominations_close_at: delegation.nominationsCloseAt,
    release_at_local: delegation.releaseAtLocal,
    release_at: delegation.releaseAt,
    released_at: delegation.releasedAt,
    invited_at: delegation.invitedAt,
    nominated: delegation.nominees.filter(({ state }) => isNominated(state)).length,
    confirmed: delegation.nominees.filter(({ state }) => ['confirmed', 'under_review'].includes(state))
      .length,
    nominees: delegation.nominees.map((nominee) => ({
      id: nominee.id,
      invitation_id: nominee.invitationId,
      registration_id: nominee.registrationId,
      honorific: nominee.honorific,
      name: nominee.name,
      role: nominee.role,
      state: nominee.state,
    })),
    version: delegation.version,
  };
}
