import { Module } from '@nestjs/common';
import { DialoguesModule } from '@app/dialogues';
import { MailList } from '@app/mail';
import { MailsController } from './mails.controller';

@Module({ imports: [DialoguesModule], controllers: [MailsController], providers: [MailList] })
export class MailsApiModule {}
