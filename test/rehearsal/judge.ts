import type { ExpectedMail } from './expectation';
import type { Delivered } from './inbox';
import { plain } from './reading';

/** A row of the organiser's list of mails, as the API gives it. */
export interface LedgerRow {
  id: string;
  kind: string;
  recipient: string;
  recipient_name: string;
  state: string;
  uncertain: boolean;
  message_id: string;
  answer: string | null;
}

/** One line of the table. */
export interface Count {
  kind: string;
  standing: string;
  expected: number;
  seen: number;
  lost: number;
  /** Came again under the same Message-ID, and the ledger had said that this might be. */
  doubledFlagged: number;
  /** Came again, and nobody had said so. */
  doubled: number;
  /** Seen, and nobody owed it. */
  notOwed: number;
  /** Came, but says something wrong. */
  wrong: number;
}

export interface Judgement {
  counts: Count[];
  /** Every difference between what was expected and what was seen, a line each. Empty: all is well. */
  differences: string[];
}

export interface Circumstances {
  /** Name and address by number; 0 is the organiser. */
  who: (number: number) => { name: string; email: string };
  hostZone: string;
  joinUrls: string[];
  /** Where our own links begin. */
  origin: string;
  mailFrom: string;
  /** The mailbox to which everything comes back. */
  returns: string;
  /** What the organiser says in own words. */
  ownWords: string[];
  /** How often the worker was killed, and how many mails may be doubled by each. */
  kills: number;
  connections: number;
}

/** Clocks of two processes on one machine, and the time a mail needs from the database to the mailbox. */
const EARLY = 300;
const LATE = 1_500;

/** What the ledger calls a mail that did not go, by its fate. */
const NOT_SENT: Partial<Record<ExpectedMail['fate'], string>> = {
  refused: 'failed',
  withheld: 'suppressed',
  stale: 'stale',
};

