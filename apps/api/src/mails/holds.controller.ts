import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import { MailHolds, type HeldCount, type HeldFilter } from '@app/mail';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { MailsConcerned, WhichMails } from './dto/mails.dto';

@ApiTags('mails')
@Controller('v1/dialogues/:id')
export class HoldsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly holds: MailHolds,
  ) {}

  /** Holds mails that wait: none of them goes until it is released. What is on the line at this moment goes. */
  @Post('mail-holds')
  @HttpCode(200)
  hold(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: WhichMails,
  ): Promise<MailsConcerned> {
    return this.change(organiserId, id, body, (manager, filter) => this.holds.hold(manager, filter));
  }

  /** Releases mails that are held. Each says what is true when it goes, and is left out where its use ended. */
  @Post('mail-releases')
  @HttpCode(200)
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
