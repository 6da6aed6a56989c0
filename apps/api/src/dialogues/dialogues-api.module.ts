import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { ParticipantsModule } from '@app/participants';
import { ProceedingsModule } from '@app/proceedings';
import { AgendaController } from './agenda.controller';
import { DialoguesController } from './dialogues.controller';
import { PlacesController } from './places.controller';
import { ProcessesController } from './processes.controller';
import { ReminderRulesController } from './reminder-rules.controller';
import { DialogueRolesController, ProcessRolesController } from './roles.controller';
import { SeriesController } from './series.controller';

@Module({
  imports: [DialoguesModule, ParticipantsModule, ProceedingsModule],
  controllers: [
    DialoguesController,
    AgendaController,
    PlacesController,
    ReminderRulesController,
    SeriesController,
    DialogueRolesController,
    ProcessesController,
    ProcessRolesController,
  ],
})
export class DialoguesApiModule {}
