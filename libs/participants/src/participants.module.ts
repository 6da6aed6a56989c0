import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { Attendances } from './attendance/attendance.service';
import { DoorLinks } from './attendance/door-links.service';
import { DelegationsService } from './delegations/delegations.service';
import { FocalPointLinks } from './delegations/focal-point-links.service';
import { NominationsService } from './delegations/nominations.service';
import { ImportsService } from './imports/imports.service';
import { InvitationsService } from './invitations/invitations.service';
import { PersonalLinks } from './links/personal-links.service';
import { DialoguePlacesService } from './places/dialogue-places.service';
import { PlacesService } from './places/places.service';
import { PrivacyNotices } from './privacy/privacy-notices.service';
import { Questions } from './questions/questions.service';
import { RegistrationLists } from './registrations/registration-lists.service';
import { RegistrationsService } from './registrations/registrations.service';
import { SubstitutionsService } from './substitutions/substitutions.service';

const services = [
  Attendances,
  DoorLinks,
  DelegationsService,
  DialoguePlacesService,
  FocalPointLinks,
  ImportsService,
  InvitationsService,
  NominationsService,
  PersonalLinks,
  Questions,
  PlacesService,
  PrivacyNotices,
  RegistrationLists,
  RegistrationsService,
  SubstitutionsService,
];

/** Invitations, registrations, places and the waitlist. */
@Module({ imports: [DialoguesModule], providers: services, exports: services })
export class ParticipantsModule {}
