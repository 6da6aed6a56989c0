export { CalendarFeeds } from './calendar/calendar-feeds.service';
export { ChangeAnnouncer } from './change/change-announcer.service';
export { ChasingPlanner } from './chasing/chasing-planner.service';
export { MailContentsService } from './previews/mail-contents.service';
export { MailPreviews, previewedKinds, type MailPreview } from './previews/mail-previews.service';
export type { ShownMail } from './previews/without-secrets';
export {
  adaptableKind,
  adaptableKinds,
  mailLanguage,
  MailWordings,
  type AdaptableKind,
} from './wording/mail-wordings.service';
export { NotificationsModule } from './notifications.module';
export { ReturnsTeller } from './returns/returns-teller.service';
export { UnwrittenTeller } from './unwritten/unwritten-teller.service';
export { ReminderPlanner } from './reminder/reminder-planner.service';
