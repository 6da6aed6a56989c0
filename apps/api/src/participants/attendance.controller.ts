import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Attendances } from '@app/participants';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { AttendanceDto } from './dto/attendance.dto';

/** Who came. */
@ApiTags('attendance')
@Controller('v1/dialogues/:id/attendance')
export class AttendanceController {
  constructor(private readonly attendances: Attendances) {}

  /** Registrations of those who came; none when no attendance was kept. */
  @Get()
  async read(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<AttendanceDto> {
    return { registration_ids: await this.attendances.read(organiserId, id) };
  }

  /** Replaces the attendance. */
  @Put()
  async replace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Body() body: AttendanceDto,
  ): Promise<AttendanceDto> {
    await this.attendances.replace(organiserId, id, body.registration_ids);
    return { registration_ids: await this.attendances.read(organiserId, id) };
  }
}
