import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  nameProblem,
  CorrectionsService,
  ErasuresService,
  mayRename,
  PersonalCodes,
  PersonalDataService,
  type OwnRegistration,
  type ProvenCode,
} from '@app/participants';
import { isAddress, oneLine, plainAddress, Problem } from '@app/platform';
import { Public } from '../../http/organiser.guard';
import { RetryLater } from '../../http/problems';
import { RateLimits } from '../../http/rate-limits';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import { sendPage } from '../../pages/page';
import type { FormErrors, FormValues } from '../../pages/form';
import { pageLanguage, PersonalPages, type Opened } from '../personal-pages/personal-pages.service';
import { personalDataPage, type DataForm } from './personal-data.page';

/** What was typed into one of the forms. */
type Typed = Record<string, unknown> | undefined;

/**
 * Somebody's own data: a file, correction, erasure. A link may have been forwarded, so each needs a code that is mailed to
 * the address on file (design, idea 8).
 */
@ApiExcludeController()
@Public()
@Controller('r/:key')
export class PersonalDataPageController {
  constructor(
    private readonly pages: PersonalPages,
    private readonly dialogues: DialogueReader,
    private readonly codes: PersonalCodes,
    private readonly personalData: PersonalDataService,
    private readonly corrections: CorrectionsService,
    private readonly erasures: ErasuresService,
    private readonly limits: RateLimits,
  ) {}

  @Get('data')
  async show(
    @Param('key') key: string,
    @Query() { lang, sent, corrected }: { lang?: string; sent?: string; corrected?: string },
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    const said = corrected !== undefined ? 'corrected' : sent !== undefined ? 'sent' : null;
    await this.send(reply, opened, lang, { said });
  }

  /** Mails a code. */
  @Post('code')
  async mailCode(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    if (await this.codes.send(opened.own.id)) {
      await reply.redirect(here(opened, asked, '&sent'), 303);
      return;
    }
    await this.send(reply, opened, asked, { said: 'limit' }, 429);
  }

  /** Everything held about them for this dialogue, as a file. */
  @Post('data')
  async file(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: Typed,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    await this.withCode(reply, opened, asked, 'file', body, async (code) => {
      const data = await this.personalData.file(opened.own.id, code);
      await reply
        .status(200)
        .type('application/json; charset=utf-8')
        .header('content-disposition', `attachment; filename="${data.dialogue.slug}-my-data.json"`)
        .header('cache-control', 'no-store')
        .header('referrer-policy', 'no-referrer')
        .send(JSON.stringify(data, null, 2));
    });
  }

  /** Corrects the name now, and the address once a code that goes there is typed, too. */
  @Post('correction')
  async correct(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: Typed,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    // Where a name is not for themselves to change any more, the form does not ask for it.
    const name = typeof body?.name === 'string' ? oneLine(text(body, 'name')) : opened.own.name;
    const email = plainAddress(text(body, 'new_email')) || null;
    const wrong = name === opened.own.name ? null : nameProblem(name);
    const errors: FormErrors = {
      ...(!name && { name: 'required' }),
      ...(wrong && { name: wrong }),
      ...(email && !isAddress(email) && { new_email: 'email_invalid' }),
    };
    if (Object.keys(errors).length > 0) {
      await this.send(
        reply,
        opened,
        asked,
        { wrong: { form: 'correct', values: values(body), errors } },
        422,
      );
      return;
    }
    await this.withCode(reply, opened, asked, 'correct', body, async (code) => {
      const done = await this.limits.naming(opened.own.id, () =>
        this.corrections.correct(opened.own.id, code, { name: name!, email }),
      );
      await reply.redirect(here(opened, asked, done === 'corrected' ? '&corrected' : ''), 303);
    });
  }

  /** The new address is theirs. */
  @Post('address')
  async confirmAddress(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: Typed,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    await this.withCode(reply, opened, asked, 'address', body, async (code) => {
      await this.limits.naming(opened.own.id, () => this.corrections.confirmAddress(opened.own.id, code));
      await reply.redirect(here(opened, asked, '&corrected'), 303);
    });
  }

  /** Erases everything personal, and ends on a page that is nobody's. */
  @Post('erasure')
  async erase(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Body() body: Typed,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    const { dialogue } = await this.dialogues.find({ id: opened.own.dialogueId });
    await this.withCode(reply, opened, asked, 'erase', body, async (code) => {
      await this.erasures.byPerson(opened.own.id, code);
      const language = pageLanguage(asked, opened.own.data.language, dialogue.workingLanguages);
      reply.clearCookie('link', { path: opened.address });
      await reply.redirect(`/d/${dialogue.slug}/erased?lang=${language}`, 303);
    });
  }

  /** Does it with the code that was typed; what is wrong stands on the page, with what was typed. */
  private async withCode(
    reply: FastifyReply,
    opened: Opened<OwnRegistration>,
    asked: string | undefined,
    form: DataForm,
    body: Typed,
    work: (code: ProvenCode) => Promise<void>,
  ): Promise<void> {
    const code = await this.codes.prove(
      opened.own.id,
      text(body, 'code'),
      form === 'address' ? 'new_address' : 'address_on_file',
    );
    const wrong = (errors: FormErrors) =>
      this.send(reply, opened, asked, { wrong: { form, values: values(body), errors } }, 422);
    if (!code) {
      await wrong({ code: text(body, 'code') === '' ? 'required' : 'code_wrong' });
      return;
    }
    try {
      await work(code);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error instanceof RetryLater) {
        const errors = { [form === 'address' ? 'code' : 'name']: error.code };
        reply.header('retry-after', String(error.afterSeconds));
        await this.send(reply, opened, asked, { wrong: { form, values: values(body), errors } }, 429);
      } else if (error.code === 'too_many_codes') {
        await this.send(reply, opened, asked, { said: 'limit' }, 429);
      } else if (['code_wrong', 'taken', 'name_closed'].includes(error.code)) {
        // The form of a new address has but the code.
        await wrong({ [form === 'address' ? 'code' : error.errors[0]!.field]: error.code });
      } else throw error;
    }
  }

  private async send(
    reply: FastifyReply,
    opened: Opened<OwnRegistration>,
    asked: string | undefined,
    shown: {
      said?: 'sent' | 'corrected' | 'limit' | null;
      wrong?: { form: DataForm; values: FormValues; errors: FormErrors };
    },
    status = 200,
  ): Promise<void> {
    const { own } = opened;
    const [{ dialogue, over }, mailbox] = await Promise.all([
      this.dialogues.find({ id: own.dialogueId }),
      this.codes.mailbox(own.id),
    ]);
    const language = pageLanguage(asked, own.data.language, dialogue.workingLanguages);
    const page = personalDataPage({
      language,
      opened,
      dialogue,
      mayRename: mayRename({ ...dialogue, over }, own.state),
      mailbox,
      said: shown.said ?? null,
      wrong: shown.wrong ?? null,
    });
    await sendPage(reply, page, status);
  }
}

/** The page itself, in the same language. */
function here({ next }: Opened<OwnRegistration>, asked: string | undefined, flag: string): string {
  const query = `${asked ? `lang=${encodeURIComponent(asked)}` : ''}${flag}`.replace(/^&/, '');
  return `${next}/data${query && `?${query}`}`;
}

function text(body: Typed, field: string): string {
  const value = body?.[field];
  return typeof value === 'string' ? value.trim() : '';
}

/** What was typed, but for the code: it is used up or wrong. */
function values(body: Typed): FormValues {
  return {
    ...(typeof body?.name === 'string' && { name: text(body, 'name') }),
    new_email: text(body, 'new_email'),
  };
}
