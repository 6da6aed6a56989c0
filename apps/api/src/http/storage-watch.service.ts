import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isStorageFull, RetryLater } from './problems';

/** Rows that take about a megabyte: more than is free by chance in files that are there. */
const PROBE_ROWS = 16_000;

/** The problem that answers every write while PostgreSQL has no room left. */
export function storageFull(): RetryLater {
  return new RetryLater(
    503,
    'storage_full',
    'The disk of the database is full and nothing was changed. The operator has to make room; try again later.',
    60,
  );
}

/**
 * Knows whether PostgreSQL's disk is full. Reading goes on then, so a probe that only reads would call the API healthy while
 * everything that people send is refused. Nothing is written to find out as long as nothing was refused.
 */
@Injectable()
export class StorageWatch {
  /** Whether a statement was refused for want of room, and room was not found since. */
  isFull = false;

  constructor(private readonly dataSource: DataSource) {}

  /** Whether there is room. After a refusal it is tried: only then is anything written, to a table that goes at once. */
  async hasRoom(): Promise<boolean> {
    if (!this.isFull) return true;
    this.isFull = await this.dataSource
      .transaction((manager) =>
        manager.query(
          `CREATE TEMPORARY TABLE storage_probe ON COMMIT DROP AS
           SELECT md5(n::text) AS line FROM generate_series(1, $1::int) AS n`,
          [PROBE_ROWS],
        ),
      )
      .then(
        () => false,
        // What else may fail, such as a role that may make no tables, says nothing of the disk.
        (error: unknown) => isStorageFull(error),
      );
    return !this.isFull;
  }
}
