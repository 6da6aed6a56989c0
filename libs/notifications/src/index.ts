export { ChangeAnnouncer } from './change/change-announcer.service';
export { ChasingPlanner } from './chasing/chasing-planner.service';
export { NotificationsModule } from './notifications.module';
export { ReturnsTeller } from './returns/returns-teller.service';
export { ReminderPlanner } from './reminder/reminder-planner.service';