/** Compares what came with what should have come. Instants are milliseconds since 1970. */
export function judge(
  expected: readonly ExpectedMail[],
  delivered: readonly Delivered[],
  ledger: readonly LedgerRow[],
  circumstances: Circumstances,
): Judgement {
  const counts = new Map<string, Count>();
  const differences: string[] = [];
  const count = (kind: string, standing: string): Count => {
    const key = `${kind}\n${standing}`;
    let row = counts.get(key);
    if (!row) {
      row = {
        kind,
        standing,
        expected: 0,
        seen: 0,
        lost: 0,
        doubledFlagged: 0,
        doubled: 0,
        notOwed: 0,
        wrong: 0,
      };
      counts.set(key, row);
    }
    return row;
  };
  const nameOf = (who: number | null, address = '') =>
    who === null ? `an unknown reader <${address}>` : circumstances.who(who).name;

  const rows = new Map(ledger.map((row) => [idOf(row.message_id), row]));
  const copies = Map.groupBy(delivered, (mail) => mail.messageId);
  const messages = [...copies.values()].map((mails) => mails[0]!);

  // Who reads what in which order; a reminder belongs to the one in whose time it came.
  const owed = Map.groupBy(expected, ({ who, kind }) => `${who} ${kind}`);
  const came = Map.groupBy(messages, ({ who, kind }) => `${who} ${kind}`);
  const sequences = new Map<number, Delivered[]>();
  /** By Message-ID, what the ledger must say of a mail that was not simply sent. */
  const fates = new Map<string, string>();
  const letters: { mail: Delivered; want: ExpectedMail }[] = [];
  for (const key of new Set([...owed.keys(), ...came.keys()])) {
    const wanted = (owed.get(key) ?? []).toSorted((one, other) => one.from - other.from);
    const mails = [...(came.get(key) ?? [])];
    const telling = new Set<Delivered>();
    for (const want of wanted) {
      const row = count(want.kind, want.standing);
      row.expected++;
      const inTime = ({ receivedAt }: Delivered) =>
        receivedAt >= want.from - EARLY && receivedAt <= want.until + LATE;
      const unsent = NOT_SENT[want.fate];
      if (unsent) {
        const line = ledger.find(
          (one) =>
            one.kind === want.kind &&
            one.state === unsent &&
            sameAddress(one.recipient, want.email) &&
            !fates.has(idOf(one.message_id)),
        );
        if (line) {
          row.seen++;
          fates.set(idOf(line.message_id), unsent);
        } else {
          row.lost++;
          differences.push(`ledger: ${want.label} to ${nameOf(want.who)} is not ${unsent} in it`);
        }
        continue;
      }
      if (want.tells !== null) {
        const those = mails.filter((mail) => inTime(mail) && mail.text.includes(want.tells!));
        for (const mail of those) telling.add(mail);
        if (those.length > 0) row.seen++;
        else row.lost++;
        if (those.length !== 1) {
          differences.push(
            `${want.label} to ${nameOf(want.who)}: ${those.length} mails tell of ${want.tells}`,
          );
        }
        const faults = those.flatMap((mail) => faultsOf(mail, want, circumstances));
        if (faults.length > 0) row.wrong++;
        for (const fault of faults) differences.push(`wrong: ${want.label} to ${nameOf(want.who)}: ${fault}`);
        letters.push(...those.map((mail) => ({ mail, want })));
        continue;
      }
      const at = mails.findIndex(inTime);
      const [mail] = at < 0 ? [] : mails.splice(at, 1);
      if (!mail) {
        row.lost++;
        const fate = ledger
          .filter((line) => line.kind === want.kind && line.state !== 'sent')
          .filter(({ recipient }) => sameAddress(recipient, want.email))
          .map(({ state, answer }) => `${state}: ${answer ?? 'no answer'}`);
        const told = fate.length > 0 ? `; the ledger says ${fate.join(', ')}` : '';
        differences.push(`lost: ${want.label} to ${nameOf(want.who)}${told}`);
        continue;
      }
      row.seen++;
      letters.push({ mail, want });
      if (want.fate === 'comes back') fates.set(idOf(mail.messageId), 'failed');
      const times = copies.get(mail.messageId)!.length;
      const again = times - 1;
      if (again > 0) {
        const flagged = rows.get(idOf(mail.messageId))?.uncertain === true;
        if (flagged) row.doubledFlagged += again;
        else {
          row.doubled += again;
          differences.push(
            `doubled: ${want.label} to ${nameOf(want.who)} came ${times} times, not flagged uncertain`,
          );
        }
      }
      const faults = faultsOf(mail, want, circumstances);
      if (faults.length > 0) row.wrong++;
      for (const fault of faults) differences.push(`wrong: ${want.label} to ${nameOf(want.who)}: ${fault}`);
      if (mail.calendars.length > 0) {
        sequences.set(want.who, [...(sequences.get(want.who) ?? []), mail]);
      }
    }
    for (const mail of mails) {
      if (telling.has(mail)) continue;
      const row = count(mail.kind || '(no kind)', 'not owed');
      row.seen++;
      row.notOwed++;
      differences.push(`not owed: ${mail.kind} to ${nameOf(mail.who, mail.address)}: “${mail.subject}”`);
    }
  }

  for (const [who, mails] of sequences) {
    for (const fault of faultsOfSequence(mails)) differences.push(`calendar of ${nameOf(who)}: ${fault}`);
  }

  differences.push(...differencesOfThreads(letters), ...differencesOfEnvelopes(delivered, nameOf));

  const allowed = circumstances.kills * circumstances.connections;
  const doubledFlagged = [...counts.values()].reduce((sum, row) => sum + row.doubledFlagged, 0);
  if (doubledFlagged > allowed) {
    differences.push(
      `doubled: ${doubledFlagged} mails; ${circumstances.kills} kills with ${circumstances.connections} connections ` +
        `explain ${allowed} at most`,
    );
  }
  differences.push(...differencesOfLedger(ledger, copies, fates, circumstances));
  return {
    counts: [...counts.values()].toSorted(
      (one, other) => one.kind.localeCompare(other.kind) || one.standing.localeCompare(other.standing),
    ),
    differences,
  };
}

/** Every mail of a dialogue answers one and the same; calendar entries and their organisers are everybody's own. */
function differencesOfThreads(letters: readonly { mail: Delivered; want: ExpectedMail }[]): string[] {
  const differences: string[] = [];
  const threads = Map.groupBy(letters, ({ want }) => want.dialogue);
  const seen = new Set<string>();
  for (const [dialogue, ofIt] of threads) {
    for (const name of ['references', 'inReplyTo', 'listId'] as const) {
      const values = new Set(ofIt.map(({ mail }) => mail[name]));
      const [value] = values;
      if (dialogue === null ? value !== '' || values.size > 1 : value === '' || values.size !== 1) {
        differences.push(`thread: ${name} of dialogue ${dialogue} is ${[...values].join(', ') || 'empty'}`);
      } else if (name !== 'inReplyTo' && dialogue !== null) {
        if (seen.has(value!)) differences.push(`thread: two dialogues have ${name} ${value}`);
        seen.add(value!);
      }
    }
  }
  for (const name of ['uid', 'organizer'] as const) {
    const readers = new Map<string, number>();
    for (const { mail, want } of letters) {
      for (const { [name]: value } of mail.calendars) {
        if ((readers.get(value) ?? want.who) !== want.who)
          differences.push(`calendar: two people have ${name} ${value}`);
        readers.set(value, want.who);
      }
    }
  }
  return differences;
}

