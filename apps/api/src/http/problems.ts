import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { Problem } from '@app/platform';

/** A problem that goes away by waiting; answered with Retry-After (RFC 9110, 10.2.3). */
export class RetryLater extends Problem {
  constructor(
    status: 429 | 503,
    code: string,
    detail: string,
    /** Seconds to wait. */
    readonly afterSeconds: number,
  ) {
    super(status, code, detail);
  }
}

/** Beside lost connections: shutting down or starting, too many sessions, out of memory, and a standby that does not write. */
const LOST_CONNECTION =
  /^(08\w{3}|57P0[1235]|53000|53200|53300|53400|25006|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)$/;

/** The driver gives no code when the line breaks in the middle of a question. */
const LOST_CONNECTION_WORDS =
  /Connection terminated|timeout exceeded when trying to connect|connection is not established|Driver not Connected|Client has encountered a connection error/i;

/** Whether an error says that PostgreSQL can't be reached now, rather than that it refused something. */
export function isDatabaseAway(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, driverError, message } = error as {
    code?: unknown;
    driverError?: unknown;
    message?: unknown;
  };
  if (typeof code === 'string' && LOST_CONNECTION.test(code)) return true;
  // A session that ended between two statements of a transaction was given back, and the next is told only that.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  if (error instanceof QueryRunnerProviderAlreadyReleasedError) return true;
  if (driverError !== undefined && driverError !== error) return isDatabaseAway(driverError);
  return typeof message === 'string' && LOST_CONNECTION_WORDS.test(message);
}

/** The SQLSTATE that PostgreSQL gave, which TypeORM may have wrapped. */
function stateOf(error: unknown): string | undefined {
  const { code, driverError } = (error ?? {}) as { code?: unknown; driverError?: unknown };
  if (typeof code === 'string') return code;
  return driverError !== undefined && driverError !== error ? stateOf(driverError) : undefined;
}

/** Whether PostgreSQL has no room left on its disk. */
export function isStorageFull(error: unknown): boolean {
  return stateOf(error) === '53100';
}

/**
 * Whether PostgreSQL refused a value as it was sent, not what was asked: no date, out of range, too long, NUL or another
 * character it cannot keep, no uuid, no zone.
 */
export function isInputRefused(error: unknown): boolean {
  return /^(22001|22003|22007|22008|22009|22021|22023|22P02|22P03|22P05)$/.test(stateOf(error) ?? '');
}

/** Whether PostgreSQL refused a row for the sake of another one: the same already (23505), or one it needs, or that needs it (23503). */
export function isRowInTheWay(error: unknown): boolean {
  return /^(23503|23505)$/.test(stateOf(error) ?? '');
}

/**
 * Whether it was taken back because another request was changing the same thing, so that it is worth repeating at once; not
 * what took too long.
 */
export function isContested(error: unknown): boolean {
  return isRowInTheWay(error) || /^(40P01|40001)$/.test(stateOf(error) ?? '');
}

/** Whether PostgreSQL gave up on a transaction so that another could go on (deadlock, serialization), or for lack of time. */
export function isTransactionAborted(error: unknown): boolean {
  return /^(40P01|40001|55P03|57014)$/.test(stateOf(error) ?? '');
}
