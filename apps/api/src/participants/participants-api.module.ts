import { Module } from '@nestjs/common';
import { ParticipantsModule } from '@app/participants';
import { ProceedingsModule } from '@app/proceedings';
import { AttendanceController } from './attendance.controller';
import { DelegationsController } from './delegations.controller';
import { DialogueReader } from './dialogue-reader.service';
import { ImportsController } from './imports.controller';
import { InvitationPageController } from './invitation-page.controller';
import { InvitationsController } from './invitations.controller';
import { PersonalPages } from './personal-pages.service';
import { PrivacyNoticesController } from './privacy-notices.controller';
import { PrivacyPageController } from './privacy-page.controller';
import { PublicDialoguePageController } from './public-dialogue-page.controller';
import { PublicRegistrationsController } from './public-registrations.controller';
import { QuestionsController } from './questions.controller';
import { RegistrationPageController } from './registration-page.controller';
import { RegistrationsController } from './registrations.controller';
import { SubstitutionPageController } from './substitution-page.controller';
import { SubstitutionsController } from './substitutions.controller';

@Module({
  imports: [ParticipantsModule, ProceedingsModule],
  controllers: [
    AttendanceController,
    DelegationsController,
    ImportsController,
    InvitationPageController,
    InvitationsController,
    PrivacyNoticesController,
    PrivacyPageController,
    PublicDialoguePageController,
    PublicRegistrationsController,
    QuestionsController,
    RegistrationPageController,
    RegistrationsController,
    SubstitutionPageController,
    SubstitutionsController,
  ],
  providers: [DialogueReader, PersonalPages],
})
export class ParticipantsApiModule {}
