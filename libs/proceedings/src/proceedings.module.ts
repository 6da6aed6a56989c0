import { Module } from '@nestjs/common';
import { AgendaWarnings } from './agenda/agenda-warnings.service';
import { Annexes } from './annex/annex.service';
import { ParticipantsLists } from './annex/participants-list.service';
import { Notes } from './note/note.service';

/** What was said, by whom, who came, and the note for file of it. */
@Module({
  providers: [AgendaWarnings, Annexes, Notes, ParticipantsLists],
  exports: [AgendaWarnings, Notes, ParticipantsLists],
})
export class ProceedingsModule {}
