import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { log, mailsByState, mailsUnwritten, metrics, oldestDueSeconds, openCircuits } from '@app/platform';

/** So long a count is good enough, in milliseconds, however many scrape. */
const GOOD_FOR = 5_000;

/** What the ledger has to tell whoever watches over it. */
@Injectable()
export class LedgerMetrics {
  private counted: Promise<void> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Everything this process counts, with the ledger as it was a few seconds ago at most, in Prometheus' text format. */
  async text(): Promise<string> {
    this.counted ??= this.count().finally(() => {
      setTimeout(() => (this.counted = undefined), GOOD_FOR).unref();
    });
    await this.counted;
    return metrics.metrics();
  }

  private async count(): Promise<void> {
    try {
      const [mails, [now]] = await Promise.all([
        this.dataSource.query(
          `SELECT kind, state, count(*)::int AS count,
             count(*) FILTER (WHERE unwritten_since IS NOT NULL AND state IN ('queued', 'deferred'))::int AS unwritten
           FROM mails GROUP BY kind, state`,
        ) as Promise<{ kind: string; state: string; count: number; unwritten: number }[]>,
        this.dataSource.query(
          `SELECT coalesce((SELECT extract(epoch FROM now() - min(next_attempt_at)) FROM mails
               WHERE state IN ('queued', 'deferred') AND next_attempt_at <= now()), 0)::float8 AS age,
             (SELECT count(*) FROM smtp_circuits WHERE scope = 'server')::int AS server,
             (SELECT count(*) FROM smtp_circuits WHERE scope <> 'server')::int AS domains`,
        ) as Promise<{ age: number; server: number; domains: number }[]>,
      ]);
      mailsByState.reset();
      mailsUnwritten.reset();
      for (const { kind, state, count, unwritten } of mails) {
        mailsByState.set({ kind, state }, count);
        if (unwritten > 0) mailsUnwritten.inc({ kind }, unwritten);
      }
      oldestDueSeconds.set(now!.age);
      openCircuits.set({ scope: 'server' }, now!.server);
      openCircuits.set({ scope: 'domain' }, now!.domains);
    } catch (error) {
      // What the process counts by itself is still worth knowing, and old numbers would look like new ones.
      log.warn({ err: error }, 'ledger not counted');
      for (const gauge of [mailsByState, mailsUnwritten, openCircuits]) gauge.reset();
      oldestDueSeconds.set(Number.NaN);
    }
  }
}
