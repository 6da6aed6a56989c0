import { Module } from '@nestjs/common';
import { ParticipantsModule } from '@app/participants';
import { AssetsController } from './assets.controller';
import { DialogueReader } from './dialogue-reader.service';
import { InvitationPageController } from './invitation.controller';
import { PersonalPages } from './personal-pages.service';
import { PublicDialogueController } from './public-dialogue.controller';
import { RegistrationPageController } from './registration.controller';

/** What participants see in a browser. */
@Module({
  imports: [ParticipantsModule],
  controllers: [
    AssetsController,
    InvitationPageController,
    PublicDialogueController,
    RegistrationPageController,
  ],
  providers: [DialogueReader, PersonalPages],
  exports: [DialogueReader],
})
export class PagesModule {}
