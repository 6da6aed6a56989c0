import { Body, Controller, Get, Param, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PrivacyNotices, type WrittenNotice } from '@app/participants';
import { RequiredIfMatchOrNone, setETag } from '../../http/etag';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { PrivacyNoticeAnswer, PrivacyNoticeBody } from './privacy.dto';

@ApiTags('privacy')
@Controller('v1/dialogues/:id/privacy-notice')
export class PrivacyNoticesController {
  constructor(private readonly notices: PrivacyNotices) {}

  /** What people are told about their data, as it reads now. */
  @Get()
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PrivacyNoticeAnswer> {
    return answer(reply, await this.notices.get(organiserId, dialogueId));
  }

  /**
   * Writes the notice. A changed text is a new version, which anyone who registers from now on has to accept.
   *
   * The first notice of a dialogue is written with `If-None-Match: *`, every other with `If-Match`.
   */
  @Put()
  async put(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Body() { texts }: PrivacyNoticeBody,
    @RequiredIfMatchOrNone() expected: string | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PrivacyNoticeAnswer> {
    return answer(reply, await this.notices.put(organiserId, dialogueId, texts, expected));
  }
}

function answer(reply: FastifyReply, { version, texts, createdAt }: WrittenNotice): PrivacyNoticeAnswer {
  setETag(reply, version);
  return { version, texts, created_at: createdAt };
}
