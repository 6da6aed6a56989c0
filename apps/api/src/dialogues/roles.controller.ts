import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RolesService, type HeldRoles, type Where } from '@app/dialogues';
import { RequiredIfMatch, setETag } from '../http/etag';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { RateLimits } from '../http/rate-limits';
import { ReplaysLocation } from '../http/replay';
import { NewRoleBody, RoleAnswer, RolesAnswer, RolesBody } from './dto/roles.dto';

@ApiTags('roles')
@Controller('v1/dialogues/:id/roles')
export class DialogueRolesController {
  constructor(
    private readonly roles: RolesService,
    private readonly limits: RateLimits,
  ) {}

  /** Who may do what in a dialogue, by itself and by its process. */
  @Get()
  async list(@CurrentOrganiser() organiserId: string, @Param('id', IdPipe) id: string): Promise<RolesAnswer> {
    return { items: (await this.roles.list(organiserId, dialogue(id))).map(toAnswer) };
  }

  /**
   * Gives someone roles in a dialogue, and mails them how to sign in.
   *
   * What is answered is the same whether the address had an account.
   */
  @Post()
  @ReplaysLocation()
  async give(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: NewRoleBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleAnswer> {
    const held = await give(this.roles, this.limits, organiserId, dialogue(id), body);
    reply.header('location', `/v1/dialogues/${id}/roles/${held.organiserId}`);
    return answer(reply, held);
  }

  /** What one organiser is in a dialogue. */
  @Get(':organiser_id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('organiser_id', IdPipe) ofId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleAnswer> {
    return answer(reply, await this.roles.get(organiserId, dialogue(id), ofId));
  }

  /** Gives an organiser other roles in a dialogue. */
  @Put(':organiser_id')
  async change(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('organiser_id', IdPipe) ofId: string,
    @Body() { roles, sees_sensitive }: RolesBody,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleAnswer> {
    const given = { roles, seesSensitive: sees_sensitive };
    return answer(reply, await this.roles.change(organiserId, dialogue(id), ofId, given, expected));
  }

  /** Takes an organiser's roles in a dialogue away, at once for all their sessions and tokens; or leaves it, oneself. */
  @Delete(':organiser_id')
  @HttpCode(204)
  async remove(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('organiser_id', IdPipe) ofId: string,
  ): Promise<void> {
    await this.roles.remove(organiserId, dialogue(id), ofId);
  }
}

@ApiTags('roles')
@Controller('v1/processes/:id/roles')
export class ProcessRolesController {
  constructor(
    private readonly roles: RolesService,
    private readonly limits: RateLimits,
  ) {}

  /** Who may do what in every dialogue of a process. */
  @Get()
  async list(@CurrentOrganiser() organiserId: string, @Param('id', IdPipe) id: string): Promise<RolesAnswer> {
    return { items: (await this.roles.list(organiserId, process(id))).map(toAnswer) };
  }

  /**
   * Gives someone roles in every dialogue of a process, and mails them how to sign in.
   *
   * What is answered is the same whether the address had an account.
   */
  @Post()
  @ReplaysLocation()
  async give(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: NewRoleBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleAnswer> {
    const held = await give(this.roles, this.limits, organiserId, process(id), body);
    reply.header('location', `/v1/processes/${id}/roles/${held.organiserId}`);
    return answer(reply, held);
  }

  /** What one organiser is in a process. */
  @Get(':organiser_id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('organiser_id', IdPipe) ofId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleAnswer> {
    return answer(reply, await this.roles.get(organiserId, process(id), ofId));
  }

  /** Gives an organiser other roles in a process. */
  @Put(':organiser_id')
  async change(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('organiser_id', IdPipe) ofId: string,
    @Body() { roles, sees_sensitive }: RolesBody,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleAnswer> {
    const given = { roles, seesSensitive: sees_sensitive };
    return answer(reply, await this.roles.change(organiserId, process(id), ofId, given, expected));
  }

  /** Takes an organiser's roles in a process away, at once for all their sessions and tokens; or leaves it, oneself. */
  @Delete(':organiser_id')
  @HttpCode(204)
  async remove(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('organiser_id', IdPipe) ofId: string,
  ): Promise<void> {
    await this.roles.remove(organiserId, process(id), ofId);
  }
}

const dialogue = (id: string): Where => ({ kind: 'dialogue', id });
const process = (id: string): Where => ({ kind: 'process', id });

async function give(
  roles: RolesService,
  limits: RateLimits,
  organiserId: string,
  where: Where,
  body: NewRoleBody,
): Promise<HeldRoles> {
  // Counted only for who may give roles: others are refused, and shall not use up anybody's mails.
  await roles.assertMayGive(organiserId, where);
  return roles.give(
    organiserId,
    where,
    { email: body.email, name: body.name },
    { roles: body.roles, seesSensitive: body.sees_sensitive },
    await limits.mayMail('role', body.email),
  );
}

function answer(reply: FastifyReply, held: HeldRoles): RoleAnswer {
  setETag(reply, held.version);
  return toAnswer(held);
}

function toAnswer(held: HeldRoles): RoleAnswer {
  return {
    organiser_id: held.organiserId,
    email: held.email,
    name: held.name,
    roles: held.roles,
    sees_sensitive: held.seesSensitive,
    given_in: held.givenIn,
    created_at: held.createdAt.toISOString(),
  };
}
