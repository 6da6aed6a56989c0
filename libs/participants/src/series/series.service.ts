import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  Dialogue,
  DialoguesService,
  ownDialogue,
  ownProcess,
  recomputeReminders,
  type OwnDialogue,
} from '@app/dialogues';
import { audit, count, ownKey, Problem, sql } from '@app/platform';
import { standing, standingInWords } from '../registrations/registration.rules';
import { daysBetween, endOfSameLength, shifted } from './shift.rules';

/** When the next meeting of a series is, and what of it is different. */
export interface CopyDraft {
  /** Wall times in the zone. */
  startsAtLocal: string;
  /** Left out: after the same time by the clock. */
  endsAtLocal?: string | undefined;
  /** Left out: the source's. */
  timeZone?: string | undefined;
  /** Left out: the source's. */
  title?: string | undefined;
  /** Left out: the source's, where the copier may add to it; null: none. */
  processId?: string | null | undefined;
}

/** Whom of the last meeting to invite: those who came where attendance was kept, else those confirmed. */
export type Earlier = 'came' | 'confirmed';

/** What became of those who took part in the earlier dialogue. */
export interface InvitedAgain {
  /** Put on the list; nobody is written to. */
  prepared: number;
  /** Were on the list, or are registered. */
  alreadyThere: number;
  /** Their data are erased. */
  leftOut: number;
}

