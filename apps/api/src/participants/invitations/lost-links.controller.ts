import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isLanguage, type Language } from '@app/mail';
import { LostLinks } from '@app/participants';
import { isAddress, plainAddress } from '@app/platform';
import { requestLanguage } from '../../http/language';
import { Public } from '../../http/organiser.guard';
import { RateLimits } from '../../http/rate-limits';
import { Replays } from '../../http/replay';
import { sendPage } from '../../pages/page';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import { LinkWish, LinkWishReceived } from './lost-link.dto';
import { linkSentPage, lostLinkPage } from './lost-link.page';
import { originOf } from '../../http/request-context';

/** Whoever lost their personal link gets it mailed again. Answers alike whether the address is known or not. */
@ApiExcludeController()
@Public()
@Controller('d/:slug/link')
export class LostLinkPageController {
  constructor(
    private readonly dialogues: DialogueReader,
    private readonly lostLinks: LostLinks,
    private readonly limits: RateLimits,
  ) {}

  @Get()
  async show(
    @Param('slug') slug: string,
    @Query() { lang, sent }: { lang?: string; sent?: string },
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { dialogue } = await this.dialogues.find({ slug });
    const language = languageOf(lang, request);
    await sendPage(
      reply,
      sent === undefined ? lostLinkPage(language, dialogue) : linkSentPage(language, dialogue),
    );
  }

  @Post()
  async send(
    @Param('slug') slug: string,
    @Query('lang') asked: string | undefined,
    @Body() body: Record<string, unknown> | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { dialogue } = await this.dialogues.find({ slug });
    const language = languageOf(asked, request);
    const email = typeof body?.email === 'string' ? plainAddress(body.email) : '';
    if (!isAddress(email)) {
      await sendPage(reply, lostLinkPage(language, dialogue, email), 422);
      return;
    }
    await this.limits.asks(originOf(request));
    if (await this.limits.mayMail('link', email)) await this.lostLinks.send(slug, email);
    await reply.redirect(`/d/${slug}/link?lang=${language}&sent`, 303);
  }
}

@ApiTags('participants')
@Public()
@Controller('v1/public/dialogues/:slug/link')
export class LostLinksController {
  constructor(
    private readonly dialogues: DialogueReader,
    private readonly lostLinks: LostLinks,
    private readonly limits: RateLimits,
  ) {}

  /** Mails whoever is invited or registered at an address their personal links again. Answers alike for every address. */
  @Post()
  @Replays()
  @HttpCode(202)
  async send(
    @Param('slug') slug: string,
    @Body() { email }: LinkWish,
    @Req() request: FastifyRequest,
  ): Promise<LinkWishReceived> {
    await this.dialogues.find({ slug });
    await this.limits.asks(originOf(request));
    if (await this.limits.mayMail('link', email)) await this.lostLinks.send(slug, email);
    return {
      status: 'received',
      detail:
        'If this address was invited to the dialogue or is registered for it, its links are on their way.',
    };
  }
}

function languageOf(asked: string | undefined, request: FastifyRequest): Language {
  return asked && isLanguage(asked) ? asked : requestLanguage(request);
}
