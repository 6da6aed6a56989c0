import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { DialoguesService, ownDialogue } from '@app/dialogues';
import { Suppressions, type SuppressedAddress } from '@app/mail';
import { decodeCursor, IdPipe, PageQuery, toPage } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { SuppressionsPage, type SuppressionAnswer } from './dto/returns.dto';

@ApiTags('mails')
@Controller('v1/dialogues/:id/suppressions')
export class SuppressionsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
    private readonly suppressions: Suppressions,
  ) {}

  /** Addresses of a dialogue that nothing is sent to any more, since they bounced. */
  @Get()
  async list(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<SuppressionsPage> {
    await this.dialogues.get(organiserId, id);
    const after = decodeCursor(cursor, [/^.{1,400}$/u])?.[0];
    const rows = await this.suppressions.page(id, limit + 1, after);
    return toPage(rows, limit, toAnswer, (row) => [row.address]);
  }

  /** Lifts it: the address is right after all. Mails that were not sent meanwhile are not sent by this; send them again. */
  @Delete(':suppression_id')
  @HttpCode(204)
  async lift(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('suppression_id', IdPipe) suppressionId: string,
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, id, 'manage');
      await this.suppressions.lift(manager, id, suppressionId);
    });
  }
}

function toAnswer(row: SuppressedAddress): SuppressionAnswer {
  return {
    id: row.id,
    address: row.address,
    status: row.status,
    diagnostic: row.diagnostic,
    mail_id: row.mailId,
    created_at: row.createdAt.toISOString(),
  };
}
