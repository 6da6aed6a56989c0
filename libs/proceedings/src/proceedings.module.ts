import { Module } from '@nestjs/common';
import { Annexes } from './annex/annex.service';
import { Notes } from './note/note.service';

/** What was said, by whom, who came, and the note for file of it. */
@Module({ providers: [Annexes, Notes], exports: [Notes] })
export class ProceedingsModule {}
