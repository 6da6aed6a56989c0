import { Module } from '@nestjs/common';
import { ParticipantsModule } from '@app/participants';
import { PagesModule } from '../pages/pages.module';
import { ImportsController } from './imports.controller';
import { InvitationsController } from './invitations.controller';
import { PublicRegistrationsController } from './public-registrations.controller';
import { RegistrationsController } from './registrations.controller';

@Module({
  imports: [ParticipantsModule, PagesModule],
  controllers: [
    ImportsController,
    InvitationsController,
    RegistrationsController,
    PublicRegistrationsController,
  ],
})
export class ParticipantsApiModule {}
