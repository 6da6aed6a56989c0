import { Module } from '@nestjs/common';
import { AgendaService } from './agenda/agenda.service';
import { DialoguesService } from './dialogues.service';
import { ProcessesService } from './processes/processes.service';
import { ReminderRulesService } from './reminders/reminder-rules.service';
import { RolesService } from './roles/roles.service';

/** The dialogue's life, its agenda and its reminder rules. */
@Module({
  providers: [DialoguesService, AgendaService, ReminderRulesService, ProcessesService, RolesService],
  exports: [DialoguesService, AgendaService, ReminderRulesService, ProcessesService, RolesService],
})
export class DialoguesModule {}
