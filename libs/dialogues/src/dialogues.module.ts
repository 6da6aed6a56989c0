import { Module } from '@nestjs/common';
import { AgendaService } from './agenda/agenda.service';
import { DialoguesService } from './dialogues.service';
import { ReminderRulesService } from './reminders/reminder-rules.service';

/** The dialogue's life, its agenda and its reminder rules. */
@Module({
  providers: [DialoguesService, AgendaService, ReminderRulesService],
  exports: [DialoguesService, AgendaService, ReminderRulesService],
})
export class DialoguesModule {}
