/** Queue of mails to deliver. */
export const MAIL_QUEUE = 'mails';

/** A page of ledger ids; whoever gets the job claims what is still due of them. */
export interface DeliverMails {
  ids: string[];
}

/** How many mails a job holds at most. */
export const PAGE = 50;

/** Queue of the work that recurs: methods with `@Recurring`, found by `apps/worker/src/recurring`. */
export const RECURRING_QUEUE = 'recurring';
