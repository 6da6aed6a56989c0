import { Module, type OnModuleInit } from '@nestjs/common';
import { MailRenderers } from '@app/mail';
import { ApprovalsWaitingMails } from './approval/approvals-waiting.renderer';
import { CalendarFeeds } from './calendar/calendar-feeds.service';
import { ChangeAnnouncer } from './change/change-announcer.service';
import { changeKinds } from './change/change.renderers';
import { confirmationKinds } from './confirmation/confirmation.renderers';
import { ChasingPlanner } from './chasing/chasing-planner.service';
import { DelegationMails } from './delegation/delegation.renderer';
import { InvitationMails } from './invitation/invitation.renderer';
import { PrivacyMails } from './privacy/privacy.renderers';
import { MailContentsService } from './previews/mail-contents.service';
import { MailPreviews } from './previews/mail-previews.service';
import { MailLinks } from './recipients/links.service';
import { RegistrationMails } from './recipients/registration-mails.service';
import { ReminderPlanner } from './reminder/reminder-planner.service';
import { reminderKind } from './reminder/reminder.renderer';
import { returnsKinds } from './returns/returns.renderers';
import { ReturnsTeller } from './returns/returns-teller.service';
import { UndeliveredMails } from './returns/undelivered.renderer';
import { RoleGivenMails } from './roles/role-given.renderer';
import { SignInMails } from './sign-in/sign-in.renderer';
import { substitutionKinds } from './substitution/substitution.renderers';
import { SubstitutionProposedMails } from './substitution/substitution-proposed.renderer';
import { SummaryMails } from './summary/summary.renderer';
import { UnwrittenMails } from './unwritten/unwritten.renderer';
import { UnwrittenTeller } from './unwritten/unwritten-teller.service';
import { MailWordings } from './wording/mail-wordings.service';

/** What is said, to whom, when. Registers a renderer for every kind of mail; knows nothing of HTTP. */
@Module({
  providers: [
    MailLinks,
    RegistrationMails,
    InvitationMails,
    DelegationMails,
    SummaryMails,
    SignInMails,
    PrivacyMails,
    RoleGivenMails,
    ApprovalsWaitingMails,
    SubstitutionProposedMails,
    UndeliveredMails,
    UnwrittenMails,
    ReturnsTeller,
    UnwrittenTeller,
    ReminderPlanner,
    ChangeAnnouncer,
    ChasingPlanner,
    CalendarFeeds,
    MailContentsService,
    MailPreviews,
    MailWordings,
  ],
  exports: [
    CalendarFeeds,
    ReminderPlanner,
    ChangeAnnouncer,
    ChasingPlanner,
    ReturnsTeller,
    UnwrittenTeller,
    MailContentsService,
    MailPreviews,
    MailWordings,
  ],
})
export class NotificationsModule implements OnModuleInit {
  constructor(
    private readonly renderers: MailRenderers,
    private readonly registrationMails: RegistrationMails,
    private readonly invitationMails: InvitationMails,
    private readonly delegationMails: DelegationMails,
    private readonly summaryMails: SummaryMails,
    private readonly signInMails: SignInMails,
    private readonly privacyMails: PrivacyMails,
    private readonly roleGivenMails: RoleGivenMails,
    private readonly approvalsWaitingMails: ApprovalsWaitingMails,
    private readonly substitutionProposedMails: SubstitutionProposedMails,
    private readonly undeliveredMails: UndeliveredMails,
    private readonly unwrittenMails: UnwrittenMails,
  ) {}

  onModuleInit(): void {
    const aboutRegistrations = [
      ...confirmationKinds,
      reminderKind,
      ...changeKinds,
      ...substitutionKinds,
      ...returnsKinds,
    ];
    for (const renderer of [
      ...aboutRegistrations.map((kind) => this.registrationMails.renderer(kind)),
      ...this.invitationMails.renderers(),
      ...this.delegationMails.renderers(),
      this.summaryMails,
      this.signInMails,
      ...this.privacyMails.renderers(),
      this.roleGivenMails,
      this.approvalsWaitingMails,
      this.substitutionProposedMails,
      this.undeliveredMails,
      this.unwrittenMails,
    ]) {
      this.renderers.register(renderer);
    }
  }
}
