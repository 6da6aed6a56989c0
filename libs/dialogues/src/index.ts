export { AgendaItem, AgendaSession } from './agenda/agenda.entity';
export {
  Dialogue,
  type Announced,
  type DialogueDocument,
  type DialogueState,
  type Venue,
} from './dialogue.entity';
export { ReminderRule, type ReminderAudience } from './reminders/reminder-rule.entity';
export { CANCELLATION, CHANGE, POSTPONEMENT, REMINDER } from './mail-kinds';
