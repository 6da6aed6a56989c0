import { Module } from '@nestjs/common';
import { ProceedingsModule } from '@app/proceedings';
import { AttendanceController } from './attendance.controller';
import { NoteController } from './note.controller';
import { NotePageController } from './note-page.controller';

/** What was said, who came, and the note for file of it. */
@Module({
  imports: [ProceedingsModule],
  controllers: [NoteController, AttendanceController, NotePageController],
})
export class ProceedingsApiModule {}
