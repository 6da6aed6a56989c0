import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvitationSubstitutes, readSubstitute, type OwnInvitation } from '@app/participants';
import { Problem } from '@app/platform';
import { Public } from '../../http/organiser.guard';
import { RetryLater } from '../../http/problems';
import { RateLimits } from '../../http/rate-limits';
import type { FormErrors, FormValues } from '../../pages/form';
import { sendPage } from '../../pages/page';
import { closedIsShown } from '../personal-pages/closed-is-shown';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import { pageLanguage, PersonalPages, type Opened } from '../personal-pages/personal-pages.service';
import { declineForPage, typedSubstitute } from './substitution';

/** Someone who is invited declines and says who could come instead. */
@ApiExcludeController()
@Public()
@Controller('i/:key/substitution')
export class InvitationSubstitutionController {
  constructor(
    private readonly pages: PersonalPages,
    private readonly dialogues: DialogueReader,
    private readonly limits: RateLimits,
    private readonly substitutes: InvitationSubstitutes,
  ) {}

  @Get()
  async show(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.send(reply, await this.pages.invitation(key, request, reply), asked, {}, {});
  }

  @Post()
  async decline(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: Record<string, unknown> | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.invitation(key, request, reply);
    const values = typedSubstitute(body);
    const { data, errors } = readSubstitute(values);
    if (errors.length > 0) {
      const codes = Object.fromEntries(errors.map(({ field, code }) => [field, code]));
      await this.send(reply, opened, asked, values, codes, 422);
      return;
    }
    try {
      await closedIsShown(
        this.limits.naming(opened.own.id, () => this.substitutes.declineFor(opened.own.id, data)),
      );
    } catch (error) {
      if (error instanceof RetryLater) {
        reply.header('retry-after', String(error.afterSeconds));
        await this.send(reply, opened, asked, values, { name: error.code }, 429);
        return;
      }
      if (!(error instanceof Problem) || error.status !== 409) throw error;
      if (error.code === 'substitute_registered') {
        await this.send(reply, opened, asked, values, { name: error.code }, 422);
        return;
      }
      // Closed by now, or answered: the page of the invitation says how it stands.
    }
    await reply.redirect(opened.next, 303);
  }

  private async send(
    reply: FastifyReply,
    opened: Opened<OwnInvitation>,
    asked: string | undefined,
    values: FormValues,
    errors: FormErrors,
    status = 200,
  ): Promise<void> {
    const { own } = opened;
    const shown = await this.dialogues.find({ id: own.dialogueId });
    const language = pageLanguage(asked, own.data.language, shown.dialogue.workingLanguages);
    const page = declineForPage({
      language,
      opened,
      shown,
      values: { language: own.data.language, ...values },
      errors,
    });
    await sendPage(reply, page, status);
  }
}
