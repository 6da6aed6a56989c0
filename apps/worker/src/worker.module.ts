import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DatabaseModule } from '@app/database';
import { MailDeliveryModule, MailModule } from '@app/mail';
import { NotificationsModule } from '@app/notifications';
import { ParticipantsModule } from '@app/participants';
import { PlatformModule } from '@app/platform';
import { MailProcessor } from './mail/mail.processor';
import { RecurringJobs } from './recurring/recurring-jobs';
import { RecurringProcessor } from './recurring/recurring.processor';
import { Schedules } from './recurring/schedules';
import { WorkerRunner } from './worker-runner';

@Module({
  imports: [
    DiscoveryModule,
    PlatformModule,
    DatabaseModule,
    MailModule,
    MailDeliveryModule,
    NotificationsModule,
    ParticipantsModule,
  ],
  providers: [MailProcessor, RecurringJobs, RecurringProcessor, Schedules, WorkerRunner],
})
export class WorkerModule {}
