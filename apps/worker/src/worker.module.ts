import { Module } from '@nestjs/common';
import { DatabaseModule } from '@app/database';
import { MailDeliveryModule, MailModule } from '@app/mail';
import { NotificationsModule } from '@app/notifications';
import { ParticipantsModule } from '@app/participants';
import { PlatformModule } from '@app/platform';
import { MailProcessor } from './mail/mail.processor';
import { RecurringProcessor } from './recurring/recurring.processor';
import { Schedules } from './schedules';
import { WorkerRunner } from './worker-runner';

@Module({
  imports: [
    PlatformModule,
    DatabaseModule,
    MailModule,
    MailDeliveryModule,
    NotificationsModule,
    ParticipantsModule,
  ],
  providers: [MailProcessor, RecurringProcessor, Schedules, WorkerRunner],
})
export class WorkerModule {}
