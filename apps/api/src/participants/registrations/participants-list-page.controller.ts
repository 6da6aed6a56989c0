import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '@app/platform';
import { ParticipantsLists } from '@app/proceedings';
import { Public } from '../../http/organiser.guard';
import { sendPage } from '../../pages/page';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import { pageLanguage, PersonalPages } from '../personal-pages/personal-pages.service';
import { participantsListPage } from './participants-list.page';

/** Who else takes part, for the confirmed: those who agreed to be listed, and nobody else. */
@ApiExcludeController()
@Public()
@Controller('r/:key/participants')
export class ParticipantsListPageController {
  constructor(
    private readonly pages: PersonalPages,
    private readonly dialogues: DialogueReader,
    private readonly lists: ParticipantsLists,
  ) {}

  @Get()
  async show(
    @Param('key') key: string,
    @Query('lang') asked: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const opened = await this.pages.registration(key, request, reply);
    const { own } = opened;
    // For whoever is not confirmed there is nothing at this address.
    if (own.state !== 'confirmed') throw Problem.notFound('page');
    await this.dialogues.find({ id: own.dialogueId });
    const list = await this.lists.of(own.dialogueId);
    const language = pageLanguage(asked, own.data.language, list.dialogue.workingLanguages);
    await sendPage(reply, participantsListPage({ language, opened, list }));
  }
}
