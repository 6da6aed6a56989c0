import { Module } from '@nestjs/common';
import { Annexes } from './annex/annex.service';
import { Attendances } from './attendance/attendance.service';
import { Notes } from './note/note.service';

/** What was said, by whom, who came, and the note for file of it. */
@Module({ providers: [Annexes, Attendances, Notes], exports: [Attendances, Notes] })
export class ProceedingsModule {}
