import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a mail waits because it could not be written, so that the person responsible is notified. */
export class SinceWhenMailsAreUnwritten1790900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE mails ADD unwritten_since timestamptz');
    // Almost always empty; asked by every turn of the recurring work.
    await queryRunner.query(
      'CREATE INDEX mails_unwritten ON mails (dialogue_id) WHERE unwritten_since IS NOT NULL',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE mails DROP unwritten_since');
  }
}
