import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { NotificationsModule } from '@app/notifications';
import { DialogueReader } from '../participants/personal-pages/dialogue-reader.service';
import { MailContentController } from './content.controller';
import { HoldsController } from './holds.controller';
import { MailsController } from './mails.controller';
import { ProgressController } from './progress.controller';
import { PreviewsController } from './previews.controller';
import { ReturnsController } from './returns.controller';
import { SuppressionsController } from './suppressions.controller';
import { UnsubscribeController } from './unsubscribe.controller';
import { WordingsController } from './wordings.controller';

@Module({
  imports: [DialoguesModule, NotificationsModule],
  controllers: [
    ReturnsController,
    SuppressionsController,
    UnsubscribeController,
    ProgressController,
    MailsController,
    HoldsController,
    WordingsController,
    PreviewsController,
    MailContentController,
  ],
  providers: [DialogueReader],
})
export class MailsApiModule {}
