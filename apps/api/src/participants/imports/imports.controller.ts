import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '@app/platform';
import { ImportsService, XLSX, type ImportPreview, type RowsPage } from '@app/participants';
import { RequiredIfMatch, setETag } from '../../http/etag';
import { decodeCursor, encodeCursor, IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays, ReplaysLocation } from '../../http/replay';
import {
  ImportAnswer,
  ImportConfirmed,
  ImportMappingAnswer,
  ImportMappingInput,
  ImportQuery,
  ImportRowsQuery,
  ImportUndoInput,
  ImportUndone,
} from './import.dto';

@ApiTags('participants')
@Controller('v1')
export class ImportsController {
  constructor(private readonly imports: ImportsService) {}

  /**
   * Reads a list of people to invite and answers what confirming it would do, row by row. Nothing changes yet, and
   * nothing is ever sent by an import.
   *
   * CSV in UTF-8, in UTF-16, or in the encoding that `Content-Type` declares (`charset=windows-1256`), separated by
   * comma, semicolon or tab; or a sheet of an XLSX workbook. At most 10 MiB and 5,000 rows. The columns are known by
   * their names in English, French or Arabic; of others say what they are in the mapping.
   */
  @Post('dialogues/:id/imports')
  @ReplaysLocation()
  @ApiConsumes('text/csv', XLSX)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  async preview(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Query() query: ImportQuery,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportAnswer> {
    if (!Buffer.isBuffer(body)) {
      throw new Problem(
        415,
        'unsupported_media_type',
        `Send the list as it is, with Content-Type: text/csv or ${XLSX}.`,
      );
    }
    const [mediaType = '', ...parameters] = (request.headers['content-type'] ?? '').split(';');
    const charset = parameters.find((parameter) => /^\s*charset=/i.test(parameter))?.split('=')[1];
    const sent = {
      mediaType: mediaType.trim().toLowerCase(),
      charset,
      sheet: query.sheet,
      fileName: query.file_name,
    };
    const page = pageOf(query);
    const preview = await this.imports.preview(organiserId, dialogueId, body, sent, page);
    reply.header('location', `/v1/imports/${preview.id}`);
    return answer(reply, preview, page);
  }

  /** The preview again, or more rows of it. */
  @Get('imports/:id')
  async find(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) importId: string,
    @Query() query: ImportRowsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportAnswer> {
    const page = pageOf(query);
    return answer(reply, await this.imports.find(organiserId, importId, page), page);
  }

  /** What was said of the columns; those that are not named are known by their names. */
  @Get('imports/:id/mapping')
  async mapping(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) importId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportMappingAnswer> {
    const { mapping, version } = await this.imports.mapping(organiserId, importId);
    setETag(reply, version);
    return { mapping };
  }

  /** Says what the columns are, and answers the preview judged anew. What was said before counts no more. */
  @Put('imports/:id/mapping')
  async map(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) importId: string,
    @Query() query: ImportRowsQuery,
    @Body() { mapping }: ImportMappingInput,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportAnswer> {
    const page = pageOf(query);
    return answer(reply, await this.imports.map(organiserId, importId, mapping, expected, page), page);
  }

  /** Does what the preview says: people into the directory, and onto the dialogue's list to be invited. Once. */
  @Post('imports/:id/confirmation')
  @Replays<ImportConfirmed>('added', 'changed', 'unchanged', 'duplicates', 'refused', 'prepared')
  confirm(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) importId: string,
  ): Promise<ImportConfirmed> {
    return this.imports.confirm(organiserId, importId);
  }

  /**
   * Takes an import back: people it added are removed, people it changed are as before, invitations it prepared are
   * gone. What was used or changed since is told, and then nothing is undone, unless it is wished as far as possible.
   */
  @Post('imports/:id/undo')
  @Replays<ImportUndone>('removed_people', 'restored_people', 'removed_invitations')
  @HttpCode(200)
  async undo(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) importId: string,
    @Body() { as_far_as_possible }: ImportUndoInput,
  ): Promise<ImportUndone> {
    const done = await this.imports.undo(organiserId, importId, as_far_as_possible);
    return {
      removed_people: done.removedPeople,
      restored_people: done.restoredPeople,
      removed_invitations: done.removedInvitations,
      left: done.left,
    };
  }
}

function pageOf({ limit, cursor, verdict }: ImportRowsQuery): RowsPage {
  const after = decodeCursor(cursor, [/^\d{1,6}$/]);
  return { limit, verdict, ...(after && { after: Number(after[0]) }) };
}

/** The ETag is that of the mapping: nothing else of an import can be edited. */
function answer(reply: FastifyReply, preview: ImportPreview, { limit }: RowsPage): ImportAnswer {
  setETag(reply, preview.mappingVersion);
  const rows = preview.rows.slice(0, limit);
  return {
    id: preview.id,
    file_name: preview.fileName,
    counts: preview.counts,
    ignored_columns: preview.columns
      .filter(({ field, by }) => field === null && by === null)
      .map(({ column }) => column),
    columns: preview.columns,
    missing_fields: preview.missing,
    notes: preview.notes,
    rows: rows.map(({ line, verdict, remarks, changes, duplicate_of, person, invited }) => ({
      line,
      verdict,
      remarks,
      changes,
      duplicate_of,
      person,
      invited,
    })),
    next_cursor: preview.rows.length > limit ? encodeCursor([rows.at(-1)!.position]) : null,
    confirmed_at: preview.confirmedAt,
    undone_at: preview.undoneAt,
  };
}
