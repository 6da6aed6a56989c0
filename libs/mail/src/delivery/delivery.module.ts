import { Module } from '@nestjs/common';
import { MailDelivery } from './delivery.service';
import { MailSweep } from './sweep.service';
import { SmtpTransport } from './smtp.transport';

/** What only the worker needs: to send. */
@Module({ providers: [MailDelivery, MailSweep, SmtpTransport], exports: [MailDelivery, MailSweep] })
export class MailDeliveryModule {}
