/** What of a message decides what it is; read by `readReturn`. */
export interface ReturnedMessage {
  /** Of the From header, in lower case; empty when there is none that can be read. */
  from: string;
  subject: string;
  /** Header fields by name in lower case, each with its values as text. */
  headers: ReadonlyMap<string, string>;
  /** What a person would read of it, at most some thousand characters. */
  text: string;
  /** The machine-readable part of a delivery status notification (RFC 3464); null: it has none. */
  deliveryStatus: string | null;
  /** A part of type text/calendar; null: it has none. */
  calendar: string | null;
}

/** What a message turned out to be. */
export type ReturnVerdict =
  | {
      kind: 'hard bounce' | 'soft bounce' | 'delay';
      /** Enhanced status code (RFC 3463). */
      status: string;
      /** What the other server said, on one line. */
      diagnostic: string;
      /** The addresses that it speaks of, as `emailKey` has them; empty: it names none. */
      recipients: string[];
    }
  | {
      kind: 'calendar reply';
      /** PARTSTAT in capital letters (RFC 5545, 3.2.12). */
      status: string;
      /** The entry that it answers. */
      uid: string;
    }
  | { kind: 'automatic reply' | 'other' };

/**
 * What came back: a delivery status notification (RFC 3464), the same in the words of servers that know none, a calendar
 * reply (RFC 5546, 3.2.3), an answer of a machine (RFC 3834), or something else. It says nothing of whether the message
 * may be believed: only the secret in the address it came to proves that.
 */
export function verdictOfReturn(message: ReturnedMessage): ReturnVerdict {
  const bounce = message.deliveryStatus === null ? sloppyBounce(message) : reported(message.deliveryStatus);
  if (bounce) return bounce;
  const reply = message.calendar === null ? null : calendarReply(message.calendar);
  if (reply) return reply;
  return { kind: isAutomatic(message) ? 'automatic reply' : 'other' };
}

/** How many soft bounces of one mail are followed by another attempt. */
export const SOFT_BOUNCES = 3;

/** Seconds until a mail goes again after that many soft bounces: the other server tried for hours already. */
export function pauseAfterBounce(softBounces: number): number {
  return 900 * 4 ** Math.max(0, softBounces - 1);
}

