export { AuditEntry } from './audit.entity';
export { actorNow, audit, auditEach, auditParameters, auditPart, type AuditLine } from './audit';
export { context, type Context } from './context';
export { Environment, LEAST_LINK_KEY, readEnvironment } from './environment';
export { domainOf, emailKey, isAddress, isSetAside, keySetAside, nameKey, ownKey } from './keys';
export { sharedLimiter } from './shared-limiter';
export { Links, type AddressPurpose, type LinkPurpose } from './links';
export { log, NestLog, plainLog } from './logger';
export {
  bears,
  mailAttempts,
  mailsByState,
  mailsUnwritten,
  metrics,
  oldestDueSeconds,
  openCircuits,
  renderSeconds,
  requestSeconds,
  smtpSeconds,
  watchProcess,
} from './metrics';
export { PlatformModule } from './platform.module';
export { prepared, preparedAtLast, preparedTogether, type Prepared } from './prepared';
export { Problem, type FieldProblem } from './problem';
export { connectRedis, QUEUE_SCHEMA, Queues } from './queues';
export { Recurring, type RecurringWork } from './recurring';
export { redactSecrets } from './redact';
export { inSpan, nameRoute } from './tracing';
export { remember } from './remember';
export { hashSecret, newSecret, secretMatches } from './secrets';
export { assigned, count, empty, join, many, one, raw, sql, valuesOf, type Sql } from './sql';
export { StartProblem } from './start-problem';
export { hasUnseen, oneLine, plainAddress, withoutUnseen } from './stored-text.rules';
export { Turns } from './turns';
export { holdsWebAddress } from './web-address.rules';
export { isWebUrl, MOST_OF_A_URL } from './web-url.rules';
