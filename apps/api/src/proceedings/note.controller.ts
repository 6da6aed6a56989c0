import { Body, Controller, Get, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Environment } from '@app/platform';
import { Notes } from '@app/proceedings';
import { IfMatch, RequiredIfMatch, setETag } from '../http/etag';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { Replays } from '../http/replay';
import { sendPage } from '../pages/page';
import {
  CommitmentsAnswer,
  commitmentsAnswer,
  NoteAnswer,
  noteAnswer,
  NoteDto,
  NotePublicationAnswer,
  toContent,
} from './dto/note.dto';
import { noteLanguage } from './note-language';
import { NotePage } from './views/note.page';

/** The note for file: what was said, by whom, in which capacity. */
@ApiTags('note')
@Controller('v1/dialogues/:id')
export class NoteController {
  constructor(
    private readonly notes: Notes,
    private readonly environment: Environment,
  ) {}

  /** The note as it stands. */
  @Get('note')
  async read(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NoteAnswer> {
    const note = await this.notes.read(organiserId, id);
    setETag(reply, note.version);
    return noteAnswer(note);
  }

  /** Replaces the note, until it is published. */
  @Put('note')
  async write(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: NoteDto,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NoteAnswer> {
    const note = await this.notes.write(organiserId, id, toContent(body), expected);
    setETag(reply, note.version);
    return noteAnswer(note);
  }

  /** The page as it will be, or is; `?lang=` chooses its language. */
  @Get('note/preview')
  @ApiProduces('text/html')
  async preview(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const note = await this.notes.preview(organiserId, id);
    const language = noteLanguage(request, note.document.working_languages);
    sendPage(reply, NotePage({ ...note, language, isPreview: true }));
  }

  /** Publishes the note: it is fixed, public, and mailed to every confirmed participant. */
  @Post('note/publication')
  @Replays<NotePublicationAnswer>('published_at', 'queued')
  @HttpCode(201)
  async publish(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: number | undefined,
  ): Promise<NotePublicationAnswer> {
    const { publishedAt, queued, slug } = await this.notes.publish(organiserId, id, expected);
    const url = new URL(`/d/${slug}/note`, this.environment.PUBLIC_URL).toString();
    return { published_at: publishedAt.toISOString(), url, queued };
  }

  /** Every promise that the note records, in the order of the note. */
  @Get('commitments')
  async commitments(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<CommitmentsAnswer> {
    return commitmentsAnswer(await this.notes.commitments(organiserId, id));
  }
}
