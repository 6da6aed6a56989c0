import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountsService, SESSION_HOURS } from '@app/accounts';
import { Environment, isAddress, plainAddress } from '@app/platform';
import { requestLanguage } from '../http/language';
import { Public } from '../http/organiser.guard';
import { RateLimits } from '../http/rate-limits';
import { takeReturnPath } from '../http/return-path';
import {
  comesFrom,
  formProof,
  isOwnForm,
  isSameOrigin,
  SESSION_COOKIE,
  sessionCookie,
} from '../http/session-cookie';
import { sendPage } from '../pages/page';
import { linkSentPage, signInButtonPage, signInFailedPage, signInPage } from './views/sign-in.page';
import { originOf } from '../http/request-context';

/** Organisers sign in with a one-time link that is mailed to them. */
@ApiExcludeController()
@Public()
@Controller()
export class SignInController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly limits: RateLimits,
    private readonly environment: Environment,
  ) {}

  @Get('sign-in')
  ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    sendPage(reply, signInPage(requestLanguage(request)));
  }

  /**
   * Answers alike for a known address, an unknown one, and one that had too many mails. A form of another site is shown
   * ours; who says nothing of where they come from is served, as it signs nobody in.
   */
  @Post('sign-in')
  async mail(
    @Req() request: FastifyRequest,
    @Body() body: Record<string, unknown> | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const language = requestLanguage(request);
    if (comesFrom(request, this.environment.PUBLIC_URL) === 'foreign') {
      sendPage(reply, signInPage(language), 403);
      return;
    }
    const email = plainAddress(typeof body?.email === 'string' ? body.email : '');
    if (!isAddress(email)) {
      sendPage(reply, signInPage(language, { email }), 422);
      return;
    }
    await this.limits.asks(originOf(request));
    if (await this.limits.mayMail('sign-in', email)) await this.accounts.requestSignIn(email);
    sendPage(reply, linkSentPage(language));
  }

  @Get('sign-in/:token')
  async show(
    @Req() request: FastifyRequest,
    @Param('token') token: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.showButton(token, request, reply, 200);
  }

  /**
   * Signs in anyone who pressed the button on our page. A form of another site, which would sign its visitors in as somebody
   * else, is shown our button and uses nothing up.
   */
  @Post('sign-in/:token')
  async signIn(
    @Req() request: FastifyRequest,
    @Param('token') token: string,
    @Body() body: Record<string, unknown> | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!isOwnForm(request, this.environment.PUBLIC_URL, body?.proof)) {
      await this.showButton(token, request, reply, 403);
      return;
    }
    const session = await this.accounts.signIn(token);
    if (session === null) {
      await this.limits.failed(originOf(request));
      sendPage(reply, signInFailedPage(requestLanguage(request)), 404);
      return;
    }
    reply.setCookie(SESSION_COOKIE, session, {
      ...sessionCookie(this.environment.PUBLIC_URL),
      maxAge: SESSION_HOURS * 3_600,
    });
    const path = takeReturnPath(request, reply, this.environment.PUBLIC_URL);
    await reply.header('cache-control', 'no-store').redirect(path ?? '/organiser', 303);
  }

  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = request.cookies[SESSION_COOKIE];
    if (session && isSameOrigin(request, this.environment.PUBLIC_URL)) {
      await this.accounts.signOut(session);
      reply.clearCookie(SESSION_COOKIE, sessionCookie(this.environment.PUBLIC_URL));
    }
    await reply.redirect('/sign-in', 303);
  }

  private async showButton(
    token: string,
    request: FastifyRequest,
    reply: FastifyReply,
    status: 200 | 403,
  ): Promise<void> {
    const language = requestLanguage(request);
    if (await this.accounts.isSignInLinkGood(token)) {
      const proof = formProof(request, reply, this.environment.PUBLIC_URL, '/sign-in');
      sendPage(reply, signInButtonPage(language, token, proof), status);
      return;
    }
    await this.limits.failed(originOf(request));
    sendPage(reply, signInFailedPage(language), 404);
  }
}
