import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { ParticipantsModule } from '@app/participants';
import { AgendaController } from './agenda.controller';
import { DialoguesController } from './dialogues.controller';
import { ReminderRulesController } from './reminder-rules.controller';

@Module({
  imports: [DialoguesModule, ParticipantsModule],
  controllers: [DialoguesController, AgendaController, ReminderRulesController],
})
export class DialoguesApiModule {}
