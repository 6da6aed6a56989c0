import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { MailList, ReturnList, Suppressions, Unsubscriptions } from '@app/mail';
import { MailContentsService, MailPreviews, MailWordings, NotificationsModule } from '@app/notifications';
import { DialogueReader } from '../participants/personal-pages/dialogue-reader.service';
import { MailContentController } from './content.controller';
import { MailsController } from './mails.controller';
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
    MailsController,
    WordingsController,
    PreviewsController,
    MailContentController,
  ],
  providers: [
    DialogueReader,
    ReturnList,
    Suppressions,
    Unsubscriptions,
    MailList,
    MailWordings,
    MailPreviews,
    MailContentsService,
  ],
})
export class MailsApiModule {}
