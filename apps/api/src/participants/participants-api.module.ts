import { Module } from '@nestjs/common';
import { AccountsModule } from '@app/accounts';
import { ParticipantsModule } from '@app/participants';
import { ApprovalsController } from './approvals.controller';
import { RegistrationCorrectionsController } from './registration-corrections.controller';
import { ProceedingsModule } from '@app/proceedings';
import { AttendanceController } from './attendance.controller';
import { ChasingRulesController } from './chasing-rules.controller';
import { DelegationsController } from './delegations.controller';
import { DialogueReader } from './dialogue-reader.service';
import { DoorPageController } from './door-page.controller';
import { ExportsController } from './exports.controller';
import { ImportsController } from './imports.controller';
import { InvitationPageController } from './invitation-page.controller';
import { ErasuresController } from './erasures.controller';
import { InvitationSubstitutionController } from './invitation-substitution.controller';
import { InvitationsController } from './invitations.controller';
import { JoinPageController } from './join-page.controller';
import { LostLinkPageController, LostLinksController } from './lost-links.controller';
import { ParticipantsListPageController } from './participants-list-page.controller';
import { PersonalDataPageController } from './personal-data-page.controller';
import { NominationPageController } from './nomination-page.controller';
import { NominationSubstitutionsController } from './nomination-substitutions.controller';
import { PersonalPages } from './personal-pages.service';
import { PrivacyNoticesController } from './privacy-notices.controller';
import { PrivacyPageController } from './privacy-page.controller';
import { PublicDialoguePageController } from './public-dialogue-page.controller';
import { PublicRegistrationsController } from './public-registrations.controller';
import { PurgesController } from './purges.controller';
import { QuestionsController } from './questions.controller';
import { RegistrationPageController } from './registration-page.controller';
import { RegistrationsController } from './registrations.controller';
import { SubstitutionPageController } from './substitution-page.controller';
import { SubstitutionsController } from './substitutions.controller';

@Module({
  imports: [AccountsModule, ParticipantsModule, ProceedingsModule],
  controllers: [
    ApprovalsController,
    RegistrationCorrectionsController,
    AttendanceController,
    ChasingRulesController,
    DelegationsController,
    DoorPageController,
    ExportsController,
    ImportsController,
    InvitationPageController,
    InvitationSubstitutionController,
    InvitationsController,
    NominationPageController,
    NominationSubstitutionsController,
    ErasuresController,
    LostLinkPageController,
    LostLinksController,
    ParticipantsListPageController,
    PersonalDataPageController,
    PrivacyNoticesController,
    PurgesController,
    PrivacyPageController,
    JoinPageController,
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
