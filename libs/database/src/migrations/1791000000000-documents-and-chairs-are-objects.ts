import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists of objects that are stored as JSON, and the texts that each object has. */
const LISTS = [
  ['dialogues', 'documents', ['title', 'url']],
  ['agenda_items', 'documents', ['title', 'url']],
  ['mechanisms', 'chairs', ['name', 'role']],
] as const;

/**
 * Takes out of lists of objects what is none, and keeps it out. A list in the list passed validation once, was stored, and
 * stopped every mail of its dialogue, since whatever writes one reads a title and an address from each.
 */
export class DocumentsAndChairsAreObjects1791000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [table, column, texts] of LISTS) {
      const condition = texts.map((text) => `@.${text}.type() == "string"`).join(' && ');
      const whole = `jsonb_path_query_array(${column}, 'strict $[*] ? (${condition})')`;
      await queryRunner.query(`UPDATE ${table} SET ${column} = ${whole} WHERE ${column} <> ${whole}`);
      await queryRunner.query(
        `ALTER TABLE ${table} ADD CONSTRAINT ${table}_${column}_are_objects CHECK (${column} = ${whole})`,
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [table, column] of LISTS)
      await queryRunner.query(`ALTER TABLE ${table} DROP CONSTRAINT ${table}_${column}_are_objects`);
  }
}