/** The worst that a delivery status notification reports; null when it reports no failure and no delay. */
function reported(report: string): ReturnVerdict | null {
  const groups = unfold(report, /\n[ \t]+(?=\S)/g, ' ')
    .split(/\n\s*\n/)
    .map(
      (group) =>
        new Map(
          [...group.matchAll(/^([\w-]+)\s*:[ \t]*(.*)$/gm)].map(([, name, value]) => [
            name!.toLowerCase(),
            value!.trim(),
          ]),
        ),
    )
    .filter((group) => group.has('action') || group.has('status') || group.has('final-recipient'));
  if (groups.length === 0) return null;
  const told = groups.flatMap((group) => {
    const diagnostic = oneLine((group.get('diagnostic-code') ?? '').replace(/^[\w-]+\s*;\s*/, ''));
    const action = (group.get('action') ?? '').toLowerCase().split(/[\s(]/)[0]!;
    const status = statusIn(group.get('status') ?? '', diagnostic);
    // Where an address stands for others, such as a mission's for five people, the original one is fine: it is the final one
    // that is not.
    const address = addressOf(group.get('final-recipient')) ?? addressOf(group.get('original-recipient'));
    const recipients = address === null ? [] : [address];
    if (action === 'delayed') return { kind: 'delay' as const, status, diagnostic, recipients };
    if (action !== 'failed' && !(action === '' && /^[45]/.test(status))) return [];
    return {
      kind: isForNow(status) ? ('soft bounce' as const) : ('hard bounce' as const),
      status,
      diagnostic,
      recipients,
    };
  });
  const worst = (['hard bounce', 'soft bounce', 'delay'] as const)
    .map((kind) => told.find((each) => each.kind === kind))
    .find((each) => each !== undefined);
  if (!worst) return { kind: 'other' };
  return { ...worst, diagnostic: worst.diagnostic || worst.status };
}

/** Local parts under which servers write of themselves. */
const SERVERS = /^(mailer-daemon|postmaster|mail-daemon|mdaemon|postfix|mail delivery (sub)?system)@?/;
const GIVEN_UP =
  /qmail-send program|undeliver(able|ed)|delivery (has )?fail(ed|ure)|could(n't| not) be delivered|failure notice|returned (mail|to sender)|permanent (fatal )?error|did not reach|wasn't delivered/i;
const STILL_TRYING =
  /will (re)?try|still (being )?tr(ied|ying)|not yet been delivered|delay(ed)?|no action is required/i;
const NOBODY_THERE =
  /no such (user|mailbox|recipient|address)|(user|recipient|mailbox|address) (is )?(unknown|not found|unavailable|does(n't| not) exist)|unknown (user|recipient|mailbox|address)|no mailbox (here )?by that name|does(n't| not) exist/i;

/** A bounce of a server that writes prose only, such as qmail (QSBMF) and older Exim; null when it is none. */
function sloppyBounce({ from, subject, headers, text }: ReturnedMessage): ReturnVerdict | null {
  const failed = headers.get('x-failed-recipients');
  // Holiday notes come with a null sender too and may speak of failing: only servers sign as servers.
  if (failed === undefined && !SERVERS.test(from)) return null;
  const said = `${subject}\n${text}`;
  const isDelay =
    STILL_TRYING.test(said) && !/giving up|permanent|fail(ed|ure)|returned to sender/i.test(said);
  if (!isDelay && failed === undefined && !GIVEN_UP.test(said)) return null;
  const line = lineOfReason(text);
  const status = statusIn('', line) === '5.0.0' && NOBODY_THERE.test(text) ? '5.1.1' : statusIn('', line);
  const kind = isDelay ? 'delay' : isForNow(status) ? 'soft bounce' : 'hard bounce';
  const recipients = (failed ?? '').split(',').flatMap((address) => addressOf(address) ?? []);
  return { kind, status: isDelay ? status.replace(/^5/, '4') : status, diagnostic: line, recipients };
}

/** The line of prose that says why. */
function lineOfReason(text: string): string {
  const lines = text
    .split(/^-{2,} ?(?:below this line|this is a copy|original message|the following)/im)[0]!
    .split(/\r?\n/)
    .map(oneLine)
    .filter(Boolean);
  const reason =
    lines.find((line) => /\b[45]\d\d[ -]|#[45]\.\d\.\d/.test(line)) ??
    lines.find((line) => /(^|[^\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])/.test(line)) ??
    lines.find((line) => NOBODY_THERE.test(line));
  return reason ?? lines[0] ?? 'It came back without a word.';
}

/**
 * The enhanced status code: as it is given, unless that says nothing (x.0.0) and the server's words say more; without
 * one, what its reply code and words mean (RFC 5321, 4.2.3).
 */
function statusIn(given: string, diagnostic: string): string {
  const enhanced = /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/;
  const own = enhanced.exec(given)?.[1];
  if (own && !own.endsWith('.0.0')) return own;
  const said = enhanced.exec(diagnostic)?.[1];
  if (said) return said;
  const code = /\b([45]\d\d)(?=[ -]|$)/.exec(diagnostic)?.[1];
  if (code === undefined) return own ?? '5.0.0';
  if (code.startsWith('4')) return '4.0.0';
  // A bare 550 may also be said of a policy (RFC 5321, 4.2.3), and that is no reason to stop writing to somebody.
  return ['550', '551', '553'].includes(code) && NOBODY_THERE.test(diagnostic) ? '5.1.1' : '5.0.0';
}

/** Transient (4.x.x), and a full mailbox, which some servers call permanent though people empty it. */
function isForNow(status: string): boolean {
  return status.startsWith('4') || status === '5.2.2';
}

/** Reads the few properties that matter; a calendar that is no reply of exactly one attendee is none (RFC 5546, 3.2.3). */
function calendarReply(calendar: string): ReturnVerdict | null {
  // What stands in quotes may look like a parameter: CN="a;PARTSTAT=ACCEPTED".
  const lines = unfold(calendar, /\n[ \t]/g, '')
    .split('\n')
    .map((line) => line.replaceAll(/"[^"]*"/g, '""').trim());
  const value = (name: string): string | undefined =>
    lines.map((line) => new RegExp(`^${name}(?:;[^:]*)?:(.*)$`, 'i').exec(line)?.[1]?.trim()).find(Boolean);
  if (value('METHOD')?.toUpperCase() !== 'REPLY') return null;
  const attendees = lines.filter((line) => /^ATTENDEE[;:]/i.test(line));
  const status = /;PARTSTAT=([\w-]{1,30})/i.exec(attendees[0] ?? '')?.[1]?.toUpperCase();
  const uid = value('UID');
  if (attendees.length !== 1 || !status || !uid) return null;
  return { kind: 'calendar reply', status, uid };
}

/** Whether a machine answered (RFC 3834, 5), or one that says so in a way of its own. */
function isAutomatic({ headers, subject }: ReturnedMessage): boolean {
  const submitted = headers.get('auto-submitted')?.toLowerCase().split(';')[0]!.trim();
  return (
    (submitted !== undefined && submitted !== 'no') ||
    ['x-autoreply', 'x-autorespond', 'x-autogenerated', 'x-vacation'].some((name) => headers.has(name)) ||
    /^(auto[-_ ]?reply|bulk|junk|list)$/i.test(headers.get('precedence') ?? '') ||
    /^\s*(automatic reply|auto(matic)?[- ]?(reply|response)|out of (the )?office|réponse automatique|respuesta automática|автоответ|автоматический ответ|自动(回复|答复)|رد تلقائي)/iu.test(
      subject,
    )
  );
}

/** Of `rfc822; a@b.example` (RFC 3464, 2.3.2), of `utf-8; …` (RFC 6533, 3) and of a bare address. */
function addressOf(value: string | undefined): string | null {
  const address = value?.replace(/^[\w-]+\s*;\s*/, '').replaceAll(/[<>\s]/g, '');
  return address?.includes('@') ? address.normalize('NFKC').toLowerCase() : null;
}

/** Ends of line as \n, and what was folded on one line again, `joint` between the parts (RFC 5322, 2.2.3; RFC 5545, 3.1). */
function unfold(text: string, joint: RegExp, by: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(joint, by);
}

/** Without line breaks and other control characters, and not endless: people read it in a mail. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 500);
}
