import { isNoSuchAddress, statusOf, writtenCode } from './refusal-words.rules';

/** What becomes of a mail after the server's answer, or after none. */
export interface Verdict {
  state: 'deferred' | 'failed';
  /** The line broke so late that the server may have taken it. */
  uncertain: boolean;
  /** What the server said, or what happened on the line; kept in the ledger. */
  answer: string;
  /** Seconds until the next attempt, before jitter. */
  retryAfter: number;
  /** False when it says nothing of this mail: our sign-in was refused, or the server was not reached. */
  counted: boolean;
  /** Of whom the refusal speaks when not of this mail: then others need not try either, see `CIRCUITS`. */
  circuit: Circuit | null;
  /** Enhanced status code (RFC 3463) under which nothing is sent to this address any more; null: it stays in use. */
  suppress: string | null;
  /** From the next attempt on it goes without calendar entry and pictures. */
  withoutAttachments: boolean;
}

/** What a refusal speaks of: our sign-in or sender, the server as a whole, or the recipients of one domain. */
export type Circuit = 'account' | 'server' | 'domain';

/**
 * After how many refusals in a row nothing more is sent there for now, and after how many seconds one mail tries again.
 * A server that is away is looked for often: it comes back for everyone at once, and the meeting may be this morning.
 */
export const CIRCUITS: Record<Circuit, { refusals: number; tryAfter: number }> = {
  account: { refusals: 1, tryAfter: 60 },
  server: { refusals: 3, tryAfter: 15 },
  domain: { refusals: 5, tryAfter: 60 },
};

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

const SECONDS = { first: 5, longest: 600, firstOfFullMailbox: 300, longestOfFullMailbox: 3_600 };

/**
 * The policy for every answer of a mail server, in one place; `smtp-answers.rules.spec.ts` has a row for each.
 * - 4xx (RFC 5321, 4.2.1): transient, deferred with a growing pause for as long as the mail is useful. Where it speaks of
 *   the other domain (421, 4.4.x, 4.7.2 and up) or of the whole server (in the greeting), it counts towards a circuit.
 *   Greylisting (450, 4.7.0, 4.7.1) speaks of one sender and recipient, and each mail must come back by itself.
 * - 5xx to the recipient or the message: by its enhanced status code (RFC 3463), or by its words where it has none (those
 *   to the message take no address out of use). No such address: failed, and nothing more is sent there. Mailbox full:
 *   like 4xx, with long pauses. Too large: again without attachments, and failed only if that is too large too. Everything else, as by a policy (5.7.x) or for want of SMTPUTF8 (5.6.7): failed.
 * - 5xx to anything else, such as 554 in the greeting of a relay under repair, or 535 to our sign-in: no fault of this
 *   mail, deferred.
 * - No answer: deferred; uncertain unless it is sure that the mail was not on its way yet.
 * @param attempts how many SMTP transactions were tried, this one included.
 * @param attachments whether it carried anything that can be left out.
 */
