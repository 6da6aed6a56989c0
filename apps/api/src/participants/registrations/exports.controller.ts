import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RegistrationExports, XLSX, type ExportFormat, type RegistrationExport } from '@app/participants';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { ExportFormatQuery } from './registration.dto';
import { sendFile } from '../../http/send-file';

const MEDIA_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xlsx: XLSX,
};

@ApiTags('participants')
@Controller('v1/dialogues/:id')
export class ExportsController {
  constructor(private readonly exports: RegistrationExports) {}

  /**
   * The registrations as CSV, as an XLSX workbook or as JSON, with delegation, role, state and the answers to questions.
   *
   * Those with sensitive answers are left out for whoever may not see them, and named in the header `Answers-Withheld`.
   * In CSV nothing can be executed, in XLSX every cell is text. A workbook has 20,000 rows at most.
   */
  @Get('registrations/export')
  @ApiProduces('text/csv', XLSX, 'application/json')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async export(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Query() { format, state }: ExportFormatQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendExport(reply, format, await this.exports.export(organiserId, dialogueId, format, state));
  }
}

/** Sends registrations as a file. */
export async function sendExport(
  reply: FastifyReply,
  format: ExportFormat,
  { slug, content, withheld }: RegistrationExport,
): Promise<void> {
  if (withheld.length > 0) reply.header('answers-withheld', withheld.join(', '));
  await sendFile(reply, `${slug}-participants.${format}`, MEDIA_TYPES[format], content);
}
