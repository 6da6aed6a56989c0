import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DialoguesService } from '@app/dialogues';
import { ReturnList, type ListedReturn } from '@app/mail';
import { decodeCursor, IdPipe, PageQuery, toPage } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { MailReturnsPage, type MailReturnAnswer } from './dto/returns.dto';

@ApiTags('mails')
@Controller('v1/dialogues/:id/mail-returns')
export class ReturnsController {
  constructor(
    private readonly dialogues: DialoguesService,
    private readonly returns: ReturnList,
  ) {}

  /** What came back of a dialogue's mails and calendar entries, the newest first. */
  @Get()
  async list(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<MailReturnsPage> {
    await this.dialogues.get(organiserId, id);
    const before = decodeCursor(cursor, [/^\d{1,18}$/])?.[0];
    const rows = await this.returns.page(id, limit + 1, before);
    return toPage(rows, limit, toReturnAnswer, (row) => [row.id]);
  }
}

export function toReturnAnswer(row: ListedReturn): MailReturnAnswer {
  return {
    id: row.id,
    kind: row.kind,
    mail_id: row.mailId,
    mail_kind: row.mailKind,
    recipient: row.recipient,
    recipient_name: row.recipientName,
    registration_id: row.registrationId,
    status: row.status,
    diagnostic: row.diagnostic,
    received_at: row.receivedAt.toISOString(),
    told_at: row.toldAt?.toISOString() ?? null,
  };
}
