import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PersonalLinks, RegistrationsService, type OwnInvitation } from '@app/participants';
import { oneLine } from '@app/platform';
import { Public } from '../../http/organiser.guard';
import { closedIsShown } from '../personal-pages/closed-is-shown';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import type { FormErrors, FormValues } from '../../pages/form';
import { invitationPage } from './invitation.page';
import { sendPage } from '../../pages/page';
import { pageLanguage, PersonalPages, type Opened } from '../personal-pages/personal-pages.service';
import { readForm } from '../forms/registration-forms';
import { answerValues, askedInForm } from '../forms/question-fields';
import { valuesOf } from '../forms/registration-form';

/** The most characters of a reason for declining. */
const MOST_OF_A_REASON = 1_000;

/** What a personal invitation opens: look, accept or decline. `key` is the token, or the id with the cookie of the token. */
@ApiExcludeController()
@Public()
@Controller('i/:key')
export class InvitationPageController {
  constructor(
    private readonly pages: PersonalPages,
    private readonly links: PersonalLinks,
    private readonly dialogues: DialogueReader,
    private readonly registrations: RegistrationsService,
  ) {}

  @Get()
  async show(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.send(reply, await this.pages.invitation(key, request, reply), asked);
  }

  /** Accepts, and goes to the page of the registration. */
  @Post('acceptance')
  async accept(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.invitation(key, request, reply);
    const { own } = opened;
    const { data, errors, values, alongside } = readForm(body, {
      known: own.data,
      asking: own.asking,
      asksAttends: own.asksAttends,
      registers: true,
    });
    if (errors.length > 0) {
      await this.send(reply, opened, asked, { values, errors }, 422);
      return;
    }
    const done = await closedIsShown(this.registrations.accept(own, data, alongside));
    const registration = done?.written ?? (await this.links.invitation(opened.token))?.registration;
    const token = registration && this.links.registrationToken(registration);
    await reply.redirect(token ? `/r/${token}` : opened.next, 303);
  }

  /** Declines, with a reason or without; whoever was registered withdraws by it. */
  @Post('declination')
  async decline(
    @Param('key') key: string,
    @Body() body: { reason?: unknown } | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.invitation(key, request, reply);
    const reason = typeof body?.reason === 'string' ? oneLine(body.reason)?.slice(0, MOST_OF_A_REASON) : null;
    await closedIsShown(this.registrations.decline(opened.own.id, reason ?? null));
    await reply.redirect(opened.next, 303);
  }

  private async send(
    reply: FastifyReply,
    opened: Opened<OwnInvitation>,
    asked: string | undefined,
    form?: { values: FormValues; errors: { field: string; code: string }[] },
    status = 200,
  ): Promise<void> {
    const { own } = opened;
    const { asking } = own;
    const shown = await this.dialogues.find({ id: own.dialogueId });
    const errors: FormErrors = Object.fromEntries(
      (form?.errors ?? []).map(({ field, code }) => [field, code]),
    );
    const page = invitationPage({
      language: pageLanguage(asked, own.data.language, shown.dialogue.workingLanguages),
      opened,
      shown,
      values: { ...valuesOf(own.data, asking.mechanisms), ...answerValues(asking), ...form?.values },
      errors,
      asked: askedInForm(asking, own, shown.dialogue),
      mechanisms: asking.mechanisms,
      registrationAddress: own.registration && `/r/${this.links.registrationToken(own.registration)}`,
    });
    await sendPage(reply, page, status);
  }
}
