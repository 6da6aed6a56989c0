import { Body, Controller, Get, Param, Put, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DELEGATION_ROLES, DialoguePlacesService } from '@app/participants';
import { RequiredIfMatch, setETag } from '../http/etag';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { PlacesAnswer, PlacesDto } from './dto/places.dto';

@ApiTags('dialogues')
@Controller('v1/dialogues/:id/places')
export class PlacesController {
  constructor(private readonly dialoguePlaces: DialoguePlacesService) {}

  /** How many may take part, at every level, and how many places are taken and kept. */
  @Get()
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlacesAnswer> {
    const { limits, version } = await this.dialoguePlaces.levels(organiserId, id);
    setETag(reply, version);
    const places = (scope: string, of: { attends?: string; role?: string } = {}): number | null =>
      limits.find(
        (limit) =>
          limit.delegationId === null &&
          limit.scope === scope &&
          limit.attends === (of.attends ?? null) &&
          limit.role === (of.role ?? null),
      )?.places ?? null;
    return {
      places: places('dialogue'),
      in_person: places('attendance', { attends: 'in_person' }),
      virtual: places('attendance', { attends: 'virtual' }),
      roles: Object.fromEntries(DELEGATION_ROLES.map((role) => [role, places('role', { role })])),
      limits: limits.map(({ scope, attends, delegationId, role, places: all, taken, reserved }) => ({
        scope,
        attends,
        delegation_id: delegationId,
        role,
        places: all,
        taken,
        reserved,
      })),
    };
  }

  /**
   * Sets how many may take part. With more places those who wait move up; fewer than are held or kept for delegations are
   * refused, saying who is over, and nothing is changed.
   */
  @Put()
  async set(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() { places = null, in_person = null, virtual = null, roles = {} }: PlacesDto,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlacesAnswer> {
    const { head_of_delegation = null, member = null, adviser = null, observer = null } = roles;
    await this.dialoguePlaces.setLevels(
      organiserId,
      id,
      {
        places,
        attendance: { in_person, virtual },
        roles: { head_of_delegation, member, adviser, observer },
      },
      expected,
    );
    return this.get(organiserId, id, reply);
  }
}
