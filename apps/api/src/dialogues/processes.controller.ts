import { Body, Controller, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ProcessesService, type ProcessNow } from '@app/dialogues';
import { IfMatch, setETag } from '../http/etag';
import { decodeCursor, IdPipe, PageQuery, toPage, UUID, withoutUndefined } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { ReplaysLocation } from '../http/replay';
import { NewProcess, ProcessAnswer, ProcessChangesDto, ProcessesPage } from './dto/process.dto';

/** As PostgreSQL writes an instant, to the microsecond. */
const INSTANT = /^\d{4}-\d{2}-\d{2} [\d:.]+[+-][\d:]+$/;

@ApiTags('processes')
@Controller('v1/processes')
export class ProcessesController {
  constructor(private readonly processes: ProcessesService) {}

  /** A new process, of which dialogues are steps. You are its owner. */
  @Post()
  @ReplaysLocation()
  async create(
    @CurrentOrganiser() organiserId: string,
    @Body() { title, purpose = '' }: NewProcess,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProcessAnswer> {
    const process = await this.processes.create(organiserId, { title, purpose });
    reply.header('location', `/v1/processes/${process.id}`);
    return answer(reply, process);
  }

  /** The processes in which you have a role, or in whose dialogues you have one; the newest first. */
  @Get()
  async list(
    @CurrentOrganiser() organiserId: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<ProcessesPage> {
    const after = decodeCursor(cursor, [INSTANT, UUID]);
    const rows = await this.processes.list(
      organiserId,
      limit + 1,
      after && { createdAt: after[0]!, id: after[1]! },
    );
    return toPage(rows, limit, toAnswer, ({ createdAtText, id }) => [createdAtText, id]);
  }

  /** One of these processes. */
  @Get(':id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProcessAnswer> {
    return answer(reply, await this.processes.get(organiserId, id));
  }

  /** Changes a process. */
  @Patch(':id')
  async update(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() changes: ProcessChangesDto,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProcessAnswer> {
    const process = await this.processes.update(
      organiserId,
      id,
      withoutUndefined({ ...changes }),
      expectedVersion,
    );
    return answer(reply, process);
  }
}

function answer(reply: FastifyReply, process: ProcessNow): ProcessAnswer {
  setETag(reply, process.version);
  return toAnswer(process);
}

function toAnswer({ createdAt, ...process }: ProcessNow): ProcessAnswer {
  const { id, title, purpose, roles, dialogues, version } = process;
  return { id, title, purpose, roles, dialogues, version, created_at: createdAt.toISOString() };
}
