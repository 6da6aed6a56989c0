import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Delegations, places at three levels, approval, substitution, chasing, questions, roles, privacy, the door, processes. */
export class RegistrationAsStatesNeedIt1790100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE organisers ADD may_draft boolean NOT NULL DEFAULT true;

      CREATE TABLE processes (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        title text NOT NULL,
        purpose text NOT NULL DEFAULT '',
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE process_roles (
        process_id uuid NOT NULL REFERENCES processes (id) ON DELETE CASCADE,
        organiser_id uuid NOT NULL REFERENCES organisers (id) ON DELETE CASCADE,
        name text,
        roles text[] NOT NULL CHECK (cardinality(roles) > 0
          AND roles <@ ARRAY['owner', 'organiser', 'rapporteur', 'approver', 'viewer']),
        sees_sensitive boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (process_id, organiser_id)
      );
      CREATE INDEX process_roles_organiser ON process_roles (organiser_id);

      ALTER TABLE dialogues
        ADD process_id uuid REFERENCES processes (id) ON DELETE SET NULL,
        ADD approvals_needed integer NOT NULL DEFAULT 0 CHECK (approvals_needed BETWEEN 0 AND 9),
        ADD promotion text NOT NULL DEFAULT 'at_once' CHECK (promotion IN ('at_once', 'offer')),
        ADD offer_for text NOT NULL DEFAULT 'P2D',
        ADD substitution text NOT NULL DEFAULT 'closed' CHECK (substitution IN ('closed', 'approved', 'free')),
        ADD answers_due_at_local text,
        ADD answers_due_at timestamptz,
        ADD retention_days integer CHECK (retention_days > 0),
        ADD purged_at timestamptz,
        ADD CHECK ((answers_due_at_local IS NULL) = (answers_due_at IS NULL));
      CREATE INDEX dialogues_process ON dialogues (process_id);
      CREATE TABLE dialogue_roles (
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        organiser_id uuid NOT NULL REFERENCES organisers (id) ON DELETE CASCADE,
        name text,
        roles text[] NOT NULL CHECK (cardinality(roles) > 0
          AND roles <@ ARRAY['owner', 'organiser', 'rapporteur', 'approver', 'viewer']),
        sees_sensitive boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (dialogue_id, organiser_id)
      );
      CREATE INDEX dialogue_roles_organiser ON dialogue_roles (organiser_id);
      INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles, sees_sensitive)
        SELECT d.id, d.organiser_id, o.name, ARRAY['owner'], true
        FROM dialogues d JOIN organisers o ON o.id = d.organiser_id;

      CREATE TABLE delegations (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        mechanism_id uuid REFERENCES mechanisms (id),
        organisation text,
        focal_point_id uuid REFERENCES people (id),
        attends text CHECK (attends IN ('in_person', 'virtual')),
        nominations_close_at_local text,
        nominations_close_at timestamptz,
        release_at_local text,
        release_at timestamptz,
        released_at timestamptz,
        invited_at timestamptz,
        link_generation integer NOT NULL DEFAULT 1,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((mechanism_id IS NULL) <> (organisation IS NULL)),
        CHECK ((nominations_close_at_local IS NULL) = (nominations_close_at IS NULL)),
        CHECK ((release_at_local IS NULL) = (release_at IS NULL)),
        CONSTRAINT delegations_mechanism UNIQUE (dialogue_id, mechanism_id)
      );
      CREATE INDEX delegations_dialogue ON delegations (dialogue_id, id);
      CREATE INDEX delegations_release_due ON delegations (release_at) WHERE released_at IS NULL;
      CREATE INDEX delegations_focal_point ON delegations (focal_point_id) WHERE focal_point_id IS NOT NULL;

      ALTER TABLE places
        DROP CONSTRAINT places_scope,
        DROP CONSTRAINT places_scope_check,
        DROP CONSTRAINT places_not_exceeded,
        ADD CHECK (scope IN ('dialogue', 'attendance', 'delegation', 'role')),
        ADD attends text CHECK (attends IN ('in_person', 'virtual')),
        ADD delegation_id uuid REFERENCES delegations (id) ON DELETE CASCADE,
        ADD role text CHECK (role IN ('head_of_delegation', 'member', 'adviser', 'observer')),
        ADD reserved integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
        ADD CHECK ((attends IS NOT NULL) = (scope = 'attendance')),
        ADD CHECK ((role IS NOT NULL) = (scope = 'role')),
        ADD CHECK (delegation_id IS NOT NULL OR scope <> 'delegation'),
        ADD CHECK (delegation_id IS NULL OR scope IN ('delegation', 'role')),
        ADD CONSTRAINT places_not_exceeded CHECK (places IS NULL OR taken + reserved <= places);
      CREATE UNIQUE INDEX places_scope ON places
        (dialogue_id, scope, coalesce(attends, ''), coalesce(delegation_id::text, ''), coalesce(role, ''));
      CREATE INDEX places_delegation ON places (delegation_id) WHERE delegation_id IS NOT NULL;

      ALTER TABLE invitations
        DROP CONSTRAINT invitations_state_check,
        ADD CHECK (state IN ('prepared', 'sent', 'accepted', 'declined', 'removed')),
        ADD delegation_id uuid REFERENCES delegations (id),
        ADD role text CHECK (role IN ('head_of_delegation', 'member', 'adviser', 'observer')),
        ADD CHECK (role IS NULL OR delegation_id IS NOT NULL);
      CREATE INDEX invitations_delegation ON invitations (delegation_id) WHERE delegation_id IS NOT NULL;
      CREATE INDEX invitations_of_person ON invitations (person_id);

      ALTER TABLE registrations
        DROP CONSTRAINT registrations_state_check,
        ADD CHECK (state IN ('unconfirmed', 'awaiting_approval', 'waitlisted', 'offered',
          'confirmed', 'under_review', 'refused', 'withdrawn')),
        ADD delegation_id uuid REFERENCES delegations (id),
        ADD role text CHECK (role IN ('head_of_delegation', 'member', 'adviser', 'observer')),
        ADD attends text CHECK (attends IN ('in_person', 'virtual')),
        ADD offer_expires_at timestamptz,
        ADD approval_round integer NOT NULL DEFAULT 0,
        ADD substitutes_for uuid REFERENCES registrations (id),
        ADD privacy_notice_version integer,
        ADD privacy_notice_accepted_at timestamptz,
        ADD erased_at timestamptz,
        ALTER consent_to_be_listed DROP DEFAULT,
        ALTER consent_to_be_listed TYPE text USING CASE WHEN consent_to_be_listed THEN 'after' ELSE 'never' END,
        ALTER consent_to_be_listed SET DEFAULT 'never',
        ADD CHECK (consent_to_be_listed IN ('before', 'after', 'never')),
        ADD CHECK (offer_expires_at IS NULL OR state = 'offered'),
        DROP CONSTRAINT registrations_check,
        DROP CONSTRAINT registrations_check1,
        -- Whoever is approved anew while waiting keeps the number; whoever is under review keeps the place.
        ADD CONSTRAINT registrations_waitlist_number CHECK (CASE state WHEN 'waitlisted' THEN waitlist_number IS NOT NULL
          WHEN 'awaiting_approval' THEN true ELSE waitlist_number IS NULL END),
        ADD CONSTRAINT registrations_confirmed_at
          CHECK ((state IN ('confirmed', 'under_review')) = (confirmed_at IS NOT NULL));
      CREATE INDEX registrations_waiting ON registrations (dialogue_id, coalesce(attends, ''), waitlist_number)
        WHERE state = 'waitlisted' AND delegation_id IS NULL;
      CREATE INDEX registrations_delegation ON registrations (delegation_id) WHERE delegation_id IS NOT NULL;
      CREATE INDEX registrations_came ON registrations (dialogue_id, created_at, id);
      -- Pages of the list, by state and by mechanism; the third, which is small, is what the counts are read from.
      CREATE INDEX registrations_came_in_state ON registrations (dialogue_id, state, created_at, id);
      CREATE INDEX registrations_came_of_mechanism ON registrations (dialogue_id, mechanism_id, created_at, id);
      DROP INDEX registrations_state;
      CREATE INDEX registrations_state ON registrations (dialogue_id, state);
      CREATE INDEX registrations_offer_expires ON registrations (offer_expires_at) WHERE offer_expires_at IS NOT NULL;
      CREATE INDEX registrations_substitutes_for ON registrations (substitutes_for) WHERE substitutes_for IS NOT NULL;

      CREATE TABLE approvals (
        registration_id uuid NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
        round integer NOT NULL,
        organiser_id uuid NOT NULL REFERENCES organisers (id),
        decision text NOT NULL CHECK (decision IN ('approved', 'refused')),
        reason text,
        decided_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (registration_id, round, organiser_id)
      );
      CREATE TABLE substitutions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        registration_id uuid NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
        substitute_id uuid REFERENCES registrations (id),
        honorific text,
        name text NOT NULL,
        email text NOT NULL,
        functional_title text,
        language text NOT NULL,
        state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'approved', 'refused', 'dropped')),
        decided_by text,
        reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        decided_at timestamptz
      );
      CREATE UNIQUE INDEX substitutions_proposed ON substitutions (registration_id) WHERE state = 'proposed';
      CREATE INDEX substitutions_dialogue ON substitutions (dialogue_id, id);

      CREATE TABLE chasing_rules (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        counted text NOT NULL CHECK (counted IN ('after_invitation', 'before_deadline')),
        duration text NOT NULL,
        tells text NOT NULL CHECK (tells IN ('invitee', 'focal_point')),
        effective_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT chasing_rules_once UNIQUE (dialogue_id, counted, duration, tells)
      );

      CREATE TABLE questions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        code text NOT NULL,
        position integer NOT NULL,
        kind text NOT NULL CHECK (kind IN ('text', 'choice', 'choices', 'date', 'file')),
        label jsonb NOT NULL,
        help jsonb NOT NULL DEFAULT '{}',
        options jsonb NOT NULL DEFAULT '[]',
        required boolean NOT NULL DEFAULT false,
        asked_if jsonb,
        sensitive boolean NOT NULL DEFAULT false,
        purge_on date,
        purged_at timestamptz,
        file_types text[] NOT NULL DEFAULT '{}',
        file_bytes integer NOT NULL DEFAULT 2000000 CHECK (file_bytes BETWEEN 1 AND 10000000),
        CONSTRAINT questions_code UNIQUE (dialogue_id, code)
      );
      CREATE INDEX questions_purge_due ON questions (purge_on) WHERE purged_at IS NULL AND purge_on IS NOT NULL;
      CREATE TABLE answers (
        registration_id uuid NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
        question_id uuid NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
        value jsonb NOT NULL,
        answered_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (registration_id, question_id)
      );
      CREATE INDEX answers_question ON answers (question_id);
      CREATE TABLE answer_files (
        registration_id uuid NOT NULL,
        question_id uuid NOT NULL,
        name text NOT NULL,
        media_type text NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (registration_id, question_id),
        FOREIGN KEY (registration_id, question_id) REFERENCES answers (registration_id, question_id) ON DELETE CASCADE
      );

      ALTER TABLE imports
        ADD file_name text,
        ADD source jsonb,
        ADD mapping jsonb,
        ADD undo jsonb,
        ADD undone_at timestamptz;

      CREATE TABLE privacy_notices (
        dialogue_id uuid NOT NULL REFERENCES dialogues (id) ON DELETE CASCADE,
        version integer NOT NULL,
        texts jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (dialogue_id, version)
      );
      CREATE TABLE personal_codes (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        registration_id uuid NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
        code_hash text NOT NULL,
        new_email text,
        attempts integer NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX personal_codes_registration ON personal_codes (registration_id, created_at);
      -- Who was invited can be forgotten while that somebody was invited is still counted.
      ALTER TABLE invitations ALTER person_id DROP NOT NULL;
      ALTER TABLE mails ADD forget_recipient boolean NOT NULL DEFAULT false;
      CREATE INDEX mails_to_forget ON mails (id) WHERE forget_recipient AND recipient <> '';
      CREATE INDEX dialogues_purge_due ON dialogues (ends_at) WHERE retention_days IS NOT NULL AND purged_at IS NULL;

      ALTER TABLE attendances
        ADD arrived_at timestamptz,
        ADD left_at timestamptz,
        ADD noted_how text NOT NULL DEFAULT 'list' CHECK (noted_how IN ('list', 'code', 'online')),
        ADD noted_by text NOT NULL DEFAULT 'system';
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // What the older schema can't say is lost: who waits for approval or an offer becomes withdrawn. Who is approved anew
    // has a place, and keeps it with the time since when.
    await queryRunner.query(`
      ALTER TABLE attendances DROP arrived_at, DROP left_at, DROP noted_how, DROP noted_by;
      ALTER TABLE mails DROP forget_recipient;
      UPDATE registrations SET invitation_id = NULL WHERE invitation_id IN (SELECT id FROM invitations WHERE person_id IS NULL);
      DELETE FROM invitations WHERE person_id IS NULL;
      ALTER TABLE invitations ALTER person_id SET NOT NULL;
      DROP TABLE personal_codes, privacy_notices, answer_files, answers, questions, chasing_rules, substitutions, approvals;
      ALTER TABLE imports DROP file_name, DROP source, DROP mapping, DROP undo, DROP undone_at;
      ALTER TABLE registrations
        DROP CONSTRAINT registrations_state_check,
        DROP CONSTRAINT registrations_consent_to_be_listed_check,
        DROP CONSTRAINT registrations_waitlist_number,
        DROP CONSTRAINT registrations_confirmed_at,
        DROP delegation_id, DROP role, DROP attends, DROP offer_expires_at, DROP approval_round,
        DROP substitutes_for, DROP privacy_notice_version, DROP privacy_notice_accepted_at, DROP erased_at,
        ALTER consent_to_be_listed DROP DEFAULT,
        ALTER consent_to_be_listed TYPE boolean USING consent_to_be_listed <> 'never',
        ALTER consent_to_be_listed SET DEFAULT false;
      DROP INDEX registrations_came;
      DROP INDEX registrations_came_in_state, registrations_came_of_mechanism, registrations_state;
      CREATE INDEX registrations_state ON registrations (dialogue_id, state, id);
      UPDATE registrations SET state = 'confirmed' WHERE state = 'under_review';
      UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL, waitlist_number = NULL
        WHERE state IN ('awaiting_approval', 'offered', 'refused');
      ALTER TABLE registrations ADD CHECK (state IN ('unconfirmed', 'confirmed', 'waitlisted', 'withdrawn')),
        ADD CONSTRAINT registrations_check CHECK ((state = 'waitlisted') = (waitlist_number IS NOT NULL)),
        ADD CONSTRAINT registrations_check1 CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL));
      UPDATE invitations SET state = 'declined' WHERE state = 'removed';
      DROP INDEX invitations_of_person;
      ALTER TABLE invitations DROP CONSTRAINT invitations_state_check, DROP delegation_id, DROP role,
        ADD CHECK (state IN ('prepared', 'sent', 'accepted', 'declined'));
      DELETE FROM places WHERE scope <> 'dialogue';
      DROP INDEX places_scope;
      ALTER TABLE places DROP CONSTRAINT places_scope_check, DROP CONSTRAINT places_not_exceeded,
        DROP attends, DROP delegation_id, DROP role, DROP reserved,
        ADD CHECK (scope IN ('dialogue')),
        ADD CONSTRAINT places_scope UNIQUE (dialogue_id, scope);
      UPDATE places SET taken = (SELECT count(*) FROM registrations r
        WHERE r.dialogue_id = places.dialogue_id AND r.state = 'confirmed');
      ALTER TABLE places ADD CONSTRAINT places_not_exceeded CHECK (places IS NULL OR taken <= places);
      DROP TABLE delegations, dialogue_roles;
      ALTER TABLE dialogues DROP process_id, DROP approvals_needed, DROP promotion, DROP offer_for, DROP substitution,
        DROP answers_due_at_local, DROP answers_due_at, DROP retention_days, DROP purged_at;
      DROP TABLE process_roles, processes;
      ALTER TABLE organisers DROP may_draft;
    `);
  }
}
