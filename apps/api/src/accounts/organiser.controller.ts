import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountsService, TOKEN_DAYS } from '@app/accounts';
import { DialoguesService } from '@app/dialogues';
import { Environment, Problem } from '@app/platform';
import { requestLanguage } from '../http/language';
import { Public } from '../http/organiser.guard';
import { actAs } from '../http/request-context';
import { isSameOrigin, SESSION_COOKIE } from '../http/session-cookie';
import { sendPage } from '../pages/page';
import { organiserPage, type OrganiserView } from './views/organiser.page';

/** As many dialogues as the page shows; the API has them all. */
const SHOWN = 100;

/** The organiser's own page, for whoever is signed in. */
@ApiExcludeController()
@Public()
@Controller()
export class OrganiserController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly dialogues: DialoguesService,
    private readonly environment: Environment,
  ) {}

  @Get()
  async front(@Res() reply: FastifyReply): Promise<void> {
    await reply.redirect('/organiser', 303);
  }

  @Get('organiser')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const organiserId = await this.signedIn(request);
    if (!organiserId) {
      await reply.header('cache-control', 'no-store').redirect('/sign-in', 303);
      return;
    }
    await this.page(request, reply, organiserId);
  }

  /** The token is shown on the answer itself, since it can't be shown again. */
  @Post('organiser/tokens')
  async makeToken(
    @Req() request: FastifyRequest,
    @Body() body: Record<string, unknown> | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organiserId = await this.mayChange(request);
    const name = String(body?.name ?? '')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim();
    const days = Number(body?.days);
    const isNamed = name !== '' && name.length <= 100;
    if (!isNamed || !Number.isInteger(days) || days < 1 || days > TOKEN_DAYS) {
      await this.page(request, reply, organiserId, { wrong: { field: isNamed ? 'days' : 'name', name } });
      return;
    }
    const scope = body?.scope === 'write' ? 'write' : 'read';
    const newToken = await this.accounts.newToken(organiserId, { name, scope, days });
    await this.page(request, reply, organiserId, { newToken });
  }

  @Post('organiser/tokens/:id/revocation')
  async revokeToken(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.accounts.revokeToken(await this.mayChange(request), id);
    await reply.redirect('/organiser', 303);
  }

  private async page(
    request: FastifyRequest,
    reply: FastifyReply,
    organiserId: string,
    extra: Pick<OrganiserView, 'newToken' | 'wrong'> = {},
  ): Promise<void> {
    const [organiser, dialogues, tokens] = await Promise.all([
      this.accounts.organiser(organiserId),
      this.dialogues.list(organiserId, SHOWN + 1),
      this.accounts.tokens(organiserId),
    ]);
    const view = {
      organiser,
      dialogues: dialogues.slice(0, SHOWN),
      now: new Date(),
      hasMore: dialogues.length > SHOWN,
      tokens,
      ...extra,
    };
    sendPage(reply, organiserPage(requestLanguage(request), view), extra.wrong ? 422 : 200);
  }

  private async signedIn(request: FastifyRequest): Promise<string | null> {
    const session = request.cookies[SESSION_COOKIE];
    const who = session === undefined ? null : await this.accounts.whoHasSession(session);
    if (who) actAs(`organiser:${who.organiserId}`);
    return who && who.organiserId;
  }

  /** @throws Problem 403 when the request comes from elsewhere, or nobody is signed in */
  private async mayChange(request: FastifyRequest): Promise<string> {
    const organiserId = isSameOrigin(request, this.environment.PUBLIC_URL)
      ? await this.signedIn(request)
      : null;
    if (!organiserId)
      throw new Problem(403, 'not_signed_in', 'Sign in again, then repeat it on the page /organiser.');
    return organiserId;
  }
}
