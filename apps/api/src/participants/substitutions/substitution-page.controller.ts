import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readSubstitute, SubstitutionsService, type OwnRegistration } from '@app/participants';
import { Problem } from '@app/platform';
import { Public } from '../../http/organiser.guard';
import { RetryLater } from '../../http/problems';
import { RateLimits } from '../../http/rate-limits';
import type { FormErrors, FormValues } from '../../pages/form';
import { sendPage } from '../../pages/page';
import { closedIsShown } from '../personal-pages/closed-is-shown';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import { pageLanguage, PersonalPages, type Opened } from '../personal-pages/personal-pages.service';
import { substitutionPage, typedSubstitute } from './substitution';

/** A delegate names who comes in their place. */
@ApiExcludeController()
@Public()
@Controller('r/:key/substitution')
export class SubstitutionPageController {
  constructor(
    private readonly pages: PersonalPages,
    private readonly dialogues: DialogueReader,
    private readonly limits: RateLimits,
    private readonly substitutions: SubstitutionsService,
  ) {}

  @Get()
  async show(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    await this.send(reply, opened, asked, {}, {});
  }

  @Post()
  async propose(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: Record<string, unknown> | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    const { own, next } = opened;
    const values = typedSubstitute(body);
    const { data, errors } = readSubstitute(values);
    if (errors.length > 0) {
      const codes = Object.fromEntries(errors.map(({ field, code }) => [field, code]));
      await this.send(reply, opened, asked, values, codes, 422);
      return;
    }
    try {
      await closedIsShown(this.limits.naming(own.id, () => this.substitutions.propose(own.id, data)));
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
      // Closed by now, or the seat is gone: the page of the registration says how it stands.
    }
    await reply.redirect(next, 303);
  }

  private async send(
    reply: FastifyReply,
    opened: Opened<OwnRegistration>,
    asked: string | undefined,
    values: FormValues,
    errors: FormErrors,
    status = 200,
  ): Promise<void> {
    const { own } = opened;
    const [shown, substitution] = await Promise.all([
      this.dialogues.find({ id: own.dialogueId }),
      this.substitutions.own(own.id),
    ]);
    const language = pageLanguage(asked, own.data.language, shown.dialogue.workingLanguages);
    const page = substitutionPage({
      language,
      opened,
      shown,
      substitution,
      values: { language: own.data.language, ...values },
      errors,
    });
    await sendPage(reply, page, status);
  }
}
