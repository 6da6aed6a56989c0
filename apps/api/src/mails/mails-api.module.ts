import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { MailList, ReturnList, Suppressions, Unsubscriptions } from '@app/mail';
import { DialogueReader } from '../participants/personal-pages/dialogue-reader.service';
import { MailsController } from './mails.controller';
import { ReturnsController } from './returns.controller';
import { SuppressionsController } from './suppressions.controller';
import { UnsubscribeController } from './unsubscribe.controller';

@Module({
  imports: [DialoguesModule],
  controllers: [MailsController, ReturnsController, SuppressionsController, UnsubscribeController],
  providers: [DialogueReader, MailList, ReturnList, Suppressions, Unsubscriptions],
})
export class MailsApiModule {}
