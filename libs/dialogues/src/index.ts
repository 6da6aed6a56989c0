export { AgendaItem, AgendaSession } from './agenda/agenda.entity';
export { agendaTimes, type Times } from './agenda/agenda.rules';
export {
  AgendaService,
  type Agenda,
  moveSpeakingSlots,
  sessionsOf,
  type AgendaItemDraft,
  type AgendaSessionDraft,
} from './agenda/agenda.service';
export {
  Dialogue,
  type Announced,
  type DialogueDocument,
  type DialogueState,
  type Venue,
} from './dialogue.entity';
export { DialoguesModule } from './dialogues.module';
export {
  announcedOf,
  DialoguesService,
  sameSchedule,
  type DialogueChanges,
  type DialogueCounts,
  type DialogueDraft,
} from './dialogues.service';
export { recomputeReminders } from './reminders/recompute-reminders';
export { ReminderRule, type ReminderAudience } from './reminders/reminder-rule.entity';
export {
  ReminderRulesService,
  type ReminderRuleDraft,
  type ReminderRules,
} from './reminders/reminder-rules.service';
export { CANCELLATION, CHANGE, POSTPONEMENT, REMINDER, ROLE_GIVEN } from './mail-kinds';
export { ownDialogue, ownDialogueOf, standingIn, type OwnDialogue } from './own-dialogue';
export { instantsByRules, readWallTime, type DerivedInstants } from './schedule.rules';
export { assertMayJoin } from './processes/join-process';
export { ownProcess } from './processes/own-process';
export { Process } from './processes/process.entity';
export { ProcessesService, type ProcessNow } from './processes/processes.service';
export { DialogueRole } from './roles/dialogue-role.entity';
export { ProcessRole } from './roles/process-role.entity';
export { RolesService, type HeldRoles, type Where } from './roles/roles.service';
export { DocumentVersion, type WrittenDocument } from './versions/document-version.entity';
export { raiseVersion, versionOf, versionWithRows } from './versions/document-versions';
export { mayDo, ROLES, rolesWith, type Right, type Role } from './roles/rights.rules';
