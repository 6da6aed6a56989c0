import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { ApprovalsService } from './approvals/approvals.service';
import { ApproverMails } from './approvals/approver-mails.service';
import { Attendances } from './attendance/attendance.service';
import { DoorLinks } from './attendance/door-links.service';
import { CalendarReplies } from './calendar-replies/calendar-replies.service';
import { ChasingRulesService } from './chasing/chasing-rules.service';
import { DelegationsService } from './delegations/delegations.service';
import { FocalPointLinks } from './delegations/focal-point-links.service';
import { NominationsService } from './delegations/nominations.service';
import { RegistrationExports } from './exports/registration-exports.service';
import { ImportsService } from './imports/imports.service';
import { InvitationsService } from './invitations/invitations.service';
import { JoinLinks } from './links/join-links.service';
import { LostLinks } from './links/lost-links.service';
import { PersonalLinks } from './links/personal-links.service';
import { DialoguePlacesService } from './places/dialogue-places.service';
import { PlacesService } from './places/places.service';
import { CorrectionsService } from './privacy/corrections.service';
import { ErasuresService } from './privacy/erasures.service';
import { PersonalCodes } from './privacy/personal-codes.service';
import { PersonalDataService } from './privacy/personal-data.service';
import { PrivacyNotices } from './privacy/privacy-notices.service';
import { Questions } from './questions/questions.service';
import { RetentionService } from './privacy/retention.service';
import { Offers } from './registrations/offers.service';
import { RegistrationLists } from './registrations/registration-lists.service';
import { RegistrationsService } from './registrations/registrations.service';
import { SeriesService } from './series/series.service';
import { InvitationSubstitutes } from './substitutions/invitation-substitutes.service';
import { SubstitutionsService } from './substitutions/substitutions.service';
import { ZoneRules } from './zone-rules/zone-rules.service';

const services = [
  ApprovalsService,
  ApproverMails,
  Attendances,
  CalendarReplies,
  DoorLinks,
  ChasingRulesService,
  DelegationsService,
  DialoguePlacesService,
  FocalPointLinks,
  ImportsService,
  InvitationsService,
  NominationsService,
  Offers,
  JoinLinks,
  LostLinks,
  PersonalLinks,
  Questions,
  PlacesService,
  CorrectionsService,
  ErasuresService,
  PersonalCodes,
  PersonalDataService,
  PrivacyNotices,
  RetentionService,
  RegistrationExports,
  RegistrationLists,
  RegistrationsService,
  SeriesService,
  InvitationSubstitutes,
  SubstitutionsService,
  ZoneRules,
];

/** Invitations, registrations, places and the waitlist. */
@Module({ imports: [DialoguesModule], providers: services, exports: services })
export class ParticipantsModule {}
