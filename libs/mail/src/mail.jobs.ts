/** Queue of mails to deliver. */
export const MAIL_QUEUE = 'mails';

/** A page of ledger ids; whoever gets the job claims what is still due of them. */
export interface DeliverMails {
  ids: string[];
}

/** How many mails a job holds at most. */
export const PAGE = 50;

/** Queue of the recurring work; see `apps/worker/src/schedules.ts`. */
export const RECURRING_QUEUE = 'recurring';

/** What recurs: finding due mails, deriving reminders, telling of changes. */
export type RecurringJob =
  | 'sweep-mails'
  | 'plan-reminders'
  | 'announce-changes'
  | 'chase-the-silent'
  | 'follow-zone-rules'
  | 'release-seats'
  | 'expire-offers'
  | 'tell-approvers'
  | 'tell-of-returns'
  | 'tell-of-unwritten'
  | 'purge-answers'
  | 'purge-dialogues'
  | 'forget-erased';
