import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Unsubscriptions, type OwnUnsubscription } from '@app/mail';
import { Problem } from '@app/platform';
import { Public } from '../http/organiser.guard';
import { RateLimits } from '../http/rate-limits';
import { actAs, originOf } from '../http/request-context';
import { sendPage } from '../pages/page';
import { DialogueReader } from '../participants/personal-pages/dialogue-reader.service';
import { pageLanguage } from '../participants/personal-pages/personal-pages.service';
import { unsubscribePage } from './unsubscribe.page';

/** Where the List-Unsubscribe of a mail leads: a page for people, and one click for mail programs (RFC 8058). */
@ApiExcludeController()
@Public()
@Controller('u/:token')
export class UnsubscribeController {
  constructor(
    private readonly unsubscriptions: Unsubscriptions,
    private readonly dialogues: DialogueReader,
    private readonly limits: RateLimits,
  ) {}

  /** Shows the form and changes nothing: scanners open every link. */
  @Get()
  async show(
    @Param('token') token: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const own = await this.open(token, request);
    const { dialogue } = await this.dialogues.find({ id: own.dialogueId });
    const language = pageLanguage(asked, own.language, dialogue.workingLanguages);
    await sendPage(
      reply,
      unsubscribePage(language, dialogue, { address: `/u/${token}`, unsubscribed: own.unsubscribed }),
    );
  }

  /** The form, or a mail program, which is answered without a redirect and needs no cookie (RFC 8058, 3.2). */
  @Post()
  async unsubscribe(
    @Param('token') token: string,
    @Query('lang') asked: string | undefined,
    @Body() body: Record<string, unknown> | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.unsubscriptions.unsubscribe(await this.open(token, request));
    if (body?.['List-Unsubscribe'] === 'One-Click') {
      await reply.status(200).type('text/plain; charset=utf-8').send('Unsubscribed.\n');
      return;
    }
    await reply.redirect(pageAddress(token, asked), 303);
  }

  /** Takes it back. */
  @Post('undo')
  async undo(
    @Param('token') token: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.unsubscriptions.subscribe(await this.open(token, request));
    await reply.redirect(pageAddress(token, asked), 303);
  }

  /** @throws Problem 404, one answer for every link that opens nothing; 429 after too many of them */
  private async open(token: string, request: FastifyRequest): Promise<OwnUnsubscription> {
    const own = await this.unsubscriptions.find(token);
    if (!own) {
      await this.limits.failed(originOf(request));
      throw Problem.notFound('page');
    }
    actAs(`link:${own.id}`);
    return own;
  }
}

function pageAddress(token: string, language: string | undefined): string {
  return `/u/${token}${language === undefined ? '' : `?lang=${encodeURIComponent(language)}`}`;
}
