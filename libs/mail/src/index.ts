export { Mail, MAIL_STATES, type MailState } from './mail.entity';
export { MailReturn, type ReturnKind } from './returns/mail-return.entity';
export { MailReturns, NotYetSent } from './returns/mail-returns.service';
export { digestOf, readReturn, recipientsOf } from './returns/read-return';
export { recordReturn } from './returns/record-return';
export { ReturnList, type ListedReturn } from './returns/return-list.service';
export { isReturnAddress, provedByAddress, returnAddress } from './returns/return-address';
export { verdictOfReturn, type ReturnedMessage, type ReturnVerdict } from './returns/returns.rules';
export { AddressSuppression } from './suppressions/address-suppression.entity';
export { Suppressions, type SuppressedAddress } from './suppressions/suppressions.service';
export { Unsubscription } from './suppressions/unsubscription.entity';
export { Unsubscriptions, type OwnUnsubscription } from './suppressions/unsubscriptions.service';
export { MailWording } from './wordings/mail-wording.entity';
export { SmtpCircuit } from './delivery/smtp-circuit.entity';
export { declareMailKind, mailKinds, type MailKind } from './mail-kind';
export { hasKey, mailsPart, moveEndOfUse, queueMails } from './mail-ledger';
export { MailQueue } from './mail-queue.service';
export { noteQueued, UnitOfWork } from './unit-of-work.service';
export { MailList, type MailCount, type MailFilter } from './ledger/mail-list.service';
export { MailHolds, type HeldCount, type HeldFilter } from './ledger/mail-holds.service';
export { LedgerMetrics } from './ledger/ledger-metrics.service';
export { MailProgress, type Progress } from './ledger/mail-progress.service';
export { MailModule } from './mail.module';
export { MAIL_QUEUE, PAGE, RECURRING_QUEUE, type DeliverMails } from './mail.jobs';
export {
  MailRenderers,
  type Look,
  type ComposedMail,
  type MailImage,
  type MailRenderer,
  type Stale,
} from './mail-renderer';
export {
  calendarFeed,
  calendarSequence,
  calendarText,
  type CalendarEntry,
  type CalendarEvent,
  type CalendarMethod,
} from './calendar/calendar';
export { contentHash, fitting } from './content/as-sent';
export { codeImage } from './content/code-image';
export { compose } from './content/compose';
export { Directed } from './content/directed';
export {
  foreign,
  opening,
  type MailAgendaSession,
  type MailBlock,
  type MailContent,
  type MailLink,
  type MailWriter,
} from './content/mail-content';
export { inOwnWords } from './wordings/own-words';
export {
  PLACEHOLDERS,
  placeholdersOf,
  wordsProblems,
  type Placeholder,
  type Words,
} from './wordings/wordings.rules';
export { MailAdmission } from './delivery/admission.service';
export { SmtpCircuits } from './delivery/circuits.service';
export { MailDelivery } from './delivery/delivery.service';
export { MailDeliveryModule } from './delivery/delivery.module';
export { MailSweep } from './delivery/sweep.service';
export { SmtpTransport } from './delivery/smtp.transport';
export {
  brackets,
  dateTimeFormat,
  direction,
  formatDay,
  formatList,
  formatPeriod,
  formatTimes,
  formatZone,
  isLanguage,
  isolate,
  languages,
  plain,
  readerLanguage,
  sign,
  t,
  type Language,
} from './languages/languages';
export { honoured } from './languages/names';
export type { MessageKey } from './languages/catalogs';
