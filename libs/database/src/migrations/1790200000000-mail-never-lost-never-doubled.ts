import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Mail that is held and released, what comes back, whom not to write to, and words of an organiser's own. */
export class MailNeverLostNeverDoubled1790200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE mails
        DROP CONSTRAINT mails_state_check,
        ADD CONSTRAINT mails_state_check CHECK (state IN
          ('queued', 'sending', 'sent', 'deferred', 'held', 'failed', 'suppressed', 'stale', 'missed')),
        ADD released_at timestamptz,
        ADD without_attachments boolean NOT NULL DEFAULT false;
      -- What comes back names a mail by its Message-ID.
      CREATE UNIQUE INDEX mails_message_id ON mails (message_id);
      CREATE INDEX mails_held ON mails (useful_until) WHERE state = 'held';

      CREATE TABLE mail_returns (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        digest text NOT NULL UNIQUE,
        kind text NOT NULL CHECK (kind IN
          ('hard bounce', 'soft bounce', 'delay', 'calendar reply', 'automatic reply', 'other')),
        mail_id bigint REFERENCES mails (id) ON DELETE CASCADE,
        dialogue_id uuid REFERENCES dialogues (id) ON DELETE CASCADE,
        registration_id uuid REFERENCES registrations (id) ON DELETE CASCADE,
        status text,
        diagnostic text,
        told_at timestamptz,
        received_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX mail_returns_mail ON mail_returns (mail_id);
      CREATE INDEX mail_returns_dialogue ON mail_returns (dialogue_id, id);
      CREATE INDEX mail_returns_registration ON mail_returns (registration_id);
      CREATE INDEX mail_returns_untold ON mail_returns (dialogue_id)
        WHERE told_at IS NULL AND kind IN ('hard bounce', 'soft bounce');

      CREATE TABLE address_suppressions (
        email_key text PRIMARY KEY,
        id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        status text NOT NULL,
        diagnostic text NOT NULL,
        mail_id bigint REFERENCES mails (id) ON DELETE SET NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX address_suppressions_mail ON address_suppressions (mail_id);

      CREATE TABLE unsubscriptions (
        subject_id uuid PRIMARY KEY,
        dialogue_id uuid REFERENCES dialogues (id) ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX unsubscriptions_dialogue ON unsubscriptions (dialogue_id);

      CREATE TABLE mail_wordings (
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        kind text NOT NULL,
        language text NOT NULL,
        subject text,
        opening text[],
        closing text[],
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (dialogue_id, kind, language)
      );

      CREATE TABLE smtp_circuits (
        scope text PRIMARY KEY,
        answer text NOT NULL,
        opened_at timestamptz NOT NULL DEFAULT now(),
        next_try_at timestamptz NOT NULL
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // What the older schema can't hold back is given up rather than sent: somebody had a reason.
    await queryRunner.query(`
      DROP TABLE smtp_circuits, mail_wordings, unsubscriptions, address_suppressions, mail_returns;
      DROP INDEX mails_message_id, mails_held;
      UPDATE mails SET state = 'failed', answer = 'It was held.' WHERE state = 'held';
      ALTER TABLE mails
        DROP CONSTRAINT mails_state_check,
        ADD CONSTRAINT mails_state_check CHECK (state IN
          ('queued', 'sending', 'sent', 'deferred', 'failed', 'suppressed', 'stale', 'missed')),
        DROP released_at,
        DROP without_attachments;
    `);
  }
}
