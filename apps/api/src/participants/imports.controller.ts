import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { Problem } from '@app/platform';
import { ImportsService, type ImportPreview } from '@app/participants';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { ImportAnswer, ImportConfirmed } from './dto/import.dto';

@ApiTags('participants')
@Controller('v1')
export class ImportsController {
  constructor(private readonly imports: ImportsService) {}

  /**
   * Reads a list of people to invite and answers what confirming it would do, row by row. Nothing changes yet.
   * CSV in UTF-8 whose first line is `no,honorific,name,title,email,affiliation,country,mechanism,capacity,language,time_zone`.
   */
  @Post('dialogues/:id/imports')
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string' } })
  async preview(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Body() body: unknown,
  ): Promise<ImportAnswer> {
    if (!Buffer.isBuffer(body)) {
      throw new Problem(
        415,
        'unsupported_media_type',
        'Send the list as it is, with Content-Type: text/csv.',
      );
    }
    return toAnswer(await this.imports.preview(organiserId, dialogueId, body));
  }

  /** The preview again. */
  @Get('imports/:id')
  async find(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) importId: string,
  ): Promise<ImportAnswer> {
    return toAnswer(await this.imports.find(organiserId, importId));
  }

  /** Does what the preview says: people into the directory, and onto the dialogue's list to be invited. Once. */
  @Post('imports/:id/confirmation')
  confirm(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) importId: string,
  ): Promise<ImportConfirmed> {
    return this.imports.confirm(organiserId, importId);
  }
}

function toAnswer({ id, counts, ignoredColumns, rows, confirmedAt }: ImportPreview): ImportAnswer {
  return {
    id,
    counts,
    ignored_columns: ignoredColumns,
    rows: rows.map(({ line, verdict, remarks, changes, person, invited }) => ({
      line,
      verdict,
      remarks,
      changes,
      person,
      invited,
    })),
    confirmed_at: confirmedAt,
  };
}
