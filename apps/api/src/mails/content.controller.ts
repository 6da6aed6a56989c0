import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MailContentsService } from '@app/notifications';
import { Problem } from '@app/platform';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { FormatQuery, MailContentAnswer } from './dto/wordings.dto';
import { shownAs, toShownAnswer } from './previews.controller';

@ApiTags('mails')
@Controller('v1/dialogues/:id/mails/:mail_id/content')
export class MailContentController {
  constructor(private readonly contents: MailContentsService) {}

  /**
   * What a mail said: written again from what is so today, and compared with what was sent, of which only a hash is kept.
   * Its links look as they do and lead nowhere.
   */
  @Get()
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('mail_id') mailId: string,
    @Query() { format }: FormatQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MailContentAnswer | string> {
    if (!/^\d{1,18}$/.test(mailId)) throw Problem.notFound('mail');
    const { mail, same, reasons, shown } = await this.contents.of(organiserId, id, mailId);
    const answer = {
      id: mail.id,
      kind: mail.kind,
      state: mail.state,
      sent_at: mail.sentAt?.toISOString() ?? null,
      same,
      reasons,
      content: shown && toShownAnswer(shown),
    };
    if (!shown && format !== undefined && format !== 'json') {
      throw new Problem(409, 'not_to_be_seen', `It can’t be written any more. ${reasons.join(' ')}`.trim());
    }
    return shownAs(reply, format, shown ?? { html: '', text: '', language: mail.language }, answer);
  }
}
