import { Global, Module } from '@nestjs/common';
import { MailQueue } from './mail-queue.service';
import { MailRenderers } from './mail-renderer';

/** What every process needs of mail: to hint, and to know who renders what. */
@Global()
@Module({ providers: [MailQueue, MailRenderers], exports: [MailQueue, MailRenderers] })
export class MailModule {}
