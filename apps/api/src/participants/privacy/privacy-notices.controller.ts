import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PrivacyNotices, type WrittenNotice } from '@app/participants';
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
  ): Promise<PrivacyNoticeAnswer> {
    return toAnswer(await this.notices.get(organiserId, dialogueId));
  }

  /** Writes the notice. A changed text is a new version, which whoever registers from now on has to accept. */
  @Put()
  async put(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Body() { texts }: PrivacyNoticeBody,
  ): Promise<PrivacyNoticeAnswer> {
    return toAnswer(await this.notices.put(organiserId, dialogueId, texts));
  }
}

function toAnswer({ version, texts, createdAt }: WrittenNotice): PrivacyNoticeAnswer {
  return { version, texts, created_at: createdAt };
}