/** Dialogues that follow one another: the next is copied from the last, and those who came are invited again. */
@Injectable()
export class SeriesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
  ) {}

  /**
   * Drafts a dialogue like another one, at another time: with its agenda (but nobody who spoke), documents, settings,
   * limits of places, delegations with their focal points and seats, questions, privacy notice, reminder and chasing
   * rules, and the words of its mails. Deadlines move by as many calendar days as the dialogue; one that has passed
   * already is left out. Nobody is on its lists. It stays in the directory of its source; its owner is who copies it.
   * Where that is another's directory, only an owner of the source may: the copy reaches it for as long as there is
   * one.
   * @throws Problem 404; 403 `role_insufficient`, `may_not_draft`; 422 with each field that is wrong
   */
  async copy(organiserId: string, sourceId: string, draft: CopyDraft): Promise<Dialogue> {
    // One snapshot: a delegation that is added meanwhile is copied with its places, or not at all.
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const own = await ownDialogue(manager, organiserId, sourceId, 'manage', 'FOR SHARE');
      if (own.directoryOf !== organiserId) await ownDialogue(manager, organiserId, sourceId, 'own');
      const source = await manager.findOneByOrFail(Dialogue, { id: sourceId });
      const { purpose, venue, hosts, workingLanguages, documents, registration } = source;
      const copy = await this.dialogues.create(
        manager,
        organiserId,
        {
          title: draft.title ?? source.title,
          startsAtLocal: draft.startsAtLocal,
          endsAtLocal: draft.endsAtLocal ?? endLike(source, draft.startsAtLocal),
          timeZone: draft.timeZone ?? source.timeZone,
          purpose,
          venue,
          hosts,
          workingLanguages,
          documents,
          registration,
          processId: await this.processOfCopy(manager, organiserId, source.processId, draft.processId),
        },
        own.directoryOf,
      );
      const days = daysBetween(source.startsAtLocal, copy.startsAtLocal);
      const [{ now }]: [{ now: Date }] = await manager.query('SELECT now()');
      await this.copySettings(manager, source, copy, days, now);
      await this.copyAgenda(manager, sourceId, copy.id);
      await this.copyDelegationsAndPlaces(manager, sourceId, copy, days, now);
      await this.copyRules(manager, sourceId, copy);
      await this.copyQuestions(manager, sourceId, copy.id, days);
      await audit(manager, {
        action: 'dialogue.copied',
        dialogueId: copy.id,
        details: { from: sourceId, days },
      });
      return manager.findOneByOrFail(Dialogue, { id: copy.id });
    });
  }

  /**
   * Puts those who took part in an earlier dialogue on the list of this one, without writing to them. Who came by the
   * open link, or as somebody else than was invited, becomes a person of the directory; whoever is erased never does.
   * @throws Problem 404, 403; 409 `another_directory`, or the dialogue's standing when it is cancelled or over
   */
  async inviteFrom(
    organiserId: string,
    dialogueId: string,
    earlierId: string,
    who: Earlier,
  ): Promise<InvitedAgain> {
    return this.dataSource.transaction(async (manager) => {
      const dialogue = await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE');
      const earlier = await this.earlier(manager, organiserId, earlierId);
      const why = standing(dialogue);
      if (why === 'dialogue_cancelled' || why === 'dialogue_over') {
        throw new Problem(409, why, standingInWords[why]);
      }
      if (earlier.directoryOf !== dialogue.directoryOf) {
        throw new Problem(
          409,
          'another_directory',
          'The two dialogues are from different directories of people. Import the list instead.',
        );
      }
      await manager.query(
        `WITH ${TOOK_PART}
         INSERT INTO people (organiser_id, honorific, name, name_key, functional_title, email, email_key, affiliation,
           country, mechanism_id, capacity, language, time_zone)
         SELECT DISTINCT ON (email_key, own_key) $3::uuid, honorific, name, own_key, functional_title, email, email_key,
           affiliation, country, mechanism_id, capacity, language, time_zone
         FROM took_part WHERE NOT is_erased AND invited IS NULL ORDER BY email_key, own_key, id
         ON CONFLICT ON CONSTRAINT people_address_and_name DO NOTHING`,
        [earlierId, who, dialogue.directoryOf],
      );
      const [counts]: InvitedAgain[] = await manager.query(
        `WITH ${TOOK_PART},
         found AS (
           SELECT DISTINCT ON (coalesce(invited, p.id)) coalesce(invited, p.id) AS person_id, t.email_key, t.own_key
           FROM took_part t LEFT JOIN people p ON t.invited IS NULL
             AND p.organiser_id = $3 AND p.email_key = t.email_key AND p.name_key = t.own_key
           WHERE NOT is_erased),
         prepared AS (
           INSERT INTO invitations (dialogue_id, person_id)
           SELECT $4, person_id FROM found f WHERE NOT EXISTS (SELECT FROM registrations r
             WHERE r.dialogue_id = $4 AND r.email_key = f.email_key AND r.name_key = f.own_key)
           ON CONFLICT ON CONSTRAINT invitations_person DO NOTHING RETURNING id)
         SELECT prepared, (SELECT count(*) FROM found)::int - prepared AS "alreadyThere",
           (SELECT count(*) FROM took_part WHERE is_erased)::int AS "leftOut"
         FROM (SELECT count(*)::int AS prepared FROM prepared) AS counted`,
        [earlierId, who, dialogue.directoryOf, dialogueId],
      );
      await audit(manager, {
        action: 'invitations.prepared',
        dialogueId,
        details: { from: earlierId, who, ...counts },
      });
      return counts!;
    });
  }

  /** @throws Problem 422 `unknown_id`; 403 */
  private async earlier(manager: EntityManager, organiserId: string, id: string): Promise<OwnDialogue> {
    try {
      return await ownDialogue(manager, organiserId, id, 'manage');
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
      throw Problem.field(
        'dialogue_id',
        'unknown_id',
        'dialogue_id must be the id of a dialogue in which you are owner or organiser.',
      );
    }
  }

  /** Left out, it is the source's where the copier may add dialogues to it; a copier who may not gets a copy without. */
  private async processOfCopy(
    manager: EntityManager,
    organiserId: string,
    sourceProcess: string | null,
    wanted: string | null | undefined,
  ): Promise<string | null> {
    if (wanted !== undefined || sourceProcess === null) return wanted ?? null;
    try {
      await ownProcess(manager, organiserId, sourceProcess, 'manage');
      return sourceProcess;
    } catch (error) {
      if (error instanceof Problem) return null;
      throw error;
    }
  }

  private async copySettings(
    manager: EntityManager,
    source: Dialogue,
    copy: Dialogue,
    days: number,
    now: Date,
  ): Promise<void> {
    const due = shifted(source.answersDueAtLocal, days, copy.timeZone, { now, startsAt: copy.startsAt });
    await manager.query(
      `UPDATE dialogues SET approvals_needed = s.approvals_needed, promotion = s.promotion, offer_for = s.offer_for,
         substitution = s.substitution, retention_days = s.retention_days, answers_due_at_local = $3, answers_due_at = $4
       FROM dialogues s WHERE s.id = $2 AND dialogues.id = $1`,
      [copy.id, source.id, due?.local ?? null, due?.instant ?? null],
    );
  }

  /** Whoever spoke or moderated last time was not asked for the next. */
  private async copyAgenda(manager: EntityManager, sourceId: string, copyId: string): Promise<void> {
    await manager.query(
      `WITH copied AS (
         INSERT INTO agenda_sessions (dialogue_id, position, title, minutes, guiding_questions)
         SELECT $2, position, title, minutes, guiding_questions FROM agenda_sessions WHERE dialogue_id = $1
         RETURNING id, position)
       INSERT INTO agenda_items (session_id, position, title, minutes, documents)
       SELECT copied.id, i.position, i.title, i.minutes, i.documents
       FROM agenda_items i JOIN agenda_sessions s ON s.id = i.session_id JOIN copied ON copied.position = s.position
       WHERE s.dialogue_id = $1`,
      [sourceId, copyId],
    );
  }

  /**
   * The seats of the delegations are kept again, all of them; where seats had been released to others last time there
   * may be fewer places than seats, and the copy gets as many places as it has seats.
   */
  private async copyDelegationsAndPlaces(
    manager: EntityManager,
    sourceId: string,
    copy: Dialogue,
    days: number,
    now: Date,
  ): Promise<void> {
    const delegations: { id: string; close: string | null; release: string | null }[] = await manager.query(
      `SELECT id, nominations_close_at_local AS close, release_at_local AS release
       FROM delegations WHERE dialogue_id = $1`,
      [sourceId],
    );
    const moved = delegations.map(({ id, close, release }) => ({
      id,
      close: shifted(close, days, copy.timeZone, { now, startsAt: copy.startsAt }),
      release: shifted(release, days, copy.timeZone, { now, startsAt: copy.startsAt }),
    }));
    await count(
      manager,
      sql`WITH old AS (
         SELECT d.*, gen_random_uuid() AS new_id, moved.close_local, moved.close_at, moved.let_go_local, moved.let_go_at,
           coalesce(p.places, 0) AS seats
         FROM unnest(${moved.map(({ id }) => id)}::uuid[], ${moved.map(({ close }) => close?.local ?? null)}::text[],
             ${moved.map(({ close }) => close?.instant ?? null)}::timestamptz[],
             ${moved.map(({ release }) => release?.local ?? null)}::text[],
             ${moved.map(({ release }) => release?.instant ?? null)}::timestamptz[])
           AS moved (id, close_local, close_at, let_go_local, let_go_at)
         JOIN delegations d ON d.id = moved.id
         LEFT JOIN places p ON p.delegation_id = d.id AND p.scope = 'delegation'),
       copied AS (
         INSERT INTO delegations (id, dialogue_id, mechanism_id, organisation, focal_point_id, attends,
           nominations_close_at_local, nominations_close_at, release_at_local, release_at)
         SELECT new_id, ${copy.id}::uuid, mechanism_id, organisation, focal_point_id, attends, close_local, close_at, let_go_local,
           let_go_at FROM old),
       limits AS (
         SELECT p.scope, p.places, p.attends, old.new_id AS delegation_id, p.role,
           CASE p.scope WHEN 'dialogue' THEN (SELECT coalesce(sum(seats), 0) FROM old)
             WHEN 'attendance' THEN (SELECT coalesce(sum(seats), 0) FROM old WHERE old.attends = p.attends)
             ELSE 0 END::int AS reserved
         FROM places p LEFT JOIN old ON old.id = p.delegation_id WHERE p.dialogue_id = ${sourceId})
       INSERT INTO places (dialogue_id, scope, places, attends, delegation_id, role, reserved)
       SELECT ${copy.id}::uuid, scope, CASE WHEN places IS NOT NULL THEN greatest(places, reserved) END, attends, delegation_id, role,
         reserved FROM limits`,
    );
  }

  /** With the words of its mails. */
  private async copyRules(manager: EntityManager, sourceId: string, copy: Dialogue): Promise<void> {
    await manager.query(
      `WITH chasing AS (
         INSERT INTO chasing_rules (dialogue_id, counted, duration, tells)
         SELECT $2, counted, duration, tells FROM chasing_rules WHERE dialogue_id = $1),
       words AS (
         INSERT INTO mail_wordings (dialogue_id, kind, language, subject, opening, closing)
         SELECT $2, kind, language, subject, opening, closing FROM mail_wordings WHERE dialogue_id = $1)
       INSERT INTO reminder_rules (dialogue_id, before, audience, due_at, useful_until)
       SELECT $2, before, audience, due_at, useful_until FROM reminder_rules WHERE dialogue_id = $1`,
      [sourceId, copy.id],
    );
    await recomputeReminders(manager, copy);
  }

  /** With the privacy notice, of which the copy has the last version as its first. */
  private async copyQuestions(
    manager: EntityManager,
    sourceId: string,
    copyId: string,
    days: number,
  ): Promise<void> {
    await manager.query(
      `WITH notice AS (
         INSERT INTO privacy_notices (dialogue_id, version, texts)
         SELECT $2, 1, texts FROM privacy_notices WHERE dialogue_id = $1 ORDER BY version DESC LIMIT 1)
       INSERT INTO questions (dialogue_id, code, position, kind, label, help, options, required, asked_if, sensitive,
         purge_on, file_types, file_bytes)
       SELECT $2, code, position, kind, label, help, options, required, asked_if, sensitive, purge_on + $3::int,
         file_types, file_bytes
       FROM questions WHERE dialogue_id = $1`,
      [sourceId, copyId, days],
    );
  }
}

/**
 * Those who took part in dialogue $1, by $2. `invited`: the person who was invited, when it is they who took part (a
 * link can be forwarded). Someone who was invited and is in no directory any more was erased.
 */
const TOOK_PART = `took_part AS (
  SELECT r.*, r.erased_at IS NOT NULL OR (i.id IS NOT NULL AND i.person_id IS NULL) AS is_erased, p.id AS invited,
    ${ownKey('r.name_key')} AS own_key
  FROM registrations r LEFT JOIN invitations i ON i.id = r.invitation_id
  LEFT JOIN people p ON p.id = i.person_id AND ${ownKey('p.name_key')} = ${ownKey('r.name_key')}
  WHERE r.dialogue_id = $1 AND CASE
    WHEN $2::text = 'came' AND EXISTS (SELECT FROM attendances a WHERE a.dialogue_id = $1)
      THEN r.id IN (SELECT registration_id FROM attendances a WHERE a.dialogue_id = $1)
    ELSE r.state IN ('confirmed', 'under_review') END)`;

/** What is no wall time is told by whoever drafts. */
function endLike(source: Dialogue, startsAtLocal: string): string {
  try {
    return endOfSameLength(source, startsAtLocal);
  } catch {
    return source.endsAtLocal;
  }
}
