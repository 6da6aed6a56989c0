import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SubstitutionsService } from '@app/participants';
import { decodeCursor, IdPipe, toPage, UUID } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays } from '../../http/replay';
import {
  SubstitutionAnswer,
  SubstitutionRefusal,
  SubstitutionsPage,
  SubstitutionsQuery,
} from './substitution.dto';

/** Who comes in whose place. */
@ApiTags('participants')
@Controller('v1')
export class SubstitutionsController {
  constructor(private readonly substitutions: SubstitutionsService) {}

  /** Substitutes that delegates named, the newest first. */
  @Get('dialogues/:id/substitutions')
  async list(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Query() { limit, cursor, state }: SubstitutionsQuery,
  ): Promise<SubstitutionsPage> {
    const after = decodeCursor(cursor, [/^\d{4}-/, UUID]);
    const rows = await this.substitutions.list(organiserId, dialogueId, { limit, after, state });
    return toPage(
      rows,
      limit,
      (row): SubstitutionAnswer => row,
      (row) => [row.created_at.toISOString(), row.id],
    );
  }

  /** The seat goes to the substitute, who is asked to accept it; the delegate is told. */
  @Post('substitutions/:id/approval')
  @Replays<SubstitutionAnswer>('id', 'registration_id', 'substitute_id', 'delegation_id', 'decided_at')
  @HttpCode(200)
  approve(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<SubstitutionAnswer> {
    return this.substitutions.decide(organiserId, id, { approve: true });
  }

  /** The delegate keeps the seat, and is told the reason. */
  @Post('substitutions/:id/refusal')
  @Replays<SubstitutionAnswer>('id', 'registration_id', 'substitute_id', 'delegation_id', 'decided_at')
  @HttpCode(200)
  refuse(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { reason }: SubstitutionRefusal,
  ): Promise<SubstitutionAnswer> {
    return this.substitutions.decide(organiserId, id, { approve: false, reason });
  }
}
