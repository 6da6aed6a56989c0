import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  askingOf,
  DoorLinks,
  mayAnswer,
  RegistrationsService,
  SubstitutionsService,
  type OwnRegistration,
  type RegistrationData,
} from '@app/participants';
import { CalendarFeeds } from '@app/notifications';
import { Problem } from '@app/platform';
import { Public } from '../../http/organiser.guard';
import { closedIsShown } from '../personal-pages/closed-is-shown';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import type { FormErrors, FormValues } from '../../pages/form';
import { RateLimits } from '../../http/rate-limits';
import { sendPage } from '../../pages/page';
import { pageLanguage, PersonalPages, type Opened } from '../personal-pages/personal-pages.service';
import { readForm, type ReadForm } from '../forms/registration-forms';
import { answerValues, askedInForm } from '../forms/question-fields';
import { valuesOf } from '../forms/registration-form';
import { registrationPage } from './registration.page';

/** What a registration's personal link opens: look, confirm the address, change, withdraw, come back. */
@ApiExcludeController()
@Public()
@Controller('r/:key')
export class RegistrationPageController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pages: PersonalPages,
    private readonly dialogues: DialogueReader,
    private readonly registrations: RegistrationsService,
    private readonly substitutions: SubstitutionsService,
    private readonly doorLinks: DoorLinks,
    private readonly feeds: CalendarFeeds,
    private readonly limits: RateLimits,
  ) {}

  @Get()
  async show(
    @Param('key') key: string,
    @Query() { lang, saved }: { lang?: string; saved?: string },
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    await this.send(reply, opened, lang, { isSaved: saved !== undefined });
  }

  /** The address is theirs: now the place is taken. */
  @Post('confirmation')
  async confirm(
    @Param('key') key: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { own, next } = await this.pages.registration(key, request, reply);
    const outcome = await closedIsShown(this.registrations.confirmAddress(own.id));
    if (outcome?.isConfirmedNow) await this.limits.confirmed(own.dialogueId, own.id);
    await reply.redirect(next, 303);
  }

  /** Changes their data. */
  @Post()
  async change(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    await this.rewrite(reply, opened, asked, body, { registers: false }, (data, alongside) =>
      this.registrations.change(opened.own.id, data, alongside),
    );
  }

  /** Registers again after having withdrawn. */
  @Post('registration')
  async registerAgain(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    await this.rewrite(reply, opened, asked, body, { registers: true }, (data, alongside) =>
      this.registrations.registerAgain(opened.own.id, data, alongside),
    );
  }

  /** Takes the place that is offered; a substitute tells about themselves with it. */
  @Post('offer-acceptance')
  async acceptOffer(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    const { own, next } = opened;
    if ((await this.substitutions.own(own.id)).standsInFor) {
      await this.rewrite(reply, opened, asked, body, { registers: true }, (data, alongside) =>
        this.registrations.acceptOffer(own.id, data, alongside),
      );
      return;
    }
    await closedIsShown(this.registrations.acceptOffer(own.id, own.data));
    await reply.redirect(next, 303);
  }

  /** Withdraws, or declines the place that is offered. */
  @Post('withdrawal')
  async withdraw(
    @Param('key') key: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { own, next } = await this.pages.registration(key, request, reply);
    await closedIsShown(this.registrations.withdraw(own.id));
    await reply.redirect(next, 303);
  }

  private async rewrite(
    reply: FastifyReply,
    opened: Opened<OwnRegistration>,
    asked: string | undefined,
    body: unknown,
    { registers }: { registers: boolean },
    write: (data: RegistrationData, alongside: ReadForm['alongside']) => Promise<unknown>,
  ): Promise<void> {
    const { own, next } = opened;
    const [{ dialogue, over }, asking] = await Promise.all([
      this.dialogues.find({ id: own.dialogueId }),
      askingOf(this.dataSource, { registrationId: own.id }),
    ]);
    // When the dialogue is over only the consent to be listed is left to change, and nothing else is asked.
    const isOpen = mayAnswer({ ...dialogue, over });
    const { data, errors, values, alongside } = readForm(body, {
      known: own.data,
      asking: isOpen ? asking : { ...asking, questions: [] },
      asksAttends: isOpen && own.asksAttends,
      registers,
    });
    if (errors.length > 0) {
      await this.send(reply, opened, asked, { values, errors }, 422);
      return;
    }
    try {
      const done = await closedIsShown(write(data, alongside));
      await reply.redirect(done && own.state !== 'withdrawn' ? `${next}?saved` : next, 303);
    } catch (error) {
      // No room where they would like to move: shown at the field, and they keep what they have.
      if (!(error instanceof Problem) || error.code !== 'places_full' || error.errors.length === 0)
        throw error;
      await this.send(reply, opened, asked, { values, errors: error.errors }, 422);
    }
  }

  private async send(
    reply: FastifyReply,
    opened: Opened<OwnRegistration>,
    asked: string | undefined,
    form: { isSaved?: boolean; values?: FormValues; errors?: { field: string; code: string }[] },
    status = 200,
  ): Promise<void> {
    const { own } = opened;
    const [shown, asking, substitution] = await Promise.all([
      this.dialogues.find({ id: own.dialogueId }),
      askingOf(this.dataSource, { registrationId: own.id }),
      this.substitutions.own(own.id),
    ]);
    const errors: FormErrors = Object.fromEntries(
      (form.errors ?? []).map(({ field, code }) => [field, code]),
    );
    const page = registrationPage({
      language: pageLanguage(asked, own.data.language, shown.dialogue.workingLanguages),
      opened,
      shown,
      values: { ...valuesOf(own.data, asking.mechanisms), ...answerValues(asking), ...form.values },
      errors,
      asked: askedInForm(asking, own, shown.dialogue),
      mechanisms: asking.mechanisms,
      isSaved: form.isSaved ?? false,
      substitution,
      codeUrl: this.doorLinks.checkIn(own),
      joinPath: this.doorLinks.joinPath(own),
      feedUrl: this.feeds.addressOf(own),
    });
    await sendPage(reply, page, status);
  }
}
