import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CalendarFeeds } from '@app/notifications';
import { Problem } from '@app/platform';
import { isKnown } from '../../http/etag';
import { Public } from '../../http/organiser.guard';
import { RateLimits } from '../../http/rate-limits';
import { originOf } from '../../http/request-context';

/** Calendars to which programs subscribe: a participant's own, and the public one of a dialogue. */
@ApiExcludeController()
@Public()
@Controller()
export class FeedsController {
  constructor(
    private readonly feeds: CalendarFeeds,
    private readonly limits: RateLimits,
  ) {}

  @Get('f/:token')
  async ofParticipant(
    @Param('token') token: string,
    @Headers('if-none-match') known: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const calendar = await this.feeds.ofParticipant(token.replace(/\.ics$/, ''));
    if (calendar === null) {
      await this.limits.failed(originOf(request));
      throw Problem.notFound('calendar');
    }
    await send(reply, calendar, known, 'private');
  }

  @Get('d/:slug/calendar.ics')
  async ofDialogue(
    @Param('slug') slug: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const calendar = await this.feeds.ofDialogue(slug);
    if (calendar === null) throw Problem.notFound('calendar');
    await send(reply, calendar, known, 'public');
  }
}

/**
 * The ETag is of what is in it, so whatever changes is fetched. There is no Last-Modified: it would be of one second, and of
 * columns that not every change touches.
 */
async function send(
  reply: FastifyReply,
  calendar: string,
  known: string | undefined,
  cache: 'private' | 'public',
): Promise<void> {
  const etag = `"${createHash('sha256').update(calendar).digest('base64url')}"`;
  reply
    .header('etag', etag)
    .header('cache-control', `${cache}, no-cache`)
    .header('x-content-type-options', 'nosniff');
  if (isKnown(known, etag)) {
    await reply.status(304).send();
    return;
  }
  await reply
    .type('text/calendar; charset=utf-8')
    .header('content-disposition', 'inline; filename="dialogue.ics"')
    .send(calendar);
}
