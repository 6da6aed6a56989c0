import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Attendances, type Joining } from '@app/participants';
import { Problem } from '@app/platform';
import { Public } from '../../http/organiser.guard';
import { RateLimits } from '../../http/rate-limits';
import { actAs, originOf } from '../../http/request-context';
import { sendPage } from '../../pages/page';
import { pageLanguage } from '../personal-pages/personal-pages.service';
import { joinPage } from './join.page';

/**
 * A participant joins online. Only the answer to the button contains the platform's address: anyone who reads the page, or
 * a scanner that opens every link, learns nothing by which somebody gets in unnoticed.
 */
@ApiExcludeController()
@Public()
@Controller('j/:token')
export class JoinPageController {
  constructor(
    private readonly attendances: Attendances,
    private readonly limits: RateLimits,
  ) {}

  @Get()
  async show(
    @Param('token') token: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const joining = await this.found(await this.attendances.joining(token), request);
    await this.send(reply, joining, token, asked);
  }

  @Post()
  async join(
    @Param('token') token: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // Known first, so that the record says whose link it was.
    await this.found(await this.attendances.joining(token), request);
    const joined = await this.attendances.join(token);
    const joining = await this.found(joined && joined.joining, request);
    if (joined?.platformUrl) {
      await reply.header('cache-control', 'no-store').redirect(joined.platformUrl, 303);
      return;
    }
    await this.send(reply, joining, token, asked);
  }

  /** @throws Problem 404, one answer for a wrong, expired and revoked link; 429 after too many of them. */
  private async found(joining: Joining | null, request: FastifyRequest): Promise<Joining> {
    if (!joining) {
      await this.limits.failed(originOf(request));
      throw Problem.notFound('page');
    }
    actAs(`link:${joining.registration.id}`);
    return joining;
  }

  private async send(
    reply: FastifyReply,
    joining: Joining,
    token: string,
    asked: string | undefined,
  ): Promise<void> {
    const language = pageLanguage(asked, joining.registration.language, joining.dialogue.workingLanguages);
    await sendPage(reply, joinPage({ language, joining, token }), 200, { leadsElsewhere: true });
  }
}
