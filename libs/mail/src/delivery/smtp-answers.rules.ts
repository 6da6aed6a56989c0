/** What becomes of a mail after the server's answer, or after none. */
export interface Verdict {
  state: 'deferred' | 'failed';
  /** The line broke so late that the server may have taken it. */
  uncertain: boolean;
  /** What the server said, or what happened on the line; kept in the ledger. */
  answer: string;
  /** Seconds until the next attempt, before jitter. */
  retryAfter: number;
}

/** The parts of nodemailer's error that decide. */
export interface SmtpError {
  message: string;
  code?: string;
  responseCode?: number;
  response?: string;
  command?: string;
}

/** Before the message was handed over, nothing can have been taken. */
const BEFORE_DATA = new Set(['CONN', 'EHLO', 'HELO', 'STARTTLS', 'AUTH', 'MAIL FROM', 'RCPT TO', 'API']);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EDNS',
  'ENOTFOUND',
  'EAUTH',
  'ETLS',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * The policy for every answer of a mail server, in one place.
 * - 4xx (RFC 5321, 4.2.1): transient, deferred with a growing pause for as long as the mail is useful.
 * - 5xx: permanent, failed; except 5xx to authentication or to the sender, which are ours to mend and no fault of the
 *   recipient: deferred.
 * - No answer: deferred; uncertain when it broke after the message was on its way.
 * @param attempts how many SMTP transactions were tried, this one included.
 */
export function verdictOf(error: SmtpError, attempts: number): Verdict {
  const answer = (error.response ?? error.message).replace(/\s+/g, ' ').slice(0, 500);
  const growing = Math.min(5 * 2 ** Math.max(0, attempts - 1), 600);
  const status = error.responseCode;
  const ours =
    error.code === 'EAUTH' || error.command === 'MAIL FROM' || error.command?.startsWith('AUTH') === true;
  if (status !== undefined && status >= 500 && !ours) {
    return { state: 'failed', uncertain: false, answer, retryAfter: 0 };
  }
  if (status !== undefined) return { state: 'deferred', uncertain: false, answer, retryAfter: growing };
  const reached = !UNREACHABLE.has(error.code ?? '') && !BEFORE_DATA.has(error.command ?? '');
  // A server that is away comes back for everyone at once: keep the pause short enough for a meeting this morning.
  return { state: 'deferred', uncertain: reached, answer, retryAfter: Math.min(growing, 30) };
}

/** Spreads attempts so that mails that failed together do not come back together: 75 % to 125 % of the pause. */
export function withJitter(seconds: number, random: number): number {
  return seconds * (0.75 + random / 2);
}
