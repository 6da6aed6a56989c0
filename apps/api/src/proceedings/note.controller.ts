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
  NoteNamesAnswer,
  noteNamesAnswer,
  NotePublicationAnswer,
  NotePublicationPreviewAnswer,
  notePublicationPreviewAnswer,
  toContent,
} from './dto/note.dto';
import { noteLanguage } from './note-language';
import { NotePage } from './views/note.page';
import { noteInWords } from './views/people-in-words';

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
    sendPage(reply, NotePage({ ...noteInWords(note, language), language, isPreview: true }));
  }

  /**
   * What publishing the note would do now: how attendance was kept and whom that leaves out of the annex, who speaks in the
   * note and is missing there, and how many get a mail. Changes nothing.
   */
  @Get('note/publication')
  async publicationPreview(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<NotePublicationPreviewAnswer> {
    return notePublicationPreviewAnswer(await this.notes.publicationPreview(organiserId, id));
  }

  /**
   * Publishes the note, from the end of the dialogue on: note and annex are frozen, public, and mailed to every confirmed
   * participant. From then on a name in them is only ever replaced: in both by an erasure, and in the annex also by taking
   * back the consent to be listed. The end of the retention changes nothing.
   */
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

  /**
   * Every name in the published note and its annex, for owners of the dialogue: to find the one that somebody asks to have
   * erased who has no registration, or none any more (`POST /v1/note-names/{id}/erasure`).
   */
  @Get('note/names')
  async names(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<NoteNamesAnswer> {
    return noteNamesAnswer(await this.notes.names(organiserId, id));
  }

  /** Every promise that the note records, in the order of the note. */
  @Get('commitments')
  async commitments(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<CommitmentsAnswer> {
    const { made, workingLanguages } = await this.notes.commitments(organiserId, id);
    return commitmentsAnswer(made, workingLanguages);
  }
}
