import { Module } from '@nestjs/common';
import { ProceedingsModule } from '@app/proceedings';
import { NoteController } from './note.controller';
import { NotePageController } from './note-page.controller';

/** What was said, who came, and the note for file of it. */
@Module({
  imports: [ProceedingsModule],
  controllers: [NoteController, NotePageController],
})
export class ProceedingsApiModule {}
