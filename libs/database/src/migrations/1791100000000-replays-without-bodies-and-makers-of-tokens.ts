import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An Idempotency-Key stores status, Location, ETag and what its route declares, not the body; a token knows the token that
 * made it; the database knows under which link key it is used.
 */
export class ReplaysWithoutBodiesAndMakersOfTokens1791100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE idempotency_keys ADD location text, ADD etag text, ADD replay jsonb, ADD problem jsonb;

      -- Keys of the last day go on preventing that something happens twice. Their bodies may hold names and tokens.
      UPDATE idempotency_keys SET
        scope = split_part(scope, ' ', 1),
        key = encode(sha256(convert_to(substr(scope, strpos(scope, ' ') + 1) || E'\\n' || key, 'UTF8')), 'hex'),
        location = body #>> '{headers,location}',
        etag = body #>> '{headers,etag}',
        problem = CASE WHEN body ? 'problem' THEN jsonb_build_object(
          'code', body #>> '{problem,code}',
          'detail', 'This request was refused before. To read why, send it again with a new Idempotency-Key.',
          'errors', '[]'::jsonb) END;
      ALTER TABLE idempotency_keys DROP COLUMN body;

      ALTER TABLE api_tokens ADD made_by uuid REFERENCES api_tokens ON DELETE CASCADE;
      CREATE INDEX api_tokens_made_by ON api_tokens (made_by);

      CREATE TABLE link_key (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        fingerprint text NOT NULL,
        set_at timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE link_key;
      ALTER TABLE api_tokens DROP COLUMN made_by;
      ALTER TABLE idempotency_keys DROP COLUMN location, DROP COLUMN etag, DROP COLUMN replay, DROP COLUMN problem,
        ADD body jsonb;
    `);
  }
}
