import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A version for each document that organisers replace as a whole, so that nobody overwrites what they have not read. */
export class VersionsOfWholeDocuments1790400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE document_versions (
        dialogue_id uuid NOT NULL REFERENCES dialogues ON DELETE CASCADE,
        document text NOT NULL CHECK (document IN
          ('agenda', 'places', 'questions', 'reminder_rules', 'chasing_rules', 'attendance', 'delegations')),
        version integer NOT NULL,
        PRIMARY KEY (dialogue_id, document)
      )`);
    // From a sequence, since these rows come and go: a row that is made again has none of the versions it had before.
    await queryRunner.query('CREATE SEQUENCE edits AS integer');
    for (const table of ['mail_wordings', 'dialogue_roles', 'process_roles']) {
      await queryRunner.query(
        `ALTER TABLE ${table} ADD COLUMN version integer NOT NULL DEFAULT nextval('edits')`,
      );
    }
    await queryRunner.query('ALTER TABLE imports ADD COLUMN mapping_version integer NOT NULL DEFAULT 1');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE imports DROP COLUMN mapping_version');
    for (const table of ['mail_wordings', 'dialogue_roles', 'process_roles']) {
      await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN version`);
    }
    await queryRunner.query('DROP SEQUENCE edits');
    await queryRunner.query('DROP TABLE document_versions');
  }
}
