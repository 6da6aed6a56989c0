import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DialoguesService } from '@app/dialogues';
import { direction, languages, readerLanguage } from '@app/mail';
import {
  mailLanguage,
  MailPreviews,
  previewedKinds,
  type MailPreview,
  type ShownMail,
} from '@app/notifications';
import { Environment } from '@app/platform';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { ReplaysAgain } from '../http/replay';
import {
  MailPreviewAnswer,
  MailPreviewsAnswer,
  PreviewQuery,
  ShownMailAnswer,
  WordsBody,
  type FormatQuery,
} from './dto/wordings.dto';
import { toWords } from './wordings.controller';

/** A mail is shown as a page that can do nothing: no script, no form, nothing from elsewhere, an origin of its own. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

@ApiTags('mails')
@Controller('v1/dialogues/:id/mail-previews')
export class PreviewsController {
  constructor(
    private readonly dialogues: DialoguesService,
    private readonly previews: MailPreviews,
    private readonly environment: Environment,
  ) {}

  /** Every kind of mail that can be seen before it goes, with an address for each language. */
  @Get()
  async all(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<MailPreviewsAnswer> {
    await this.dialogues.get(organiserId, id);
    const base = `${this.environment.PUBLIC_URL.replace(/\/$/, '')}/v1/dialogues/${id}/mail-previews`;
    return {
      kinds: previewedKinds().map(({ name, ownWords, situations }) => ({
        kind: name,
        adaptable: ownWords !== undefined,
        situations,
        previews: Object.fromEntries(
          languages.map((language) => [language, `${base}/${name}?language=${language}&format=html`]),
        ),
      })),
    };
  }

  /**
   * A mail as it would be, with what is so of the dialogue now; nothing is sent. Its links look as they do and lead
   * nowhere: they are their reader's.
   */
  @Get(':kind')
  async one(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('kind') kind: string,
    @Query() query: PreviewQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MailPreviewAnswer | string> {
    return this.answer(organiserId, id, kind, query, undefined, reply);
  }

  /** The same in words that are not saved, which are judged as if they were. */
  @Post(':kind')
  @ReplaysAgain()
  @HttpCode(200)
  async inWords(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('kind') kind: string,
    @Query() query: PreviewQuery,
    @Body() body: WordsBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MailPreviewAnswer | string> {
    return this.answer(organiserId, id, kind, query, body, reply);
  }

  private async answer(
    organiserId: string,
    id: string,
    kind: string,
    { language, situation, subject_id: subjectId, format }: PreviewQuery,
    body: WordsBody | undefined,
    reply: FastifyReply,
  ): Promise<MailPreviewAnswer | string> {
    const { workingLanguages } = await this.dialogues.get(organiserId, id);
    const preview = await this.previews.preview(organiserId, id, kind, {
      language: language === undefined ? readerLanguage('', workingLanguages) : mailLanguage(language),
      situation,
      subjectId,
      words: body && toWords(body),
    });
    return shownAs(reply, format, preview, toPreviewAnswer(preview));
  }
}

function toPreviewAnswer({ kind, situation, in_own_words, notes, ...shown }: MailPreview): MailPreviewAnswer {
  return { kind, situation, in_own_words, notes, ...toShownAnswer(shown) };
}

export function toShownAnswer(shown: ShownMail): ShownMailAnswer {
  return { ...shown, dir: direction(shown.language) };
}

/** A part of a mail as it is, or the answer that holds them all; kept nowhere on its way. */
export function shownAs<Answer>(
  reply: FastifyReply,
  format: FormatQuery['format'],
  { html, text, language }: Pick<ShownMail, 'html' | 'text' | 'language'>,
  answer: Answer,
): Answer | string {
  reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  if (format !== 'html' && format !== 'text') return answer;
  reply.header('content-language', language);
  if (format === 'text') {
    reply.type('text/plain; charset=utf-8');
    return text;
  }
  reply.type('text/html; charset=utf-8').header('content-security-policy', MAIL_POLICY);
  return html;
}