/** A return path of its own for each mail, and a Message-ID that no other has. */
function differencesOfEnvelopes(
  delivered: readonly Delivered[],
  nameOf: (who: number | null, address: string) => string,
): string[] {
  const differences: string[] = [];
  const paths = new Map<string, string>();
  for (const mail of delivered) {
    const before = paths.get(mail.returnPath) ?? mail.messageId;
    if (before !== mail.messageId) differences.push(`envelope: two mails have the sender ${mail.returnPath}`);
    paths.set(mail.returnPath, mail.messageId);
  }
  for (const [messageId, copies] of Map.groupBy(delivered, (mail) => mail.messageId)) {
    const letters = new Set(
      copies.map(({ kind, address, returnPath }) => `${kind} ${address} ${returnPath}`),
    );
    const { who, address } = copies[0]!;
    if (letters.size > 1)
      differences.push(
        `envelope: Message-ID ${messageId} of ${nameOf(who, address)} is also of another mail`,
      );
  }
  return differences;
}

/** These are about an organiser, and stand in no dialogue's list of mails. */
const OF_NO_DIALOGUE = new Set(['sign-in', 'role-given']);

/** The ledger must say what happened: sent is what came, and came is what was sent. */
function differencesOfLedger(
  ledger: readonly LedgerRow[],
  copies: ReadonlyMap<string, Delivered[]>,
  fates: ReadonlyMap<string, string>,
  { kills, connections }: Circumstances,
): string[] {
  const differences: string[] = [];
  const arrived = new Set([...copies.keys()].map(idOf));
  const known = new Set(ledger.map((row) => idOf(row.message_id)));
  for (const row of ledger) {
    const who = `${row.kind} to ${row.recipient_name} <${row.recipient}>`;
    const owed = fates.get(idOf(row.message_id)) ?? 'sent';
    if (row.state === 'sent' && !arrived.has(idOf(row.message_id))) {
      differences.push(`ledger: ${who} is called sent and never came`);
    } else if (row.state !== owed && (owed !== 'sent' || row.state !== 'stale')) {
      differences.push(
        `ledger: ${who} is ${row.state} in the end, not ${owed} (${row.answer ?? 'no answer'})`,
      );
    } else if (row.state === 'stale' && arrived.has(idOf(row.message_id)) && !row.uncertain) {
      differences.push(`ledger: ${who} is called stale and came`);
    }
  }
  for (const [messageId, [mail]] of copies) {
    if (!OF_NO_DIALOGUE.has(mail!.kind) && !known.has(idOf(messageId))) {
      differences.push(`ledger: ${mail!.kind} to <${mail!.address}> came and is not in it`);
    }
  }
  const uncertain = ledger.filter((row) => row.uncertain).length;
  if (uncertain > kills * connections) {
    differences.push(
      `ledger: ${uncertain} mails are flagged uncertain, at most ${kills * connections} can be`,
    );
  }
  return differences;
}

