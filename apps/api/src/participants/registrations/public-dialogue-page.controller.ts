import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { DataSource } from 'typeorm';
import { isLanguage, type Language } from '@app/mail';
import { askingOf, mayRegister, RegistrationsService } from '@app/participants';
import { CalendarFeeds } from '@app/notifications';
import { Notes } from '@app/proceedings';
import { requestLanguage } from '../../http/language';
import { Public } from '../../http/organiser.guard';
import { RateLimits } from '../../http/rate-limits';
import { DialogueReader, type ShownDialogue } from '../personal-pages/dialogue-reader.service';
import { PublicDialogues } from './public-dialogues.service';
import { publicDialoguePage, registrationReceivedPage } from './public-dialogue.page';
import { originOf } from '../../http/request-context';
import { PAGE_HEADERS, sendPage, writePage } from '../../pages/page';
import { readNewcomersForm } from '../forms/registration-forms';
import { askedInForm } from '../forms/question-fields';
import type { FormErrors, FormValues } from '../../pages/form';

/** The public page of a dialogue, and registering there where its link is open. */
@ApiExcludeController()
@Public()
@Controller('d/:slug')
export class PublicDialoguePageController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialogueReader,
    private readonly registrations: RegistrationsService,
    private readonly limits: RateLimits,
    private readonly notes: Notes,
    private readonly publicDialogues: PublicDialogues,
    private readonly feeds: CalendarFeeds,
  ) {}

  @Get()
  async show(
    @Param('slug') slug: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const language = languageOf(asked, request);
    await this.publicDialogues.answer(
      request,
      reply,
      { slug, form: language, headers: PAGE_HEADERS },
      async (over) => {
        const shown = await this.dialogues.find({ slug });
        const empty = { language, time_zone: shown.dialogue.timeZone };
        return writePage(await this.page(language, { ...shown, over }, empty, {}));
      },
    );
  }

  @Post('registrations')
  async register(
    @Param('slug') slug: string,
    @Query('lang') asked: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const shown = await this.dialogues.find({ slug });
    const language = languageOf(asked, request);
    const asking = await askingOf(this.dataSource, { dialogueId: shown.dialogue.id });
    const { name, email, data, errors, values, alongside } = readNewcomersForm(body, {
      known: unknownPerson(shown),
      asking,
      asksAttends: asking.venue === 'hybrid',
    });
    if (mayRegister({ ...shown.dialogue, over: shown.over })) {
      if (errors.length > 0) {
        const byField = Object.fromEntries(errors.map(({ field, code }) => [field, code]));
        await sendPage(reply, await this.page(language, shown, values, byField), 422);
        return;
      }
      await this.limits.registers(shown.dialogue.id, originOf(request));
      await this.registrations.request(
        slug,
        { name, email, ...data },
        (address) => this.limits.mayMail('registration', address, name),
        alongside,
      );
      await reply.redirect(`/d/${slug}/registrations?lang=${language}`, 303);
      return;
    }
    // The page says why nobody can register now.
    await sendPage(reply, await this.page(language, shown, values, {}), 409);
  }

  /** After the form: the same for everybody. */
  @Get('registrations')
  async received(
    @Param('slug') slug: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const shown = await this.dialogues.find({ slug });
    await sendPage(reply, registrationReceivedPage(languageOf(asked, request), shown));
  }

  private async page(
    language: Language,
    shown: ShownDialogue,
    values: FormValues,
    errors: FormErrors,
  ): Promise<VNode> {
    const unknown = unknownPerson(shown);
    const [asking, hasNote] = await Promise.all([
      askingOf(this.dataSource, { dialogueId: shown.dialogue.id }),
      this.notes.isPublished(shown.dialogue.id),
    ]);
    return publicDialoguePage({
      language,
      shown,
      values,
      errors,
      mechanisms: asking.mechanisms,
      asked: askedInForm(asking, { asksAttends: asking.venue === 'hybrid', data: unknown }, shown.dialogue),
      hasNote,
      feedUrl: this.feeds.addressOfDialogue(shown.dialogue.slug),
    });
  }
}

/** What is known of somebody of whom nothing is known. */
export function unknownPerson({ dialogue }: Pick<ShownDialogue, 'dialogue'>) {
  return {
    honorific: null,
    functionalTitle: null,
    affiliation: null,
    country: null,
    mechanismId: null,
    capacity: null,
    language: dialogue.workingLanguages[0]!,
    timeZone: dialogue.timeZone,
    attends: null,
    consentToBeListed: 'never' as const,
  };
}

function languageOf(asked: string | undefined, request: FastifyRequest): Language {
  return asked && isLanguage(asked) ? asked : requestLanguage(request);
}
