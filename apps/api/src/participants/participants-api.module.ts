import { Module } from '@nestjs/common';
import { AccountsModule } from '@app/accounts';
import { NotificationsModule } from '@app/notifications';
import { ParticipantsModule } from '@app/participants';
import { ApprovalsController } from './approvals/approvals.controller';
import { RegistrationCorrectionsController } from './registrations/registration-corrections.controller';
import { ProceedingsModule } from '@app/proceedings';
import { AttendanceController } from './attendance/attendance.controller';
import { ChasingRulesController } from './chasing/chasing-rules.controller';
import { DelegationsController } from './delegations/delegations.controller';
import { DialogueReader } from './personal-pages/dialogue-reader.service';
import { DoorPageController } from './attendance/door-page.controller';
import { ExportsController } from './registrations/exports.controller';
import { FeedsController } from './feeds/feeds.controller';
import { ImportsController } from './imports/imports.controller';
import { InvitationPageController } from './invitations/invitation-page.controller';
import { ErasuresController } from './privacy/erasures.controller';
import { InvitationSubstitutionController } from './substitutions/invitation-substitution.controller';
import { InvitationsController } from './invitations/invitations.controller';
import { JoinPageController } from './attendance/join-page.controller';
import { LostLinkPageController, LostLinksController } from './invitations/lost-links.controller';
import { ParticipantsListPageController } from './registrations/participants-list-page.controller';
import { PersonalDataPageController } from './privacy/personal-data-page.controller';
import { NominationPageController } from './delegations/nomination-page.controller';
import { NominationSubstitutionsController } from './substitutions/nomination-substitutions.controller';
import { PersonalPages } from './personal-pages/personal-pages.service';
import { PrivacyNoticesController } from './privacy/privacy-notices.controller';
import { PrivacyPageController } from './privacy/privacy-page.controller';
import { PublicDialoguePageController } from './registrations/public-dialogue-page.controller';
import { PublicDialogues } from './registrations/public-dialogues.service';
import { PublicDialoguesController } from './registrations/public-dialogues.controller';
import { PublicRegistrationsController } from './registrations/public-registrations.controller';
import { PurgesController } from './privacy/purges.controller';
import { QuestionsController } from './questions/questions.controller';
import { RegistrationPageController } from './registrations/registration-page.controller';
import { RegistrationsController } from './registrations/registrations.controller';
import { SubstitutionPageController } from './substitutions/substitution-page.controller';
import { SubstitutionsController } from './substitutions/substitutions.controller';

@Module({
  imports: [AccountsModule, NotificationsModule, ParticipantsModule, ProceedingsModule],
  controllers: [
    ApprovalsController,
    RegistrationCorrectionsController,
    AttendanceController,
    ChasingRulesController,
    DelegationsController,
    DoorPageController,
    ExportsController,
    FeedsController,
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
    PublicDialoguesController,
    PublicRegistrationsController,
    QuestionsController,
    RegistrationPageController,
    RegistrationsController,
    SubstitutionPageController,
    SubstitutionsController,
  ],
  providers: [DialogueReader, PersonalPages, PublicDialogues],
})
export class ParticipantsApiModule {}