/** What a careful reader would find wrong with a mail. */
function faultsOf(mail: Delivered, want: ExpectedMail, circumstances: Circumstances): string[] {
  const faults: string[] = [];
  const check = (good: boolean, fault: string): void => {
    if (!good) faults.push(fault);
  };
  const { name } = circumstances.who(want.who);
  const email = want.email;
  const both = [
    ['text', mail.text],
    ['HTML', mail.visible],
  ] as const;

  check(mail.envelope.length === 1, `the envelope has ${mail.envelope.length} recipients`);
  check(mail.envelope[0] === email.toLowerCase(), `the envelope says ${mail.envelope[0]}`);
  check(mail.address === email.toLowerCase(), `it is addressed to ${mail.address}`);
  check(mail.subject.trim() !== '', 'it has no subject');
  check(mail.from === circumstances.mailFrom, `it is from ${mail.from}`);
  check(isReturnAddress(mail.returnPath, 'b', circumstances), `its return path is ${mail.returnPath}`);
  if (CAN_DO_WITHOUT.has(want.kind)) {
    check(
      mail.unsubscribe.startsWith(`<${circumstances.origin}/u/`),
      `List-Unsubscribe is ${mail.unsubscribe || 'missing'}`,
    );
    check(
      mail.unsubscribePost === 'List-Unsubscribe=One-Click',
      `List-Unsubscribe-Post is ${mail.unsubscribePost || 'missing'}`,
    );
  } else {
    check(mail.unsubscribe + mail.unsubscribePost === '', 'one can unsubscribe from it');
  }
  check(mail.autoSubmitted === 'auto-generated', 'it does not say that a machine wrote it');
  for (const [part, words] of both) {
    const isNamed = words.includes(name);
    if (NAMES_NOBODY.has(want.kind)) check(!isNamed, `the ${part} has a name that a stranger may have typed`);
    else check(isNamed, `the ${part} does not name its reader`);
    check(
      !/\bundefined\b|\[object |\bNaN\b|\bInvalid Date\b|\{\w+\}/.test(words),
      `the ${part} shows a blank`,
    );
  }

  check(mail.language === want.language, `Content-Language is ${mail.language}, not ${want.language}`);
  check(mail.htmlLanguage === want.language, `the HTML says lang=${mail.htmlLanguage}`);
  const direction = want.language === 'ar' ? 'rtl' : 'ltr';
  check(mail.direction === direction, `the HTML says dir=${mail.direction}`);
  for (const cell of mail.cells) {
    check(cell === `${want.language} ${direction}`, `a cell says lang and dir ${cell}`);
  }
  check(mail.cells.length > 0, 'no cell says its language');
  for (const [part, words] of both) {
    // A link is in no language, but its letters may be a word of any, as in “…-su-…”.
    const found = languageOf(words.replaceAll(name, '').replaceAll(/\bhttps?:\S+/g, ''));
    check(found === want.language, `the words of the ${part} are ${found}, not ${want.language}`);
  }

  if (want.words !== null) {
    for (const [part, words] of both) {
      check(words.includes(want.words), `the ${part} is not in the organiser’s own words`);
    }
  } else {
    check(
      !circumstances.ownWords.some((words) => mail.text.includes(words)),
      'it is in the organiser’s own words for another kind or language',
    );
  }

  if (TELLS_TIME.has(want.kind)) {
    for (const [part, words] of both) {
      for (const zone of new Set([want.timeZone, circumstances.hostZone])) {
        const time = clockTime(want.startsAt, zone);
        check(words.includes(time), `the ${part} does not show ${time}, the start in ${zone}`);
      }
    }
  }

  const entries = mail.calendars.map((entry) => ({ ...entry, text: entry.text.replace(/\r?\n[ \t]/g, '') }));
  const whole = `${mail.text} ${mail.visible} ${mail.links.join(' ')} ${entries.map(({ text }) => text).join(' ')}`;
  check(!circumstances.joinUrls.some((url) => whole.includes(url)), 'it shows the platform’s own address');
  const personal = `${circumstances.origin}/j/`;
  if (want.joinUrl) {
    for (const part of [mail.text, mail.links.join(' ')]) {
      check(part.includes(personal), `it lacks the link to join, ${personal}…`);
    }
    for (const { method, text } of entries) {
      const isThere = text.includes(personal);
      check(method !== 'REQUEST' || isThere, `its calendar entry lacks the link to join, ${personal}…`);
    }
  } else if (want.joinUrl === null) {
    check(!whole.includes(personal), 'it shows the link to join');
  }
  if (want.link) {
    const start = `${circumstances.origin}${want.link}`;
    check(
      mail.links.some((link) => link.startsWith(start)),
      `it has no link ${want.link}…`,
    );
    check(mail.text.includes(start), `its text has no link ${want.link}…`);
  }

  check(
    mail.calendars.length === (want.calendar ? 1 : 0),
    `it carries ${mail.calendars.length} calendar entries`,
  );
  const [calendar] = mail.calendars;
  if (want.calendar && calendar) {
    check(calendar.method === want.calendar, `METHOD is ${calendar.method}, not ${want.calendar}`);
    check(calendar.mimeMethod === calendar.method, `the MIME part says method=${calendar.mimeMethod}`);
    const iso = (instant: number) => new Date(instant).toISOString();
    check(
      calendar.startsAt === want.startsAt,
      `DTSTART is ${iso(calendar.startsAt)}, not ${iso(want.startsAt)}`,
    );
    check(calendar.endsAt === want.endsAt, `DTEND is ${iso(calendar.endsAt)}, not ${iso(want.endsAt)}`);
    check(calendar.attendee === email.toLowerCase(), `ATTENDEE is ${calendar.attendee}`);
    check(isReturnAddress(calendar.organizer, 'c', circumstances), `ORGANIZER is ${calendar.organizer}`);
    if (want.calendar === 'REQUEST') {
      check(calendar.participation === 'ACCEPTED', `PARTSTAT is ${calendar.participation}`);
      check(calendar.status !== 'CANCELLED', 'STATUS is CANCELLED');
    } else {
      check(calendar.status === 'CANCELLED', `STATUS is ${calendar.status}, not CANCELLED`);
    }
    // But the one to join.
    check(!/\/[cfinru]\/[\w-]{20,}/.test(entries[0]!.text), 'the calendar entry holds a personal link');
  }
  return faults;
}

/** Anybody may have asked for it, with any name. */
const NAMES_NOBODY = new Set(['address-confirmation']);

/** One click ends them: they are not strictly about one's own registration (RFC 8058). */
const CAN_DO_WITHOUT = new Set([
  'invitation',
  'invitation-change',
  'chaser',
  'nomination-request',
  'nomination-chaser',
  'silence',
  'delegation-change',
  'summary',
]);

/** An address of the service mailbox with a secret of its own: `returns+b…@…` for bounces, `returns+c…@…` for calendars. */
function isReturnAddress(address: string, letter: 'b' | 'c', { returns }: Circumstances): boolean {
  const [local = '', domain = ''] = returns.split('@');
  const [given = '', at = ''] = address.toLowerCase().split('@');
  const start = `${local}+${letter}`;
  return at === domain && given.startsWith(start) && /^[a-z0-9]{40,}$/.test(given.slice(start.length));
}

const TELLS_TIME = new Set([
  'invitation',
  'invitation-change',
  'nomination-request',
  'delegation-change',
  'substitution-proposed',
  'chaser',
  'silence',
  'substitute',
  'under-review',
  'confirmation',
  'waitlisted',
  'reminder',
  'change',
]);

/** One UID a registration, and each entry newer than the one before (RFC 5546, 2.1.5). */
function faultsOfSequence(mails: readonly Delivered[]): string[] {
  const faults: string[] = [];
  const entries = mails
    .toSorted((one, other) => one.receivedAt - other.receivedAt)
    .map(({ calendars }) => calendars[0]!);
  entries.forEach((entry, index) => {
    const before = entries[index - 1];
    if (!before) return;
    if (entry.uid !== before.uid) faults.push(`UID changes from ${before.uid} to ${entry.uid}`);
    const newer =
      entry.sequence > before.sequence ||
      (entry.sequence === before.sequence &&
        entry.stamp > before.stamp &&
        entry.startsAt === before.startsAt);
    if (!newer) {
      faults.push(
        `${entry.method} with SEQUENCE ${entry.sequence} after ${before.method} with ${before.sequence}: ` +
          'a calendar would not take it',
      );
    }
  });
  return faults;
}

/** The language of a text by its script, or by the words with which it speaks to its reader. */
function languageOf(words: string): string {
  const arabic = words.match(/[\u0621-\u064a]/g)?.length ?? 0;
  if (arabic >= 40) return 'ar';
  if ((words.match(/\p{Script=Cyrillic}/gu)?.length ?? 0) >= 40) return 'ru';
  if ((words.match(/\p{Script=Han}/gu)?.length ?? 0) >= 20) return 'zh';
  // Whoever writes Spanish says “you” in the third person.
  if (/\b(usted|su|sus)\b/i.test(words)) return 'es';
  if (/\b(vous|votre|vos)\b/i.test(words)) return 'fr';
  return /\b(you|your)\b/i.test(words) ? 'en' : 'unknown';
}

/** "14:05" in a zone. */
export function clockTime(instant: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(zone)
    .toPlainTime()
    .toString({ smallestUnit: 'minute' });
}

/** The left part of a Message-ID. */
export function idOf(messageId: string): string {
  return plain(messageId).replace(/^<|>$/g, '').split('@')[0]!;
}

function sameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
