import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountsService } from '@app/accounts';
import { Attendances, DoorLinks, type DoorRow } from '@app/participants';
import { Environment, Problem } from '@app/platform';
import { decodeCursor, IdPipe, toPage, UUID } from '../../http/fields';
import { requestLanguage } from '../../http/language';
import { Public } from '../../http/organiser.guard';
import { RateLimits } from '../../http/rate-limits';
import { actAs, originOf } from '../../http/request-context';
import { rememberPath } from '../../http/return-path';
import { isSameOrigin, SESSION_COOKIE } from '../../http/session-cookie';
import { sendPage } from '../../pages/page';
import { pageLanguage } from '../personal-pages/personal-pages.service';
import { doorListPage, doorPersonPage, showThisPage } from './door.page';

/** How many people a page of the list shows. */
const SHOWN = 50;

/** The most characters of what is looked for. */
const MOST_OF_A_SEARCH = 300;

/** What an officer does about someone. */
interface Act {
  registration_id?: unknown;
  what?: unknown;
}

/** The code for the door: for anyone who shows it, and for officers, who are signed in as organisers, with their list. */
@ApiExcludeController()
@Public()
@Controller()
export class DoorPageController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly attendances: Attendances,
    private readonly links: DoorLinks,
    private readonly limits: RateLimits,
    private readonly environment: Environment,
  ) {}

  /**
   * What a code leads to: an officer checks its owner in, and everybody else is the owner, or has the code from them, and
   * shows it.
   * @throws Problem 404, one answer for a wrong, expired and revoked link; 429 after too many of them.
   */
  @Get('c/:token')
  async person(
    @Param('token') token: string,
    @Query('already') already: string | undefined,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const holder = await this.attendances.holderOf(token);
    if (!holder) {
      await this.limits.failed(originOf(request));
      throw Problem.notFound('code');
    }
    const { row, dialogue } = holder;
    const organiserId = await this.signedIn(request);
    if (organiserId && (await this.attendances.mayNote(organiserId, dialogue.id))) {
      const isAlready = already !== undefined && row.present;
      const language = requestLanguage(request);
      sendPage(reply, doorPersonPage({ language, dialogue, row, action: `/c/${token}`, isAlready }));
      return;
    }
    if (!organiserId) {
      actAs(`link:${row.registration_id}`);
      rememberPath(request, reply, this.environment.PUBLIC_URL);
    }
    const language = pageLanguage(asked, holder.language, dialogue.workingLanguages);
    sendPage(reply, showThisPage({ language, holder, url: this.links.addressOf(token) }));
  }

  @Post('c/:token')
  async actOnCode(
    @Param('token') token: string,
    @Body() body: Act | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organiserId = await this.mayChange(request);
    const { dialogueId, row } = await this.ofCode(organiserId, token, request);
    const isAlready = await this.act(organiserId, dialogueId, row.registration_id, body?.what, token);
    await reply.redirect(`/c/${token}${isAlready ? '?already' : ''}`, 303);
  }

  @Get('door/:dialogue_id')
  async list(
    @Param('dialogue_id', IdPipe) dialogueId: string,
    @Query() { q, cursor, already }: { q?: string; cursor?: string; already?: string },
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organiserId = await this.signedIn(request);
    if (!organiserId) {
      rememberPath(request, reply, this.environment.PUBLIC_URL);
      await reply.header('cache-control', 'no-store').redirect('/sign-in', 303);
      return;
    }
    const said = String(q ?? '').slice(0, MOST_OF_A_SEARCH);
    const door = await this.attendances.door(organiserId, dialogueId);
    const found = await this.attendances.list(organiserId, dialogueId, {
      limit: SHOWN,
      after: decodeCursor(cursor, [/^/, UUID]),
      said,
    });
    const { items, next_cursor: nextCursor } = toPage(
      found,
      SHOWN,
      (row): DoorRow => row,
      (row) => [row.name_key, row.registration_id],
    );
    const page = doorListPage({
      language: requestLanguage(request),
      ...door,
      rows: items,
      said,
      nextCursor,
      already: items.find((row) => row.registration_id === already && row.present) ?? null,
    });
    sendPage(reply, page);
  }

  @Post('door/:dialogue_id')
  async actOnList(
    @Param('dialogue_id', IdPipe) dialogueId: string,
    @Query('q') q: string | undefined,
    @Body() body: Act | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organiserId = await this.mayChange(request);
    const id = String(body?.registration_id ?? '');
    if (!UUID.test(id)) throw Problem.notFound('registration');
    const isAlready = await this.act(organiserId, dialogueId, id, body?.what);
    const query = new URLSearchParams({ ...(q && { q }), ...(isAlready && { already: id }) }).toString();
    await reply.redirect(`/door/${dialogueId}${query && `?${query}`}`, 303);
  }

  /**
   * What was refused because of how things stand by now is shown by the page that comes next.
   * @returns whether somebody else had checked them in just before.
   */
  private async act(
    organiserId: string,
    dialogueId: string,
    registrationId: string,
    what: unknown,
    code?: string,
  ): Promise<boolean> {
    const who = code === undefined ? { registrationId } : { code };
    try {
      if (what === 'departure') await this.attendances.leave(organiserId, dialogueId, who);
      else if (what === 'correction')
        await this.attendances.takeBack(organiserId, dialogueId, registrationId);
      else return (await this.attendances.arrive(organiserId, dialogueId, who)).already;
    } catch (error) {
      if (!(error instanceof Problem && error.status === 409)) throw error;
    }
    return false;
  }

  private async ofCode(
    organiserId: string,
    token: string,
    request: FastifyRequest,
  ): Promise<{ dialogueId: string; row: DoorRow }> {
    try {
      return await this.attendances.ofCode(organiserId, token);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) await this.limits.failed(originOf(request));
      throw error;
    }
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
    if (!organiserId) throw new Problem(403, 'not_signed_in', 'Sign in again, then repeat it.');
    return organiserId;
  }
}
