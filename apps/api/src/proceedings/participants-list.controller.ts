import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { readerLanguage } from '@app/mail';
import { writeSheet, XLSX } from '@app/participants';
import { ParticipantsLists } from '@app/proceedings';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { sendFile } from '../http/send-file';
import { ParticipantsListQuery } from './dto/participants-list.dto';
import { listAsSheet, listInWords } from './views/participants-list';
import { listAsPdf } from './views/participants-list.pdf';
import { listWithWords } from './views/people-in-words';

@ApiTags('participants')
@Controller('v1/dialogues/:id')
export class ParticipantsListController {
  constructor(private readonly lists: ParticipantsLists) {}

  /**
   * The list of participants by mechanism, to hand out or to file: as PDF, as an XLSX workbook or as JSON.
   *
   * Until the dialogue is over it names the confirmed who agreed to be listed before it; then those who took part and
   * agreed to be listed before or after it. Nobody else is ever on it. Once the note is published, it is the note's annex.
   */
  @Get('participants-list')
  @ApiProduces('application/pdf', XLSX, 'application/json')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async read(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Query() { format, language: asked }: ParticipantsListQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.lists.forOrganiser(organiserId, dialogueId);
    const { slug, workingLanguages } = found.dialogue;
    const language = asked ?? readerLanguage(workingLanguages[0]!, workingLanguages);
    const list = listWithWords(found, language);
    const name = `${slug}-list-of-participants-${language}.${format}`;
    switch (format) {
      case 'pdf':
        return sendFile(reply, name, 'application/pdf', await listAsPdf(listInWords(list, language)));
      case 'xlsx':
        return sendFile(reply, name, XLSX, await writeSheet(listAsSheet(list, language)));
      case 'json': {
        const { mechanisms, groups } = list.annex;
        const written = { title: list.dialogue.title, language, over: list.over, mechanisms, groups };
        return sendFile(reply, name, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(written)));
      }
    }
  }
}
