import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RetentionService, type Purge } from '@app/participants';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays } from '../../http/replay';
import { PurgeAnswer } from './privacy.dto';

@ApiTags('privacy')
@Controller('v1/dialogues/:id/purge')
export class PurgesController {
  constructor(private readonly retention: RetentionService) {}

  /** What removing the personal data of the dialogue would remove now. Changes nothing. */
  @Get()
  async preview(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
  ): Promise<PurgeAnswer> {
    return toAnswer(await this.retention.preview(organiserId, dialogueId));
  }

  /**
   * Removes the personal data of a dialogue that is over, without waiting for its retention to end; tells what it
   * removed. Counts, times and attendance stay. A published note stays as it is, with the names in it; a note that is not
   * published yet can no longer list anybody whose data are removed.
   */
  @Post()
  @Replays<PurgeAnswer>('retention_days', 'due_at', 'purged_at', 'over', 'counts')
  @HttpCode(200)
  async purge(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
  ): Promise<PurgeAnswer> {
    return toAnswer(await this.retention.purge(organiserId, dialogueId));
  }
}

function toAnswer({ retentionDays, dueAt, purgedAt, over, counts }: Purge): PurgeAnswer {
  return { retention_days: retentionDays, due_at: dueAt, purged_at: purgedAt, over, counts };
}
