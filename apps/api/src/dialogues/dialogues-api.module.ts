import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { ParticipantsModule } from '@app/participants';
import { AgendaController } from './agenda.controller';
import { DialoguesController } from './dialogues.controller';
import { ProcessesController } from './processes.controller';
import { ReminderRulesController } from './reminder-rules.controller';
import { DialogueRolesController, ProcessRolesController } from './roles.controller';

@Module({
  imports: [DialoguesModule, ParticipantsModule],
  controllers: [
    DialoguesController,
    AgendaController,
    ReminderRulesController,
    DialogueRolesController,
    ProcessesController,
    ProcessRolesController,
  ],
})
export class DialoguesApiModule {}
