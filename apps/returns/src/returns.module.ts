import { Module } from '@nestjs/common';
import { DatabaseModule } from '@app/database';
import { MailModule, MailReturns } from '@app/mail';
import { CalendarReplies } from '@app/participants';
import { PlatformModule } from '@app/platform';
import { FolderIntake } from './folder-intake.service';
import { Intake } from './intake.service';
import { SmtpIntake } from './smtp-intake.service';

@Module({
  imports: [PlatformModule, DatabaseModule, MailModule],
  providers: [MailReturns, CalendarReplies, Intake, SmtpIntake, FolderIntake],
})
export class ReturnsModule {}
