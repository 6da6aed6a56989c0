import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Room beside every invitation for what becomes of it, and the failed mails of a dialogue found at once. */
export class ListsInPlaceAndFailuresAtOnce1790300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // A list is prepared as a whole and sent as a whole. Where the page of a row has room for its next version, no index
    // is written (PostgreSQL, "Heap-Only Tuples"): marking a list as sent costs a quarter. A page is filled to less than
    // half, since a version that is sent is a little longer. Pages that are there stay as they are; nothing is rewritten.
    await queryRunner.query('ALTER TABLE invitations SET (fillfactor = 45)');
    // Few mails fail, and they are what an organiser looks for first: without this, a page of them is a walk through all.
    await queryRunner.query(`CREATE INDEX mails_failed ON mails (dialogue_id, id) WHERE state = 'failed'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX mails_failed');
    await queryRunner.query('ALTER TABLE invitations RESET (fillfactor)');
  }
}