export function verdictOf(error: SmtpError, attempts: number, attachments = false): Verdict {
  const deferred: Verdict = {
    state: 'deferred',
    uncertain: false,
    answer: onOneLine(error.response ?? error.message),
    retryAfter: growing(SECONDS.first, SECONDS.longest, attempts),
    counted: true,
    circuit: null,
    suppress: null,
    withoutAttachments: false,
  };
  const status = error.responseCode;
  const aboutThisMail = ['RCPT TO', 'DATA'].includes(error.command ?? '');
  const given = enhancedStatus(error.response);
  const enhanced = aboutThisMail ? statusOf(given, error.response ?? '') : given;

  if (error.code === 'EAUTH' || [530, 534, 535, 538].includes(status ?? 0)) {
    return { ...deferred, counted: false, circuit: 'account' };
  }
  if (status === undefined) {
    // nodemailer knows the server's limit from its EHLO and does not even offer what is larger.
    if (error.message.startsWith('Message size larger')) return tooLarge(deferred, attachments);
    if (['EENVELOPE', 'EMESSAGE'].includes(error.code ?? ''))
      return { ...deferred, state: 'failed', retryAfter: 0 };
    const away = wasNeverReached(error);
    const retryAfter = Math.min(deferred.retryAfter, 30);
    return { ...deferred, uncertain: !away, retryAfter, counted: !away, circuit: away ? 'server' : null };
  }
  if (isTooLarge(status, enhanced, error.command)) return tooLarge(deferred, attachments);
  if (isFullMailbox(status, enhanced, error.command)) {
    const { firstOfFullMailbox, longestOfFullMailbox } = SECONDS;
    return { ...deferred, retryAfter: growing(firstOfFullMailbox, longestOfFullMailbox, attempts) };
  }
  if (!aboutThisMail && (status < 500 || error.command !== 'MAIL FROM'))
    return { ...deferred, circuit: 'server' };
  if (status < 500) return { ...deferred, circuit: speaksOfDomain(status, enhanced) ? 'domain' : null };
  // To MAIL FROM the server speaks of us, unless it can't take the address we write to (RFC 6531, 3.5).
  if (!aboutThisMail && enhanced !== '5.6.7') return { ...deferred, counted: false, circuit: 'account' };
  // An answer to DATA speaks of what we wrote; words of it that name a user may be about any.
  const isOfAddress = error.command === 'RCPT TO' || enhanced === writtenCode(given, error.response ?? '');
  return {
    ...deferred,
    state: 'failed',
    retryAfter: 0,
    suppress: isOfAddress && isNoSuchAddress(enhanced, deferred.answer) ? enhanced : null,
  };
}

/** What a server said, as the ledger keeps it: one line, not too long, and without what PostgreSQL takes in no text (NUL). */
export function onOneLine(answer: string): string {
  return answer
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 500);
}

/** The code of RFC 3463 at the start of an answer's text, `5.1.1`; null when there is none. */
export function enhancedStatus(response: string | undefined): string | null {
  return /^\d{3}[ -][#(]?(\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1] ?? null;
}

function tooLarge(deferred: Verdict, attachments: boolean): Verdict {
  return attachments
    ? { ...deferred, retryAfter: 0, withoutAttachments: true }
    : { ...deferred, state: 'failed', retryAfter: 0 };
}

/** A bare 552 is said of the mailbox when it answers the recipient, and else of the message (RFC 5321, 4.2.2). */
function isTooLarge(status: number, enhanced: string | null, command: string | undefined): boolean {
  return (
    ['5.3.4', '5.2.3'].includes(enhanced ?? '') ||
    (status === 552 && enhanced === null && command !== 'RCPT TO')
  );
}

function isFullMailbox(status: number, enhanced: string | null, command: string | undefined): boolean {
  return (
    ['4.2.2', '5.2.2'].includes(enhanced ?? '') ||
    (enhanced === '4.2.1' && status >= 500) ||
    (status === 552 && enhanced === null && command === 'RCPT TO')
  );
}

function speaksOfDomain(status: number, enhanced: string | null): boolean {
  const [, subject, detail] = (enhanced ?? '').split('.').map(Number);
  return status === 421 || subject === 4 || (subject === 7 && detail! > 1);
}

/** Doubles with every attempt up to the longest. */
function growing(first: number, longest: number, attempts: number): number {
  return Math.min(first * 2 ** Math.max(0, attempts - 1), longest);
}

/**
 * Whether the connection was not even made, or not trusted: a certificate is looked at before anything is said. Of a
 * connection that broke later nodemailer does not say how far it had come (it names `CONN` after the final dot too), so
 * that has to count as perhaps taken.
 */
function wasNeverReached({ code, syscall, message }: SmtpError): boolean {
  return (
    syscall === 'connect' ||
    ['EDNS', 'ETLS'].includes(code ?? '') ||
    /^(Connection timeout|Greeting never received)|\bcertificate\b/.test(message)
  );
}

/** Spreads attempts so that mails that failed together do not come back together: 75 % to 125 % of the pause. */
export function withJitter(seconds: number, random: number): number {
  return seconds * (0.75 + random / 2);
}
