import {
  Body,
  Controller,
  HttpCode,
  Param,
  Post,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import { MailHolds, type HeldCount, type HeldFilter } from '@app/mail';
import { Problem } from '@app/platform';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { Replays } from '../http/replay';
import { MailsConcerned, WhichMails } from './dto/mails.dto';

/**
 * Every mail of a dialogue is held or released only on somebody's word. A body that was forgotten is none, nor is an empty
 * form, which programs send in its place.
 */
class SaysWhich implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { body, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (body != null && headers['content-type']?.startsWith('application/json')) return true;
    throw new Problem(
      422,
      'body_missing',
      'Say which mails in a body of JSON: {} for all of them, or narrowed down, such as {"kind": "invitation"}.',
    );
  }
}

@ApiTags('mails')
@Controller('v1/dialogues/:id')
export class HoldsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly holds: MailHolds,
  ) {}

  /** Holds mails that wait: none of them goes until it is released. What is on the line at this moment goes. */
  @Post('mail-holds')
  @Replays<MailsConcerned>('count')
  @HttpCode(200)
  @UseGuards(SaysWhich)
  hold(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: WhichMails,
  ): Promise<MailsConcerned> {
    return this.change(organiserId, id, body, (manager, filter) => this.holds.hold(manager, filter));
  }

  /** Releases mails that are held. Each says what is true when it goes, and is left out where its use ended. */
  @Post('mail-releases')
  @Replays<MailsConcerned>('count')
  @HttpCode(200)
  @UseGuards(SaysWhich)
  async release(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: WhichMails,
  ): Promise<MailsConcerned> {
    const released = await this.change(organiserId, id, body, (manager, filter) =>
      this.holds.release(manager, filter),
    );
    this.holds.wake();
    return released;
  }

  private async change(
    organiserId: string,
    dialogueId: string,
    { kind, queued_before: queuedBefore, queued_after: queuedAfter, ids }: WhichMails,
    change: (manager: EntityManager, filter: HeldFilter) => Promise<HeldCount[]>,
  ): Promise<MailsConcerned> {
    const kinds = await this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'manage');
      return change(manager, { dialogueId, kind, queuedBefore, queuedAfter, ids });
    });
    return {
      count: kinds.reduce((sum, { count }) => sum + count, 0),
      kinds: kinds.map(({ kind: name, count }) => ({ kind: name, count })),
    };
  }
}
