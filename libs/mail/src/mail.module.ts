import { Global, Module } from '@nestjs/common';
import { LedgerMetrics } from './ledger/ledger-metrics.service';
import { MailHolds } from './ledger/mail-holds.service';
import { MailList } from './ledger/mail-list.service';
import { MailProgress } from './ledger/mail-progress.service';
import { MailQueue } from './mail-queue.service';
import { MailRenderers } from './mail-renderer';
import { MailReturns } from './returns/mail-returns.service';
import { ReturnList } from './returns/return-list.service';
import { Suppressions } from './suppressions/suppressions.service';
import { UnitOfWork } from './unit-of-work.service';
import { Unsubscriptions } from './suppressions/unsubscriptions.service';

const services = [
  LedgerMetrics,
  MailHolds,
  MailList,
  MailProgress,
  MailQueue,
  MailRenderers,
  MailReturns,
  ReturnList,
  Suppressions,
  UnitOfWork,
  Unsubscriptions,
];

/** All of mail but sending, which is the worker's (`MailDeliveryModule`). */
@Global()
@Module({ providers: services, exports: services })
export class MailModule {}
