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
  /** Of a system error: what was being done. */
  syscall?: string;
}

/**
 * The policy for every answer of a mail server, in one place.
 * - 4xx (RFC 5321, 4.2.1): transient, deferred with a growing pause for as long as the mail is useful.
 * - 5xx to the recipient or the message: permanent, failed.
 * - 5xx to anything else, such as 554 in the greeting of a relay under repair, or 535 to our sign-in: no fault of this
 *   mail, deferred.
 * - No answer: deferred; uncertain unless it is sure that the mail was not on its way yet.
 * @param attempts how many SMTP transactions were tried, this one included.
 */
export function verdictOf(error: SmtpError, attempts: number): Verdict {
  const answer = (error.response ?? error.message).replace(/\s+/g, ' ').slice(0, 500);
  const growing = Math.min(5 * 2 ** Math.max(0, attempts - 1), 600);
  const status = error.responseCode;
  // Only an answer about the recipient or the message itself speaks of this mail; one to the greeting, to the sign-in or
  // to the sender speaks of the server or of us, and 530 (RFC 4954, 6) of our sign-in wherever it is said.
  const aboutThisMail = ['RCPT TO', 'DATA'].includes(error.command ?? '') && status !== 530;
  if (status !== undefined && status >= 500 && aboutThisMail) {
    return { state: 'failed', uncertain: false, answer, retryAfter: 0 };
  }
  if (status !== undefined) return { state: 'deferred', uncertain: false, answer, retryAfter: growing };
  // A server that is away comes back for everyone at once: keep the pause short enough for a meeting this morning.
  return { state: 'deferred', uncertain: !wasNeverReached(error), answer, retryAfter: Math.min(growing, 30) };
}

/**
 * Whether the connection was not even made. Of a connection that broke later nodemailer does not say how far it had
 * come (it names `CONN` after the final dot too), so that has to count as perhaps taken.
 */
function wasNeverReached({ code, syscall, message }: SmtpError): boolean {
  return (
    syscall === 'connect' ||
    code === 'EDNS' ||
    code === 'EAUTH' ||
    /^(Connection timeout|Greeting never received)/.test(message)
  );
}

/** Spreads attempts so that mails that failed together do not come back together: 75 % to 125 % of the pause. */
export function withJitter(seconds: number, random: number): number {
  return seconds * (0.75 + random / 2);
}
