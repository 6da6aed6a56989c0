import { Body, Controller, Get, Param, Put, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Questions, type AskedQuestions } from '@app/participants';
import { RequiredIfMatch, setETag } from '../../http/etag';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { QuestionsAnswer, QuestionsBody, QuestionsQuery } from './question.dto';

@ApiTags('participants')
@Controller('v1')
export class QuestionsController {
  constructor(private readonly questions: Questions) {}

  /** What the dialogue asks of whoever registers. */
  @Get('dialogues/:id/questions')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QuestionsAnswer> {
    return answer(reply, await this.questions.get(organiserId, id));
  }

  /**
   * Sets what the dialogue asks. Questions are matched by code, so that answers survive an edit.
   *
   * A question that has answers neither goes nor changes its kind (409 `answers_would_be_lost`), unless
   * `discard_answers=true` says that they may go with it.
   */
  @Put('dialogues/:id/questions')
  async replace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Query() { discard_answers }: QuestionsQuery,
    @Body() { questions }: QuestionsBody,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QuestionsAnswer> {
    return answer(
      reply,
      await this.questions.replace(organiserId, id, questions, expected, {
        discardAnswers: discard_answers ?? false,
      }),
    );
  }

  /** The file that someone answered with, to be saved. Of a sensitive question only for those who may see what is. */
  @Get('registrations/:id/answers/:code/file')
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async file(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('code') code: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { name, mediaType, content } = await this.questions.file(organiserId, id, code);
    // It came from anybody: saved and never shown, whatever a browser makes of it (RFC 6266).
    const plain = name.replace(/[^\w. -]/g, '_');
    await reply
      .type(mediaType)
      .header(
        'content-disposition',
        `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escapeByte)}`,
      )
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "default-src 'none'; sandbox")
      .header('cache-control', 'no-store')
      .send(content);
  }
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function answer(reply: FastifyReply, { questions, version }: AskedQuestions): QuestionsAnswer {
  setETag(reply, version);
  return {
    questions: questions.map((question) => ({
      code: question.code,
      kind: question.kind,
      label: question.label,
      help: question.help,
      options: question.options,
      required: question.required,
      asked_if: question.askedIf,
      sensitive: question.sensitive,
      purge_on: question.purgeOn,
      purged_at: question.purgedAt,
      file_types: question.fileTypes,
      file_bytes: question.fileBytes,
    })),
  };
}
