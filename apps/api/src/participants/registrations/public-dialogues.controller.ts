import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../http/organiser.guard';
import { DialogueReader, type ShownDialogue } from '../personal-pages/dialogue-reader.service';
import { PublicAgenda, PublicDialogueAnswer } from './public-dialogue.dto';
import { PublicDialogues } from './public-dialogues.service';

/** What the page `/d/{slug}` shows to anybody, as JSON. */
@ApiTags('dialogues')
@Public()
@Controller('v1/public/dialogues/:slug')
export class PublicDialoguesController {
  constructor(
    private readonly dialogues: DialogueReader,
    private readonly publicDialogues: PublicDialogues,
  ) {}

  /** What anybody may know of a dialogue that was published. */
  @Get()
  @ApiOkResponse({ type: PublicDialogueAnswer })
  async get(
    @Param('slug') slug: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.answer(request, reply, slug, 'dialogue', publicDialogue);
  }

  /** Its agenda, with the times that follow from the durations. */
  @Get('agenda')
  @ApiOkResponse({ type: PublicAgenda })
  async agenda(
    @Param('slug') slug: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.answer(request, reply, slug, 'agenda', publicAgenda);
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    slug: string,
    form: string,
    read: (shown: ShownDialogue) => object,
  ): Promise<void> {
    const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
    await this.publicDialogues.answer(request, reply, { slug, form, headers }, async (over) =>
      JSON.stringify(read({ ...(await this.dialogues.find({ slug })), over })),
    );
  }
}

function publicDialogue({ dialogue, over }: ShownDialogue): PublicDialogueAnswer {
  const { kind, platform = null, room = null } = dialogue.venue;
  return {
    slug: dialogue.slug,
    state: dialogue.state as PublicDialogueAnswer['state'],
    reason: dialogue.cancellationReason,
    over,
    title: dialogue.title,
    purpose: dialogue.purpose,
    time_zone: dialogue.timeZone,
    ...timesOf(dialogue, dialogue),
    venue: { kind, platform, room },
    hosts: dialogue.hosts,
    working_languages: dialogue.workingLanguages,
    documents: dialogue.documents,
    registration: dialogue.registration,
  };
}

function publicAgenda({ dialogue, sessions }: ShownDialogue): PublicAgenda {
  return {
    sessions: sessions.map((session) => ({
      title: session.title,
      minutes: session.minutes,
      moderator: session.moderator,
      guiding_questions: session.guidingQuestions,
      items: session.items.map((item) => ({
        title: item.title,
        minutes: item.minutes,
        moderator: item.moderator,
        speakers: item.speakers,
        documents: item.documents,
        ...timesOf(dialogue, item),
      })),
      ...timesOf(dialogue, session),
    })),
  };
}

/** None while a new date is looked for: the old one says nothing. */
function timesOf(
  { state }: ShownDialogue['dialogue'],
  { startsAt, endsAt }: { startsAt: Date; endsAt: Date },
): { starts_at: string | null; ends_at: string | null } {
  if (state === 'postponed') return { starts_at: null, ends_at: null };
  return { starts_at: startsAt.toISOString(), ends_at: endsAt.toISOString() };
}
