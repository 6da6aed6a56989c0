import { Body, Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SubstitutionsService, type SubstitutionDecision } from '@app/participants';
import { oneLine, Problem } from '@app/platform';
import { IdPipe } from '../../http/fields';
import { Public } from '../../http/organiser.guard';
import { PersonalPages } from '../personal-pages/personal-pages.service';

/** The most characters of a reason for refusing. */
const MOST_OF_A_REASON = 1_000;

/** A focal point decides on whom the members of their delegation name as substitutes. */
@ApiExcludeController()
@Public()
@Controller('n/:key/substitutions/:id')
export class NominationSubstitutionsController {
  constructor(
    private readonly pages: PersonalPages,
    private readonly substitutions: SubstitutionsService,
  ) {}

  @Post('approval')
  async approve(
    @Param('key') key: string,
    @Param('id', IdPipe) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.decide(key, id, { approve: true }, request, reply);
  }

  /** Without a reason nothing is refused: the page comes back with the form. */
  @Post('refusal')
  async refuse(
    @Param('key') key: string,
    @Param('id', IdPipe) id: string,
    @Body() body: { reason?: unknown } | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const given = typeof body?.reason === 'string' ? oneLine(body.reason) : null;
    const decision = given ? { approve: false as const, reason: given.slice(0, MOST_OF_A_REASON) } : null;
    await this.decide(key, id, decision, request, reply);
  }

  private async decide(
    key: string,
    id: string,
    decision: SubstitutionDecision | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { own, next } = await this.pages.delegation(key, request, reply);
    if (!decision) {
      await reply.redirect(`${next}?undecided=reason`, 303);
      return;
    }
    try {
      await this.substitutions.decideByFocalPoint(own.id, id, decision);
    } catch (error) {
      if (!(error instanceof Problem && error.status === 409)) throw error;
      await reply.redirect(`${next}?undecided=late`, 303);
      return;
    }
    await reply.redirect(next, 303);
  }
}
