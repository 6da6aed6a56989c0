import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { hashSecret, secretMatches } from './secrets';

/**
 * What this process counts, for `/metrics`. Labels name routes, kinds and states, never a person, an address or a dialogue:
 * whoever watches over the machines need not know who is invited.
 */
export const metrics = new Registry();

/** Requests of the API, by route as it is declared. */
export const requestSeconds = new Histogram({
  name: 'plenary_http_request_seconds',
  help: 'How long answers took.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers: [metrics],
});

/** Attempts to send, by what became of them. */
export const mailAttempts = new Counter({
  name: 'plenary_mail_attempts_total',
  help: 'SMTP transactions of this process, by outcome.',
  labelNames: ['outcome'],
  registers: [metrics],
});

export const smtpSeconds = new Histogram({
  name: 'plenary_smtp_transaction_seconds',
  help: 'How long the mail server took for one mail.',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  registers: [metrics],
});

export const renderSeconds = new Histogram({
  name: 'plenary_mail_page_render_seconds',
  help: 'How long it took to load and write a page of mails of one kind.',
  labelNames: ['kind'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers: [metrics],
});

export const mailsByState = new Gauge({
  name: 'plenary_mails',
  help: 'Mails in the ledger.',
  labelNames: ['kind', 'state'],
  registers: [metrics],
});

export const oldestDueSeconds = new Gauge({
  name: 'plenary_mail_oldest_due_seconds',
  help: 'For how long the mail that is due longest has been due; 0 when none is.',
  registers: [metrics],
});

/** Each of them is also an error in the log, with its reason. */
export const mailsUnwritten = new Gauge({
  name: 'plenary_mails_unwritten',
  help: 'Mails that wait because they could not be written; above 0 somebody has to look at the log.',
  labelNames: ['kind'],
  registers: [metrics],
});

export const openCircuits = new Gauge({
  name: 'plenary_smtp_circuits_open',
  help: 'Whether nothing is sent to the mail server for now, and to how many domains behind it.',
  labelNames: ['scope'],
  registers: [metrics],
});

let collected = false;

/** Counts memory, processor and event loop too, from now on. */
export function watchProcess(): void {
  if (!collected) collectDefaultMetrics({ register: metrics });
  collected = true;
}

/** Whether a request's Authorization is this bearer token. In constant time. */
export function bears(authorization: string | undefined, token: string): boolean {
  return secretMatches(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '', hashSecret(token));
}
