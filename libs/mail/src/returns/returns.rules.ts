import { emailKey } from '../../../platform/src/keys';
import { saysFull, saysNobodyThere, statusOf } from '../delivery/refusal-words.rules';

/** What of a message decides what it is; read by `readReturn`. */
export interface ReturnedMessage {
  /** Of the From header, in lower case; empty when there is none that can be read. */
  from: string;
  subject: string;
  /** Whether it has no return path, as what servers say by themselves (RFC 5321, 4.5.5). */
  isFromNobody: boolean;
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

/** What a report says about one address; `arrived`: it has the mail. */
interface Report {
  kind: 'hard bounce' | 'soft bounce' | 'delay' | 'arrived';
  status: string;
  diagnostic: string;
  recipients: string[];
}

/**
 * What came back: a delivery status notification (RFC 3464), the same in the words of servers that know none, a calendar
 * reply (RFC 5546, 3.2.3), an answer of a machine (RFC 3834), or something else. It says nothing of whether the message
 * may be believed: only the secret in the address it came to proves that.
 * @param writtenTo the address that the mail went to, as `emailKey` has it. A report on several addresses is then judged by
 *   what it says of this one, where it says anything of it.
 */
export function verdictOfReturn(message: ReturnedMessage, writtenTo?: string): ReturnVerdict {
  const reports =
    (message.deliveryStatus === null ? null : reported(message.deliveryStatus)) ??
    inProse(message, writtenTo);
  if (reports) return judged(reports, writtenTo);
  const reply = message.calendar === null ? null : calendarReply(message.calendar);
  if (reply) return reply;
  return { kind: isAutomatic(message) ? 'automatic reply' : 'other' };
}

/** The worst verdict on the address, or on all addresses where the report does not name it. */
function judged(reports: Report[], writtenTo: string | undefined): ReturnVerdict {
  const own = reports.filter(({ recipients }) => writtenTo !== undefined && recipients.includes(writtenTo));
  const of = own.length > 0 ? own : reports;
  for (const kind of ['hard bounce', 'soft bounce', 'delay'] as const) {
    const worst = of.find((report) => report.kind === kind);
    if (worst) return { ...worst, kind, diagnostic: worst.diagnostic || worst.status };
  }
  return { kind: 'other' };
}

/** How many soft bounces of one mail are followed by another attempt. */
export const SOFT_BOUNCES = 3;

/** Seconds until a mail goes again after that many soft bounces: the other server tried for hours already. */
export function pauseAfterBounce(softBounces: number): number {
  return 900 * 4 ** Math.max(0, softBounces - 1);
}

/** What a delivery status notification says of each address; null when it says nothing of any. */
function reported(report: string): Report[] | null {
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
  return groups.flatMap((group): Report[] => {
    const diagnostic = oneLine((group.get('diagnostic-code') ?? '').replace(/^[\w-]+\s*;\s*/, ''));
    const action = (group.get('action') ?? '').toLowerCase().split(/[\s(]/)[0]!;
    const status = statusIn(group.get('status') ?? '', diagnostic);
    // Where an address stands for others, such as a mission's for five people, the original one is fine: it is the final one
    // that is not.
    const address = addressOf(group.get('final-recipient')) ?? addressOf(group.get('original-recipient'));
    const about = { status, diagnostic, recipients: address === null ? [] : [address] };
    if (action === 'delayed') return [{ kind: 'delay', ...about }];
    if (action === 'delivered') return [{ kind: 'arrived', ...about }];
    if (action !== 'failed' && !(action === '' && /^[45]/.test(status))) return [];
    return [{ kind: isForNow(status) ? 'soft bounce' : 'hard bounce', ...about }];
  });
}

/** Local parts under which servers write of themselves. */
const SERVERS =
  /^(mailer-daemon|postmaster|mail-daemon|mdaemon|postfix|microsoftexchange[0-9a-f]*|mail delivery (sub)?system)@?/;
const GIVEN_UP =
  /qmail-send program|(?<!(remains?|still) )undeliver(able|ed)|delivery (has )?fail(ed|ure)|could(n['’]t| not) be delivered|(was|were)(n['’]t| not) delivered|failure notice|returned (mail|to sender)|permanent (fatal )?error|did(n['’]t| not) reach|(?<!not (yet )?)(giv(en|ing)|gave) up/i;
/** A server promises to go on, whatever failed so far; not after a refusal for good. */
const GOES_ON =
  /not yet been delivered|no action is required|attempts will continue|will be retried|(do not|don['’]t) need to resend/i;
const STILL_TRYING = /will (re)?try|still (being )?(re)?tr(ied|ying)|delay(ed)?/i;
const REFUSED = /(^|[:：])[\s#<(*>-]*5\d\d[ -]#?5\.\d/m;
const ENDED = /(?<!not (yet )?)(giv(en|ing)|gave) up|permanent|returned to sender/i;

/** A person answers, or a machine for one. */
const ANSWERS = /^\s*(re|aw|antw|sv|rv|rif|ref|res|отв|回复|答复|رد)\s*(\[\d+\])?\s*[:：]/iu;

/** The codes of a refusal as a server writes them: at the start of a line, after a colon, or marked: `#550 5.1.1`, `(#5.1.1)`. */
const CODES =
  /(^|[:：])[\s#<(*>-]*[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}(?![\d.])|[(#]\s?([45]\d\d )?[45]\.\d{1,3}\.\d{1,3}(?![\d.])/;
/** One of them alone, which in a line of its own could be anything. */
const ONE_CODE = /(^|[:：])[\s#<(*>-]*([45][0-5]\d[ -](?=\D)|[45]\.\d{1,3}\.\d{1,3}(?![\d.]))/;

/** A bounce in prose, in whatever language (qmail's QSBMF, Exim, Domino, Exchange); null when it is none. */
function inProse(message: ReturnedMessage, writtenTo: string | undefined): Report[] | null {
  const { from, subject, headers, isFromNobody } = message;
  const { lines, quoted } = linesOf(message.text);
  const failed = (headers.get('x-failed-recipients') ?? '')
    .split(',')
    .flatMap((each) => addressOf(each) ?? []);
  const isServer = SERVERS.test(from);
  const words = `${subject}\n${lines.join('\n')}`;
  const isDelay =
    !ENDED.test(words) &&
    ((GOES_ON.test(words) && !REFUSED.test(words)) ||
      ((GOES_ON.test(words) || STILL_TRYING.test(words)) && !/fail(ed|ure)/i.test(words)));
  const asked = [from, ...addressesIn([headers.get('to') ?? ''])];
  const own = addressesIn(lines, asked);
  const named = failed.length > 0 ? failed : own.length > 0 ? own : addressesIn(quoted, asked);
  if (failed.length === 0) {
    if (!isServer && (!isFromNobody || isAutomatic(message) || named.length === 0)) return null;
    if (ANSWERS.test(subject)) return null;
    const saysItself = isServer && (isDelay || GIVEN_UP.test(words));
    if (!saysItself && !hasCodes(lines, words)) return null;
  }
  return segmentsOf(lines, named).map((segment) => {
    const { reasons } = segment;
    const line = lineOfReason(reasons);
    const said = statusIn('', line);
    const status = said === '5.0.0' ? statusOverLines(reasons) : said;
    const inReason = addressesIn([line], asked);
    const of = inReason.length > 0 ? inReason : segment.recipients;
    // Of several it may be any, and the one that was written to may stand for the others.
    const others = of.filter((address) => address !== writtenTo);
    const recipients = others.length > 0 && own.length > 0 && failed.length === 0 ? others : of;
    const diagnostic = line || 'It came back without a word.';
    // Without a word that is known, a code of the fourth class alone does not say that the server has given up.
    const mayComeYet =
      isDelay ||
      (status.startsWith('4') && !GIVEN_UP.test(words) && !/\b5\d\d[ -]/.test(line) && failed.length === 0);
    if (mayComeYet) return { kind: 'delay', status: status.replace(/^5/, '4'), diagnostic, recipients };
    return { kind: isForNow(status) ? 'soft bounce' : 'hard bounce', status, diagnostic, recipients };
  });
}

/** What the words say where they are broken over two lines. Of numbers, which may be of any kind there, none counts. */
function statusOverLines(lines: string[]): string {
  const pairs = lines.map((line, at) => `${line}\n${lines[at + 1] ?? ''}`.replaceAll(/\d+(\.\d+)*/g, '0'));
  const found = pairs.map((words) => statusOf('5.0.0', words)).find((status) => status !== '5.0.0');
  return found ?? '5.0.0';
}

function hasCodes(lines: string[], words: string): boolean {
  if (lines.some((line) => CODES.test(line))) return true;
  return lines.some((line) => ONE_CODE.test(line)) && (saysNobodyThere(words) || saysFull(words));
}

/** A header field as mail programs quote it, in whatever language. */
const QUOTED_FIELD =
  /^[ \t>|*]*(from|to|cc|subject|date|sent|von|an|betreff|datum|gesendet|de|à|a|objet|envoyé|para|asunto|assunto|enviado|fecha|data|da|oggetto|inviato|от|от кого|кому|тема|дата|отправлено|发件人|收件人|主题|日期|发送时间|من|إلى|الموضوع|التاريخ)\*{0,2}[ \t]?[:：]/iu;

/**
 * What the server itself says, without the mail that it quotes; and the header fields that it quotes. Some quote them
 * before they say what is wrong, so only once that is said do they end the server's own words. One field alone is no quote.
 */
function linesOf(text: string): { lines: string[]; quoted: string[] } {
  const all = text
    .split(
      /^[ \t]*-{2,} ?(?:below this line|this is a copy|original message|the following)|^[ \t]*(?:original message headers|return-path|received|dkim-signature|message-id|mime-version):/im,
    )[0]!
    .split(/\r?\n/);
  const lines: string[] = [];
  const quoted: string[] = [];
  const isField = (at: number) => QUOTED_FIELD.test(all[at] ?? '');
  const indent = (at: number) => /^[ \t]*/.exec(all[at] ?? '')![0].length;
  // Fields stand below each other, a line further apart in some; one that is long goes on in lines that are indented more.
  const goesOn = (begin: number, at: number) =>
    isField(at) ||
    (all[at]?.trim() === '' && isField(at + 1)) ||
    (indent(at) > indent(begin) && all[at]!.trim() !== '' && !CODES.test(all[at]!));
  for (let at = 0; at < all.length; at++) {
    const line = oneLine(all[at]!);
    let end = at;
    while (isField(at) && goesOn(at, end)) end++;
    const block = all.slice(at, end);
    if (block.filter((each) => QUOTED_FIELD.test(each)).length < 2) {
      if (line) lines.push(line);
      continue;
    }
    if (lines.some((said) => CODES.test(said) || saysNobodyThere(said) || saysFull(said))) break;
    quoted.push(...block.map(oneLine));
    at = end - 1;
  }
  return { lines, quoted };
}

/** Whom a text names: no address at which a server or its keepers are to be asked. */
function addressesIn(lines: string[], asked: string[] = []): string[] {
  const found = lines.flatMap(
    (line) => line.match(/[^\s<>()[\]"'“”«»,;:]+@[^\s<>()[\]"'“”«»,;:]+[^\s<>()[\]"'“”«»,;:.!?]/gu) ?? [],
  );
  return [...new Set(found.map(emailKey))].filter(
    (address) =>
      !asked.some((each) => address === emailKey(each)) &&
      !SERVERS.test(address) &&
      !/^(abuse|support|help|helpdesk)@/.test(address),
  );
}

/**
 * A text that gives its reasons address by address, taken apart. One that does not is one segment, on the address that
 * stands in a line of its own, or on all that it names.
 */
function segmentsOf(lines: string[], named: string[]): { recipients: string[]; reasons: string[] }[] {
  const segments: { recipients: string[]; reasons: string[] }[] = [];
  for (const line of lines) {
    const [, address] = /^[<*-]*\s*([^\s<>:]+@[^\s<>:]+)>?\s*(?::|$)/.exec(line) ?? [];
    const key = address === undefined ? undefined : emailKey(address);
    if (key !== undefined && named.includes(key)) segments.push({ recipients: [key], reasons: [line] });
    else segments.at(-1)?.reasons.push(line);
  }
  const apart = [...new Set(segments.flatMap(({ recipients }) => recipients))];
  if (apart.length > 1) return segments;
  return [{ recipients: apart.length === 1 ? apart : named, reasons: lines }];
}

/** The line of prose that says why. */
function lineOfReason(lines: string[]): string {
  const reason =
    lines.find((line) => CODES.test(line)) ??
    lines.find((line) => /\b[45]\d\d[ -]/.test(line)) ??
    lines.find((line) => /(^|[^\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])/.test(line)) ??
    lines.find(saysNobodyThere) ??
    lines.find(saysFull);
  return reason ?? lines[0] ?? '';
}

/** The enhanced status code, see `statusOf`; one that is unknown is that of the class. */
function statusIn(given: string, diagnostic: string): string {
  const own = /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(given)?.[1] ?? null;
  return statusOf(own, diagnostic) ?? (/\b4\d\d(?=[ -]|$)/.test(diagnostic) ? '4.0.0' : '5.0.0');
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
    /^\s*(automatic reply|auto(matic)?[- ]?(reply|response)|out of (the )?office|on leave|vacation|réponse automatique|absence|absent|respuesta automática|fuera de (la )?oficina|ausencia|автоответ|автоматический ответ|вне офиса|自动(回复|答复)|外出|不在办公室|رد تلقائي|خارج المكتب|abwesenheit|automatische antwort|risposta automatica|resposta automática)/iu.test(
      subject,
    )
  );
}

/** Of `rfc822; a@b.example` (RFC 3464, 2.3.2), of `utf-8; …` (RFC 6533, 3) and of a bare address. */
function addressOf(value: string | undefined): string | null {
  const address = value?.replace(/^[\w-]+\s*;\s*/, '').replaceAll(/[<>\s]/g, '');
  return address?.includes('@') ? emailKey(address) : null;
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
