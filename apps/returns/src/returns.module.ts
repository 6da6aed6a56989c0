import { Module } from '@nestjs/common';
import { DatabaseModule } from '@app/database';
import { MailModule } from '@app/mail';
import { ParticipantsModule } from '@app/participants';
import { PlatformModule } from '@app/platform';
import { FolderIntake } from './folder-intake.service';
import { Intake } from './intake.service';
import { SmtpIntake } from './smtp-intake.service';

@Module({
  imports: [PlatformModule, DatabaseModule, MailModule, ParticipantsModule],
  providers: [Intake, SmtpIntake, FolderIntake],
})
export class ReturnsModule {}
