import { Module } from '@nestjs/common';
import { ChangeAnnouncer } from './change/change-announcer.service';
import { ReminderPlanner } from './reminder/reminder-planner.service';

/** What is said, to whom, when. Registers a renderer for every kind of mail; knows nothing of HTTP. */
@Module({
  providers: [ReminderPlanner, ChangeAnnouncer],
  exports: [ReminderPlanner, ChangeAnnouncer],
})
export class NotificationsModule {}
