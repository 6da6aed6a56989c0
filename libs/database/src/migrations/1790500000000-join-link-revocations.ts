import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A count for each registration, so that its link to join can be revoked without its personal link. */
export class JoinLinkRevocations1790500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Zero: the links to join that have been mailed keep working.
    await queryRunner.query('ALTER TABLE registrations ADD join_link_revocations integer NOT NULL DEFAULT 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // Raising both generations together keeps every link that was revoked from working again.
    await queryRunner.query(
      'UPDATE registrations SET link_generation = link_generation + join_link_revocations WHERE join_link_revocations > 0',
    );
    await queryRunner.query('ALTER TABLE registrations DROP join_link_revocations');
  }
}
