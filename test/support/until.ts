import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';

/** How long a fact may take on a machine with other work to do: it decides only when a test gives up. */
const PATIENCE_SECONDS = 120;

/** Waits until a condition holds, looking every 20 ms. @throws Error when it never does */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'what was waited for',
): Promise<void> {
  const end = Date.now() + PATIENCE_SECONDS * 1_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not come about within ${PATIENCE_SECONDS} s`);
    await sleep(20);
  }
}

/** Whether so many sessions of this database, or more, wait for a lock that another holds. */
export async function isBlocked(dataSource: DataSource, sessions = 1): Promise<boolean> {
  const waiting = await dataSource.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return waiting.length >= sessions;
}
