import { Module } from '@nestjs/common';
import { MailAdmission } from './admission.service';
import { SmtpCircuits } from './circuits.service';
import { MailDelivery } from './delivery.service';
import { MailSweep } from './sweep.service';
import { SmtpTransport } from './smtp.transport';

/** What only the worker needs: to send. */
@Module({
  providers: [MailAdmission, MailDelivery, MailSweep, SmtpCircuits, SmtpTransport],
  exports: [MailDelivery, MailSweep],
})
export class MailDeliveryModule {}
