import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NominationsService, SubstitutionsService, type OwnDelegation } from '@app/participants';
import { Public } from '../../http/organiser.guard';
import { closedIsShown } from '../personal-pages/closed-is-shown';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import { sendPage } from '../../pages/page';
import { pageLanguage, PersonalPages, type Opened } from '../personal-pages/personal-pages.service';
import { typedNominations, type TypedNominations } from './nomination-form';
import { nominationPage, type NominationProblems } from './nomination.page';

/** What a focal point's link opens: the delegation, whom they nominated, and the form to nominate with. */
@ApiExcludeController()
@Public()
@Controller('n/:key')
export class NominationPageController {
  constructor(
    private readonly pages: PersonalPages,
    private readonly dialogues: DialogueReader,
    private readonly nominations: NominationsService,
    private readonly substitutions: SubstitutionsService,
  ) {}

  @Get()
  async show(
    @Param('key') key: string,
    @Query()
    {
      lang,
      nominated,
      removed,
      undecided,
    }: { lang?: string; nominated?: string; removed?: string; undecided?: string },
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const done = { nominated: count(nominated), removed: count(removed) };
    await this.send(reply, await this.pages.delegation(key, request, reply), lang, { done, undecided });
  }

  /** Nominates everyone in the form, or nobody. */
  @Post('nominations')
  async nominate(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.delegation(key, request, reply);
    const typed = typedNominations(body);
    if (typed.inputs.length === 0) {
      await this.send(reply, opened, asked, { typed, problems: { code: 'empty' } }, 422);
      return;
    }
    const outcome = await closedIsShown(
      this.nominations.nominate('focal_point', opened.own.id, typed.inputs),
    );
    if (outcome?.done === false) {
      await this.send(reply, opened, asked, { typed, problems: outcome }, 422);
      return;
    }
    await reply.redirect(
      outcome ? `${opened.next}?nominated=${outcome.invitationIds.length}` : opened.next,
      303,
    );
  }

  /** Takes one nominee off again. */
  @Post('removals')
  async remove(
    @Param('key') key: string,
    @Body() body: { nominee?: unknown } | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.delegation(key, request, reply);
    const ids = typeof body?.nominee === 'string' ? [body.nominee] : [];
    const outcome = await closedIsShown(this.nominations.remove('focal_point', opened.own.id, ids));
    await reply.redirect(outcome?.removed ? `${opened.next}?removed=${outcome.removed}` : opened.next, 303);
  }

  private async send(
    reply: FastifyReply,
    opened: Opened<OwnDelegation>,
    asked: string | undefined,
    form: {
      done?: { nominated: number; removed: number };
      typed?: TypedNominations;
      problems?: NominationProblems;
      undecided?: string;
    },
    status = 200,
  ): Promise<void> {
    const { own } = opened;
    const [shown, proposals] = await Promise.all([
      this.dialogues.find({ id: own.dialogueId }),
      this.substitutions.proposedIn(own.id),
    ]);
    const language = pageLanguage(asked, own.focalPoint.language, shown.dialogue.workingLanguages);
    await sendPage(reply, nominationPage({ language, opened, shown, proposals, ...form }), status);
  }
}

function count(given: string | undefined): number {
  return /^\d{1,3}$/.test(given ?? '') ? Number(given) : 0;
}
