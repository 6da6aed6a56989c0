import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first schema: everything between drafting a dialogue and mailing its note for file. */
export class TheMainJob1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE audit_entries (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        happened_at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        origin text,
        action text NOT NULL,
        dialogue_id uuid,
        subject_id uuid,
        details jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX audit_entries_dialogue ON audit_entries (dialogue_id, id);
      CREATE FUNCTION audit_entries_are_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit_entries is append-only'; END $$;
      CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries
        FOR EACH ROW EXECUTE FUNCTION audit_entries_are_append_only();

      CREATE TABLE idempotency_keys (
        scope text NOT NULL,
        key text NOT NULL,
        request_hash text NOT NULL,
        status integer,
        body jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (scope, key)
      );

      CREATE TABLE rate_limits (
        key varchar(255) PRIMARY KEY,
        points integer NOT NULL DEFAULT 0,
        expire bigint
      );

      CREATE TABLE mail_claimants (
        id uuid PRIMARY KEY,
        heartbeat_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE mails (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        dialogue_id uuid,
        subject_id uuid NOT NULL,
        recipient_name text NOT NULL DEFAULT '',
        recipient text NOT NULL,
        language text NOT NULL,
        dedupe_key text NOT NULL,
        parameters jsonb NOT NULL DEFAULT '{}',
        useful_until timestamptz,
        state text NOT NULL DEFAULT 'queued'
          CHECK (state IN ('queued', 'sending', 'sent', 'deferred', 'failed', 'suppressed', 'stale', 'missed')),
        uncertain boolean NOT NULL DEFAULT false,
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        claimed_by uuid,
        answer text,
        message_id uuid NOT NULL DEFAULT gen_random_uuid(),
        content_hash text,
        created_at timestamptz NOT NULL DEFAULT now(),
        sent_at timestamptz,
        CONSTRAINT mails_dedupe_key UNIQUE (dedupe_key)
      );
      CREATE INDEX mails_due ON mails (next_attempt_at, id) WHERE state IN ('queued', 'deferred');
      CREATE INDEX mails_claimed ON mails (claimed_by) WHERE claimed_by IS NOT NULL;
      CREATE INDEX mails_dialogue ON mails (dialogue_id, id);
      CREATE INDEX mails_subject ON mails (subject_id, kind);

      CREATE TABLE organisers (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        email text NOT NULL,
        email_key text NOT NULL UNIQUE,
        name text NOT NULL,
        language text NOT NULL DEFAULT 'en',
        time_zone text NOT NULL DEFAULT 'UTC',
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE sign_in_links (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        organiser_id uuid NOT NULL REFERENCES organisers (id) ON DELETE CASCADE,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE sessions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        organiser_id uuid NOT NULL REFERENCES organisers (id) ON DELETE CASCADE,
        secret_hash text NOT NULL,
        expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE api_tokens (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        organiser_id uuid NOT NULL REFERENCES organisers (id) ON DELETE CASCADE,
        name text NOT NULL,
        secret_hash text NOT NULL,
        scope text NOT NULL CHECK (scope IN ('read', 'write')),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        last_used_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX api_tokens_organiser ON api_tokens (organiser_id);

      CREATE TABLE mechanisms (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        organiser_id uuid NOT NULL REFERENCES organisers (id),
        code text NOT NULL,
        code_key text NOT NULL,
        name text NOT NULL,
        other_names text[] NOT NULL DEFAULT '{}',
        name_keys text[] NOT NULL DEFAULT '{}',
        chairs jsonb NOT NULL DEFAULT '[]',
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT mechanisms_code UNIQUE (organiser_id, code_key)
      );
      CREATE TABLE people (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        organiser_id uuid NOT NULL REFERENCES organisers (id),
        honorific text,
        name text NOT NULL,
        name_key text NOT NULL,
        functional_title text,
        email text NOT NULL,
        email_key text NOT NULL,
        affiliation text,
        country text,
        mechanism_id uuid REFERENCES mechanisms (id),
        capacity text,
        language text NOT NULL,
        time_zone text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT people_address_and_name UNIQUE (organiser_id, email_key, name_key)
      );

      CREATE TABLE dialogues (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        organiser_id uuid NOT NULL REFERENCES organisers (id),
        slug text NOT NULL UNIQUE,
        title text NOT NULL,
        purpose text NOT NULL DEFAULT '',
        starts_at_local text NOT NULL,
        ends_at_local text NOT NULL,
        time_zone text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        venue jsonb NOT NULL,
        hosts text[] NOT NULL,
        working_languages text[] NOT NULL,
        documents jsonb NOT NULL DEFAULT '[]',
        registration text NOT NULL CHECK (registration IN ('invitation', 'open')),
        state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'published', 'postponed', 'cancelled')),
        cancellation_reason text,
        schedule_revision integer NOT NULL DEFAULT 1,
        schedule_changed_at timestamptz NOT NULL DEFAULT now(),
        announced jsonb,
        announcement_due_at timestamptz,
        announce_requested boolean NOT NULL DEFAULT false,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz,
        CHECK (ends_at > starts_at),
        CHECK (cardinality(working_languages) > 0)
      );
      CREATE INDEX dialogues_organiser ON dialogues (organiser_id, id);
      CREATE INDEX dialogues_announcement_due ON dialogues (announcement_due_at) WHERE announcement_due_at IS NOT NULL;
      CREATE TABLE agenda_sessions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        position integer NOT NULL,
        title text NOT NULL,
        minutes integer NOT NULL CHECK (minutes > 0),
        moderator text,
        moderator_key text,
        guiding_questions text[] NOT NULL DEFAULT '{}',
        CONSTRAINT agenda_sessions_position UNIQUE (dialogue_id, position) DEFERRABLE INITIALLY IMMEDIATE
      );
      CREATE TABLE agenda_items (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        session_id uuid NOT NULL REFERENCES agenda_sessions (id) ON DELETE CASCADE,
        position integer NOT NULL,
        title text NOT NULL,
        minutes integer NOT NULL CHECK (minutes > 0),
        moderator text,
        moderator_key text,
        speakers text[] NOT NULL DEFAULT '{}',
        speaker_keys text[] NOT NULL DEFAULT '{}',
        documents jsonb NOT NULL DEFAULT '[]',
        CONSTRAINT agenda_items_position UNIQUE (session_id, position)
      );
      CREATE TABLE reminder_rules (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        before text NOT NULL,
        audience text NOT NULL CHECK (audience IN ('everyone', 'speakers')),
        effective_at timestamptz NOT NULL DEFAULT now(),
        due_at timestamptz NOT NULL,
        useful_until timestamptz NOT NULL,
        planned_at timestamptz,
        CONSTRAINT reminder_rules_before UNIQUE (dialogue_id, before, audience)
      );
      CREATE INDEX reminder_rules_due ON reminder_rules (due_at);

      CREATE TABLE places (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        scope text NOT NULL DEFAULT 'dialogue' CHECK (scope IN ('dialogue')),
        places integer CHECK (places >= 0),
        taken integer NOT NULL DEFAULT 0 CHECK (taken >= 0),
        next_waitlist_number bigint NOT NULL DEFAULT 1,
        CONSTRAINT places_scope UNIQUE (dialogue_id, scope),
        CONSTRAINT places_not_exceeded CHECK (places IS NULL OR taken <= places)
      );
      CREATE TABLE invitations (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        person_id uuid NOT NULL REFERENCES people (id),
        state text NOT NULL DEFAULT 'prepared' CHECK (state IN ('prepared', 'sent', 'accepted', 'declined')),
        link_generation integer NOT NULL DEFAULT 1,
        sent_at timestamptz,
        answered_at timestamptz,
        decline_reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT invitations_person UNIQUE (dialogue_id, person_id)
      );
      CREATE INDEX invitations_dialogue ON invitations (dialogue_id, id);
      CREATE TABLE registrations (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        invitation_id uuid UNIQUE REFERENCES invitations (id),
        honorific text,
        name text NOT NULL,
        name_key text NOT NULL,
        functional_title text,
        email text NOT NULL,
        email_key text NOT NULL,
        affiliation text,
        country text,
        mechanism_id uuid REFERENCES mechanisms (id),
        capacity text,
        language text NOT NULL,
        time_zone text NOT NULL,
        consent_to_be_listed boolean NOT NULL DEFAULT false,
        state text NOT NULL CHECK (state IN ('unconfirmed', 'confirmed', 'waitlisted', 'withdrawn')),
        transition_id uuid NOT NULL DEFAULT gen_random_uuid(),
        participation_count integer NOT NULL DEFAULT 0,
        confirmed_at timestamptz,
        waitlist_number bigint,
        link_generation integer NOT NULL DEFAULT 1,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT registrations_address_and_name UNIQUE (dialogue_id, email_key, name_key),
        CHECK ((state = 'waitlisted') = (waitlist_number IS NOT NULL)),
        CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL))
      );
      CREATE INDEX registrations_state ON registrations (dialogue_id, state, id);
      CREATE INDEX registrations_name ON registrations (dialogue_id, name_key);
      CREATE UNIQUE INDEX registrations_waitlist ON registrations (dialogue_id, waitlist_number);
      CREATE TABLE imports (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        organiser_id uuid NOT NULL REFERENCES organisers (id),
        rows jsonb NOT NULL,
        confirmed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE attendances (
        registration_id uuid PRIMARY KEY REFERENCES registrations (id) ON DELETE CASCADE,
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        noted_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX attendances_dialogue ON attendances (dialogue_id);
      CREATE TABLE notes (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL UNIQUE REFERENCES dialogues (id) ON DELETE CASCADE,
        introduction text NOT NULL DEFAULT '',
        way_forward text NOT NULL DEFAULT '',
        version integer NOT NULL DEFAULT 1,
        published_at timestamptz,
        published jsonb,
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE note_sessions (
        note_id uuid NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
        session_id uuid NOT NULL REFERENCES agenda_sessions (id),
        summary text NOT NULL DEFAULT '',
        PRIMARY KEY (note_id, session_id)
      );
      CREATE TABLE interventions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        note_id uuid NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
        session_id uuid NOT NULL REFERENCES agenda_sessions (id),
        position integer NOT NULL,
        speaker text NOT NULL,
        speaker_key text NOT NULL,
        capacity text NOT NULL,
        on_behalf_of uuid REFERENCES mechanisms (id),
        text text NOT NULL,
        reply text,
        objectives integer[] NOT NULL DEFAULT '{}',
        principles text[] NOT NULL DEFAULT '{}',
        CONSTRAINT interventions_position UNIQUE (note_id, session_id, position)
      );
      CREATE TABLE commitments (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        intervention_id uuid NOT NULL UNIQUE REFERENCES interventions (id) ON DELETE CASCADE,
        kind text NOT NULL,
        text text NOT NULL,
        due date
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE commitments, interventions, note_sessions, notes, attendances, imports, registrations, invitations,
        places, reminder_rules, agenda_items, agenda_sessions, dialogues, people, mechanisms, api_tokens, sessions,
        sign_in_links, organisers, mails, mail_claimants, rate_limits, idempotency_keys, audit_entries;
      DROP FUNCTION audit_entries_are_append_only;
    `);
  }
}
