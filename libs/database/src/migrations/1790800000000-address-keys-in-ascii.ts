import { domainToUnicode } from 'node:url';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { emailKey, log } from '@app/platform';

type KeyOf = (key: string) => string;

/** Where keys of addresses are stored, and with what together they are unique. */
const TABLES = [
  { table: 'people', subject: 'person', beside: ['organiser_id', 'name_key'] },
  { table: 'registrations', subject: 'registration', beside: ['dialogue_id', 'name_key'] },
  { table: 'organisers', subject: 'organiser', beside: [] },
  { table: 'address_suppressions', subject: 'address', beside: [] },
];

/**
 * Recomputes every stored key of an address whose domain is not in ASCII (docs/decisions/0028). Where two rows would have
 * one key, both stay: one has the new key and is found by it, the other keeps its old one, and log and audit name both.
 * PostgreSQL knows no Punycode, so the keys are computed here, by the rule of this version: what is stored has to equal
 * what the services compute.
 */
export class AddressKeysInAscii1790800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await recompute(queryRunner, `~ '[^\\x01-\\x7f]'`, emailKey);
  }

  /** Nothing says how an address was written, so one that was in ASCII from the start gets letters of its own, too. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await recompute(queryRunner, `~ '@(.*\\.)?xn--'`, (key) => {
      const at = key.lastIndexOf('@') + 1;
      return key.slice(0, at) + (domainToUnicode(key.slice(at)) || key.slice(at));
    });
  }
}

async function recompute(queryRunner: QueryRunner, concerned: string, keyOf: KeyOf): Promise<void> {
  await recomputeImports(queryRunner, concerned, keyOf);
  for (const { table, subject, beside } of TABLES) {
    const rows: { id: string; key: string }[] = await queryRunner.query(
      `SELECT id, email_key AS key FROM ${table} WHERE email_key ${concerned}`,
    );
    const changed = JSON.stringify(rows.map(({ id, key }) => ({ id, key: keyOf(key) })));
    const given = `jsonb_to_recordset($1) AS given (id uuid, key text)`;
    const together = [...beside.map((column) => `t.${column}`), 'given.key'].join(', ');
    const isTaken = [
      'other.email_key = given.key',
      'other.id <> t.id',
      ...beside.map((column) => `other.${column} = t.${column}`),
    ].join(' AND ');
    await queryRunner.query(
      `UPDATE ${table} SET email_key = free.key FROM (
         SELECT DISTINCT ON (${together}) t.id, given.key FROM ${table} t JOIN ${given} USING (id)
         WHERE NOT EXISTS (SELECT FROM ${table} other WHERE ${isTaken})
         ORDER BY ${together}, t.created_at, t.id) AS free
       WHERE ${table}.id = free.id`,
      [changed],
    );
    const collisions: { id: string; beside: string; dialogueId: string | null }[] = await queryRunner.query(
      `SELECT t.id, other.id AS beside, ${table === 'registrations' ? 't.dialogue_id' : 'NULL'} AS "dialogueId"
       FROM ${table} t JOIN ${given} USING (id) JOIN ${table} other ON ${isTaken}
       WHERE t.email_key <> given.key ORDER BY t.id`,
      [changed],
    );
    for (const collision of collisions)
      log.warn({ table, ...collision }, 'two addresses are one mailbox; both rows stay');
    await queryRunner.query(
      `INSERT INTO audit_entries (actor, action, dialogue_id, subject_id, details)
       SELECT 'system', $2, "dialogueId", id, jsonb_build_object('beside', beside)
       FROM jsonb_to_recordset($1) AS collision (id uuid, beside uuid, "dialogueId" uuid)`,
      [JSON.stringify(collisions), `${subject}.address_set_aside`],
    );
  }
}

/** The keys in the rows of lists that were read in, by which confirming and undoing find people. */
async function recomputeImports(queryRunner: QueryRunner, concerned: string, keyOf: KeyOf): Promise<void> {
  const keys: { before: string }[] = await queryRunner.query(
    `SELECT DISTINCT row ->> 'email_key' AS before FROM imports, jsonb_array_elements(rows) AS row
     WHERE row ->> 'email_key' ${concerned}`,
  );
  await queryRunner.query(
    `WITH changed AS (SELECT * FROM jsonb_to_recordset($1) AS changed (before text, key text))
     UPDATE imports SET rows = (
       SELECT jsonb_agg(CASE WHEN key IS NULL THEN row ELSE row || jsonb_build_object('email_key', key) END ORDER BY number)
       FROM jsonb_array_elements(rows) WITH ORDINALITY AS listed (row, number)
       LEFT JOIN changed ON before = row ->> 'email_key')
     WHERE EXISTS (
       SELECT FROM jsonb_array_elements(rows) AS row JOIN changed ON before = row ->> 'email_key')`,
    [JSON.stringify(keys.map(({ before }) => ({ before, key: keyOf(before) })))],
  );
}
