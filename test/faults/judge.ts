import type { MailState } from '@app/mail';
import type { Fault } from './fault';

/** A row of the ledger. */
export interface LedgerMail {
  id: string;
  kind: string;
  state: MailState;
  recipient: string;
  messageId: string;
  uncertain: boolean;
  answer: string | null;
}

/** A mail in the mailbox. */
export interface TakenMail {
  messageId: string;
  to: string;
}

/** Someone who registered while it happened. */
export interface Visit {
  email: string;
  /** What the API answered; 0 for a line that broke. */
  status: number;
  milliseconds: number;
}

/** What is compared. */
export interface Evidence {
  ledger: LedgerMail[];
  taken: TakenMail[];
  visits: Visit[];
  /** How many mails must be in the ledger, without those of the visitors. */
  owed: number;
}

export interface Verdict {
  /** Mails that had to come. */
  expected: number;
  /** Mails that came, each counted once. */
  seen: number;
  lost: number;
  /** Copies beside the first. */
  doubled: number;
  uncertain: number;
  differences: string[];
}

/** What is in one of these states was not to be sent. */
const NOT_TO_SEND: MailState[] = ['failed', 'suppressed', 'stale', 'missed'];

/** Compares what was caused with what the ledger says and what the mail server took; none of them is believed alone. */
export function judge(
  { ledger, taken, visits, owed }: Evidence,
  fault: Pick<Fault, 'mayDouble' | 'ends' | 'mayAnswer'>,
): Verdict {
  const differences: string[] = [];
  const copies = Map.groupBy(taken, ({ messageId }) => messageId);
  const verdict = { expected: 0, lost: 0, doubled: 0, uncertain: 0 };

  for (const mail of ledger) {
    const came = copies.get(mail.messageId) ?? [];
    const ends = fault.ends?.[mail.kind] ?? ['sent'];
    if (!ends.includes(mail.state)) {
      differences.push(
        `${mail.kind} ${mail.id} is ${mail.state} and not ${ends.join(' or ')}: ${mail.answer}`,
      );
    }
    if (mail.uncertain) verdict.uncertain++;
    const isOwed = !(ends.includes(mail.state) && NOT_TO_SEND.includes(mail.state));
    if (isOwed) verdict.expected++;
    if (isOwed && came.length === 0) verdict.lost++;
    if (!isOwed && came.length > 0 && !mail.uncertain) {
      differences.push(`${mail.kind} ${mail.id} is ${mail.state} and came all the same`);
    }
    if (came.some(({ to }) => to !== mail.recipient)) differences.push(`mail ${mail.id} went astray`);
    if (came.length > 1) {
      verdict.doubled += came.length - 1;
      if (!mail.uncertain)
        differences.push(`mail ${mail.id} came ${came.length} times and is not marked uncertain`);
    }
  }

  // What was caused, counted without the ledger: a row that is gone is a mail that is lost.
  const [registered, refused] = [visits.filter(isRegistered), visits.filter((visit) => !isRegistered(visit))];
  const unclear = new Set(refused.map(({ email }) => email));
  const rows = ledger.filter(({ recipient }) => !unclear.has(recipient)).length;
  const caused = owed + registered.length;
  if (rows !== caused) differences.push(`${rows} mails in the ledger, ${caused} were caused`);
  verdict.lost += Math.max(0, caused - rows);
  verdict.expected += Math.max(0, caused - rows);
  const written = new Set(ledger.map(({ recipient }) => recipient));
  const forgotten = registered.filter(({ email }) => !written.has(email));
  if (forgotten.length > 0) differences.push(`${forgotten.length} people were told 201 and not written to`);

  for (const [status, those] of Map.groupBy(refused, (visit) => visit.status)) {
    if (!fault.mayAnswer?.includes(status))
      differences.push(`registering was answered ${status || 'nothing'} ${those.length} times`);
  }
  const known = new Set(ledger.map(({ messageId }) => messageId));
  const unknown = [...copies.keys()].filter((messageId) => !known.has(messageId));
  if (unknown.length > 0) differences.push(`${unknown.length} mails that the ledger does not know`);
  if (verdict.lost > 0) differences.push(`${verdict.lost} lost`);
  if (verdict.doubled > fault.mayDouble)
    differences.push(`${verdict.doubled} doubled, at most ${fault.mayDouble} could be`);
  return { ...verdict, seen: copies.size, differences };
}

function isRegistered({ status }: Visit): boolean {
  return status === 201;
}
