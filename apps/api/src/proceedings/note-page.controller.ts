import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languages } from '@app/mail';
import { Problem } from '@app/platform';
import { Notes } from '@app/proceedings';
import { Public } from '../http/organiser.guard';
import { sendPage } from '../pages/page';
import { noteLanguage } from './note-language';
import { NotePage } from './views/note.page';
import { noteInWords } from './views/people-in-words';

/** The published note, for everybody. */
@ApiExcludeController()
@Public()
@Controller('d/:slug/note')
export class NotePageController {
  constructor(private readonly notes: Notes) {}

  @Get()
  async show(
    @Param('slug') slug: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const note = await this.notes.published(slug);
    if (!note) throw Problem.notFound('note');
    const links = languages.map((language) => ({ language, href: `?lang=${language}` }));
    const language = noteLanguage(request, note.document.working_languages);
    sendPage(reply, NotePage({ ...noteInWords(note, language), language, languages: links }));
  }
}
