import { Body, Controller, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { MechanismsService, type Mechanism } from '@app/directory';
import { IfMatch, setETag } from '../http/etag';
import { decodeCursor, IdPipe, PageQuery, toPage, UUID, withoutUndefined } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { ReplaysLocation } from '../http/replay';
import { directoryOf } from './directory-of';
import { MechanismAnswer, MechanismChanges, MechanismsPage, NewMechanism } from './dto/mechanism.dto';

@ApiTags('directory')
@Controller('v1/mechanisms')
export class MechanismsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mechanisms: MechanismsService,
  ) {}

  /** Adds a mechanism to your directory, or to that of a dialogue which you prepare with a colleague. */
  @Post()
  @ReplaysLocation()
  async create(
    @CurrentOrganiser() organiserId: string,
    @Body() { other_names = [], chairs = [], dialogue_id, ...body }: NewMechanism,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MechanismAnswer> {
    const mechanism = await this.mechanisms.create(
      await directoryOf(this.dataSource, organiserId, dialogue_id),
      { ...body, otherNames: other_names, chairs },
    );
    reply.header('location', `/v1/mechanisms/${mechanism.id}`);
    return this.answer(reply, mechanism);
  }

  /** Your mechanisms, by code. */
  @Get()
  async list(
    @CurrentOrganiser() organiserId: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<MechanismsPage> {
    const after = decodeCursor(cursor, [/./, UUID]);
    const rows = await this.mechanisms.list(
      organiserId,
      limit + 1,
      after && { codeKey: after[0]!, id: after[1]! },
    );
    return toPage(rows, limit, toAnswer, ({ codeKey, id }) => [codeKey, id]);
  }

  /** One of your mechanisms. */
  @Get(':id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MechanismAnswer> {
    return this.answer(reply, await this.mechanisms.get(organiserId, id));
  }

  /** Changes a mechanism. */
  @Patch(':id')
  async update(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { other_names, ...body }: MechanismChanges,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MechanismAnswer> {
    const changes = withoutUndefined({ ...body, otherNames: other_names });
    return this.answer(reply, await this.mechanisms.update(organiserId, id, changes, expectedVersion));
  }

  private answer(reply: FastifyReply, mechanism: Mechanism): MechanismAnswer {
    setETag(reply, mechanism.version);
    return toAnswer(mechanism);
  }
}

function toAnswer({ id, code, name, otherNames, chairs, version }: Mechanism): MechanismAnswer {
  return { id, code, name, other_names: otherNames, chairs, version };
}
