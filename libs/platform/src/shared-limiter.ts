import { RateLimiterPostgres, type IRateLimiterPostgresOptions } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';

/** A limit that all processes count together, in the table `rate_limits`. Rows that are over stay, unless asked otherwise. */
export function sharedLimiter(
  dataSource: DataSource,
  limit: Pick<
    IRateLimiterPostgresOptions,
    'keyPrefix' | 'points' | 'duration' | 'inMemoryBlockOnConsumed' | 'clearExpiredByTimeout'
  >,
): RateLimiterPostgres {
  return new RateLimiterPostgres({
    storeClient: dataSource,
    storeType: 'typeorm',
    // The table comes with the migrations; the library shall not make its own.
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    ...limit,
  });
}
