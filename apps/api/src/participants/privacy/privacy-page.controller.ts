import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { isLanguage, type Language } from '@app/mail';
import { currentNotice } from '@app/participants';
import { Problem } from '@app/platform';
import { requestLanguage } from '../../http/language';
import { Public } from '../../http/organiser.guard';
import { sendPage } from '../../pages/page';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import { dataErasedPage, privacyNoticePage } from './privacy.page';

/** What anybody may read about data in a dialogue. */
@ApiExcludeController()
@Public()
@Controller('d/:slug')
export class PrivacyPageController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialogueReader,
  ) {}

  /** The privacy notice, in the reader's language where it is written in it. */
  @Get('privacy')
  async notice(
    @Param('slug') slug: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { dialogue } = await this.dialogues.find({ slug });
    const notice = await currentNotice(this.dataSource, dialogue.id);
    if (!notice) throw Problem.notFound('page');
    await sendPage(reply, privacyNoticePage(languageOf(asked, request), dialogue, notice));
  }

  /** After an erasure: the same for everybody, and no link of anybody. */
  @Get('erased')
  async erased(
    @Param('slug') slug: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { dialogue } = await this.dialogues.find({ slug });
    await sendPage(reply, dataErasedPage(languageOf(asked, request), dialogue));
  }
}

function languageOf(asked: string | undefined, request: FastifyRequest): Language {
  return asked && isLanguage(asked) ? asked : requestLanguage(request);
}
