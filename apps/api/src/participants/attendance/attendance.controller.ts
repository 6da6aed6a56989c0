import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Attendances, type AtTheDoor } from '@app/participants';
import { Problem } from '@app/platform';
import { RequiredIfMatch, setETag } from '../../http/etag';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays } from '../../http/replay';
import { attendanceCsv, attendanceXlsx } from './attendance-export';
import {
  AttendanceAnswer,
  AttendanceDto,
  AttendanceExportQuery,
  AtTheDoorDto,
  WholeAttendance,
} from './attendance.dto';

/** Who came. */
@ApiTags('attendance')
@Controller('v1/dialogues/:id')
export class AttendanceController {
  constructor(private readonly attendances: Attendances) {}

  /** Those who came, with when and how; none when no attendance was kept. */
  @Get('attendance')
  async read(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WholeAttendance> {
    const { attendances, version } = await this.attendances.read(organiserId, id);
    setETag(reply, version);
    return { registration_ids: attendances.map((row) => row.registration_id), attendances };
  }

  /**
   * Replaces the attendance; who stays on it keeps the time of arrival.
   *
   * An arrival or a departure that is noted after the attendance was read makes its ETag stale.
   */
  @Put('attendance')
  async replace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: AttendanceDto,
    @RequiredIfMatch() expected: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WholeAttendance> {
    await this.attendances.replace(organiserId, id, body.registration_ids, expected);
    return this.read(organiserId, id, reply);
  }

  /** Everyone who is confirmed or came, by name, with arrival and departure in the time of the hosts. */
  @Get('attendance/export')
  @ApiProduces('text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async export(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Query() { format }: AttendanceExportQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const exported = await this.attendances.export(organiserId, id);
    const [type, content] =
      format === 'xlsx'
        ? [
            'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
            await attendanceXlsx(exported),
          ]
        : ['text/csv; charset=utf-8', attendanceCsv(exported)];
    await reply
      .type(type)
      .header('content-disposition', `attachment; filename="${exported.slug}-attendance.${format}"`)
      .header('cache-control', 'no-store')
      .send(content);
  }

  /**
   * Checks somebody in. Whoever is there already stays so: 409 `already_arrived` says since when and by whom. Only who is
   * confirmed can be checked in, and only from twelve hours before the start until the end.
   */
  @Post('arrivals')
  @Replays<AttendanceAnswer>('registration_id', 'may_enter', 'present', 'arrived_at', 'left_at', 'late')
  async arrive(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: AtTheDoorDto,
  ): Promise<AttendanceAnswer> {
    const { row, already } = await this.attendances.arrive(organiserId, id, meant(body));
    if (!already) return row;
    const by = row.noted_by ?? (row.how === 'online' ? 'their link to join' : 'another officer');
    throw new Problem(
      409,
      'already_arrived',
      `They were checked in at ${row.arrived_at!.toISOString()} by ${by}; nothing was changed.`,
    );
  }

  /** Takes back an arrival that was noted by mistake. */
  @Delete('arrivals/:registration_id')
  @HttpCode(204)
  async takeBack(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('registration_id', IdPipe) registrationId: string,
  ): Promise<void> {
    await this.attendances.takeBack(organiserId, id, registrationId);
  }

  /** Notes that somebody left before the end. */
  @Post('departures')
  @Replays<AttendanceAnswer>('registration_id', 'may_enter', 'present', 'arrived_at', 'left_at', 'late')
  leave(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: AtTheDoorDto,
  ): Promise<AttendanceAnswer> {
    return this.attendances.leave(organiserId, id, meant(body));
  }
}

function meant({ code, registration_id: registrationId }: AtTheDoorDto): AtTheDoor {
  if (code !== undefined && registrationId === undefined) return { code };
  if (registrationId !== undefined && code === undefined) return { registrationId };
  throw Problem.field(
    'code',
    'code_or_registration',
    'Give either code or registration_id, so that one person is meant.',
  );
}
