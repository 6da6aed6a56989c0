import { Module } from '@nestjs/common';
import { ProceedingsModule } from '@app/proceedings';
import { NoteController } from './note.controller';
import { NotePageController } from './note-page.controller';
import { ParticipantsListController } from './participants-list.controller';

/** What was said, who came, and the note for file of it. */
@Module({
  imports: [ProceedingsModule],
  controllers: [NoteController, NotePageController, ParticipantsListController],
})
export class ProceedingsApiModule {}
