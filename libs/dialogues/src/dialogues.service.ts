import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { assertMayDraft } from '@app/accounts';
import { canonicalLanguage, languageRemedy } from '@app/directory';
import { MailQueue, moveEndOfUse } from '@app/mail';
import { audit, Environment, one, Problem, sql, valuesOf, type FieldProblem } from '@app/platform';
import { Dialogue, type Announced, type DialogueDocument, type Venue } from './dialogue.entity';
import { ownDialogue, standingIn } from './own-dialogue';
import { assertMayJoin } from './processes/join-process';
import { normaliseOffset } from './reminders/reminder.rules';
import { recomputeReminders } from './reminders/recompute-reminders';
import { ROLES, type Role } from './roles/rights.rules';
import { mustLieAhead, readSchedule, readWallTime, type WallSchedule } from './schedule.rules';
import { slugOf } from './slug.rules';
import { checkVenue } from './venue.rules';

/** What an organiser says of a dialogue. */
export interface DialogueDraft extends WallSchedule {
  title: string;
  purpose: string;
  venue: Venue;
  /** At least one. */
  hosts: string[];
  /** At least one, BCP 47. */
  workingLanguages: string[];
  documents: DialogueDocument[];
  registration: 'invitation' | 'open';
  /** The process of which it is a step. */
  processId?: string | null;
}

/** What changes; what is not named stays. */
export interface DialogueChanges extends Partial<DialogueDraft> {
  /** Tell participants also of a change that is not one of time or place. */
  announce?: boolean;
  /** How many approvers must approve a registration, 0 to 9. */
  approvalsNeeded?: number;
  promotion?: 'at_once' | 'offer';
  /** ISO 8601 duration. */
  offerFor?: string;
  substitution?: 'closed' | 'approved' | 'free';
  /** Until when invited people should answer, as the host's clock shows it; null: no deadline. */
  answersDueAtLocal?: string | null;
  /** Null: personal data are not removed by themselves. */
  retentionDays?: number | null;
}

/** How many people stand where. */
export interface DialogueCounts {
  /** Null: no limit. */
  places: number | null;
  invitationsPrepared: number;
  invitationsSent: number;
  invitationsAccepted: number;
  invitationsDeclined: number;
  awaitingApproval: number;
  waitlisted: number;
  offered: number;
  confirmed: number;
  underReview: number;
  unconfirmed: number;
  refused: number;
  withdrawn: number;
}

/**
 * The life of a dialogue: draft → published ⇄ postponed → cancelled. Changes of time or place mail nobody here: they
 * set `announcement_due_at`, and the notifications compare what was announced with what is so once editing has come to
 * rest (design, idea 10).
 */
@Injectable()
export class DialoguesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly mailQueue: MailQueue,
  ) {}

  /**
   * Drafts a dialogue in the caller's transaction.
   * @param directoryOf in whose directory its people and mechanisms stand; the drafter's own when not given.
   * @throws Problem 403 `may_not_draft`; 422 with each field that is wrong
   */
  async create(
    manager: EntityManager,
    organiserId: string,
    draft: DialogueDraft,
    directoryOf = organiserId,
  ): Promise<Dialogue> {
    await assertMayDraft(manager, organiserId);
    const schedule = checkSchedule(draft);
    if (draft.processId) await assertMayJoin(manager, draft.processId, { organiserId, seesSensitive: true });
    const drafted = valuesOf({
      organiser_id: directoryOf,
      slug: slugOf(draft.title, randomBytes(4).toString('hex')),
      title: draft.title,
      purpose: draft.purpose,
      starts_at_local: draft.startsAtLocal,
      ends_at_local: draft.endsAtLocal,
      time_zone: schedule.timeZone,
      starts_at: schedule.startsAt,
      ends_at: schedule.endsAt,
      venue: JSON.stringify(checkedVenue(draft.venue)),
      hosts: draft.hosts,
      working_languages: checkedLanguages(draft.workingLanguages),
      documents: JSON.stringify(draft.documents),
      registration: draft.registration,
      process_id: draft.processId ?? null,
    });
    const made = await one<{ id: string }>(manager, sql`INSERT INTO dialogues ${drafted} RETURNING id`);
    const { id } = made!;
    await manager.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles, sees_sensitive)
       SELECT $1, id, name, '{owner}', true FROM organisers WHERE id = $2`,
      [id, organiserId],
    );
    await audit(manager, { action: 'dialogue.drafted', dialogueId: id, details: { title: draft.title } });
    return manager.findOneByOrFail(Dialogue, { id });
  }

  /**
   * Changes a dialogue in the caller's transaction. New times of a postponed dialogue publish it again.
   * @throws Problem 404, 409 `dialogue_cancelled`, `dialogue_begun` or `dialogue_over`, 412, 422 with each field that is
   * wrong
   */
  async update(
    manager: EntityManager,
    organiserId: string,
    id: string,
    { announce = false, ...changes }: DialogueChanges,
    expectedVersion?: number,
  ): Promise<Dialogue> {
    const dialogue = await this.lock(manager, organiserId, id, expectedVersion);
    const before = announcedOf(dialogue);
    const fields = Object.keys(changes).filter(
      (field) => changes[field as keyof typeof changes] !== undefined,
    );
    const setsTimes = fields.some((field) => ['startsAtLocal', 'endsAtLocal', 'timeZone'].includes(field));
    if (fields.length === 0 && !announce) return dialogue;
    if (changes.processId !== undefined && changes.processId !== dialogue.processId) {
      const { seesSensitive } = await ownDialogue(manager, organiserId, id, 'own');
      if (changes.processId) await assertMayJoin(manager, changes.processId, { organiserId, seesSensitive });
    }

    Object.assign(
      dialogue,
      Object.fromEntries(fields.map((field) => [field, changes[field as keyof typeof changes]])),
    );
    if (changes.venue) dialogue.venue = checkedVenue(changes.venue);
    if (changes.workingLanguages) dialogue.workingLanguages = checkedLanguages(changes.workingLanguages);
    if (setsTimes) Object.assign(dialogue, checkSchedule(dialogue, before));
    if (changes.offerFor !== undefined) dialogue.offerFor = checkedOfferFor(changes.offerFor);
    if (changes.answersDueAtLocal !== undefined || changes.timeZone !== undefined) {
      dialogue.answersDueAt = checkedDeadline(dialogue);
    }
    const isPublishedAgain = dialogue.state === 'postponed' && setsTimes;
    if (isPublishedAgain) {
      dialogue.state = 'published';
      dialogue.cancellationReason = null;
    }
    const isMoved = isPublishedAgain || !sameSchedule(before, announcedOf(dialogue));

    const [{ now }]: [{ now: Date }] = await manager.query('SELECT now()');
    if (before.state === 'published' && isMoved) assertMayMove(before, announcedOf(dialogue), now);
    if (announce && dialogue.state === 'published') dialogue.announceRequested = true;
    // Every further edit puts off what is not yet told: several edits are one mail.
    if (announce || dialogue.announcementDueAt) this.gatherNews(dialogue, now);
    if (isMoved) await this.saveMoved(manager, dialogue, before, now);
    else await this.save(manager, dialogue);
    await audit(manager, {
      action: isPublishedAgain ? 'dialogue.published_again' : 'dialogue.changed',
      dialogueId: id,
      details: { fields, announce, ...(isMoved && { from: before, to: announcedOf(dialogue) }) },
    });
    return dialogue;
  }

  /** @throws Problem 404 */
  async get(organiserId: string, id: string): Promise<Dialogue> {
    await ownDialogue(this.dataSource, organiserId, id, 'view');
    return this.dataSource.manager.findOneByOrFail(Dialogue, { id });
  }

  /** The latest first; from after the start and id given, `limit` at most; all, or those of one process. */
  async list(
    organiserId: string,
    limit: number,
    after?: { startsAt: string; id: string },
    processId?: string,
  ): Promise<{ dialogue: Dialogue; counts: DialogueCounts; roles: Role[] }[]> {
    const query = this.dataSource.manager.createQueryBuilder(Dialogue, 'dialogue').where(
      `(dialogue.id IN (SELECT dialogue_id FROM dialogue_roles WHERE organiser_id = :organiserId)
          OR dialogue.processId IN (SELECT process_id FROM process_roles WHERE organiser_id = :organiserId))`,
      { organiserId },
    );
    if (processId) query.andWhere('dialogue.processId = :processId', { processId });
    if (after) query.andWhere('(dialogue.startsAt, dialogue.id) < (:startsAt, :id)', after);
    const dialogues = await query
      .orderBy('dialogue.startsAt', 'DESC')
      .addOrderBy('dialogue.id', 'DESC')
      .limit(limit)
      .getMany();
    const ids = dialogues.map(({ id }) => id);
    const [counts, roles] = await Promise.all([this.counts(ids), this.rolesIn(organiserId, ids)]);
    return dialogues.map((dialogue) => ({
      dialogue,
      counts: counts.get(dialogue.id)!,
      roles: roles.get(dialogue.id)!,
    }));
  }

  /** The roles that an organiser has in several dialogues, by themselves and by their processes, in one statement. */
  async rolesIn(organiserId: string, ids: readonly string[]): Promise<Map<string, Role[]>> {
    const rows: { id: string; roles: Role[] | null }[] = await this.dataSource.query(
      `SELECT d.id, standing.roles FROM dialogues d CROSS JOIN LATERAL ${standingIn(2)} AS standing
       WHERE d.id = ANY($1)`,
      [ids, organiserId],
    );
    return new Map(rows.map(({ id, roles }) => [id, ROLES.filter((role) => roles?.includes(role))]));
  }

  /** How many stand where, of several dialogues in one statement. */
  async counts(ids: readonly string[]): Promise<Map<string, DialogueCounts>> {
    const rows: (DialogueCounts & { id: string })[] = await this.dataSource.query(
      `SELECT dialogue.id, places.places,
         coalesce(invited.prepared, 0)::int AS "invitationsPrepared", coalesce(invited.sent, 0)::int AS "invitationsSent",
         coalesce(invited.accepted, 0)::int AS "invitationsAccepted",
         coalesce(invited.declined, 0)::int AS "invitationsDeclined",
         coalesce(registered.awaiting_approval, 0)::int AS "awaitingApproval",
         coalesce(registered.waitlisted, 0)::int AS waitlisted, coalesce(registered.offered, 0)::int AS offered,
         coalesce(registered.confirmed, 0)::int AS confirmed, coalesce(registered.under_review, 0)::int AS "underReview",
         coalesce(registered.refused, 0)::int AS refused,
         coalesce(registered.unconfirmed, 0)::int AS unconfirmed, coalesce(registered.withdrawn, 0)::int AS withdrawn
       FROM unnest($1::uuid[]) AS dialogue (id)
       LEFT JOIN places ON places.dialogue_id = dialogue.id AND places.scope = 'dialogue'
       LEFT JOIN LATERAL (
         SELECT count(*) FILTER (WHERE state = 'prepared') AS prepared, count(*) FILTER (WHERE state = 'sent') AS sent,
           count(*) FILTER (WHERE state = 'accepted') AS accepted, count(*) FILTER (WHERE state = 'declined') AS declined
         FROM invitations WHERE dialogue_id = dialogue.id) AS invited ON true
       LEFT JOIN LATERAL (
         SELECT count(*) FILTER (WHERE state = 'confirmed') AS confirmed,
           count(*) FILTER (WHERE state = 'awaiting_approval') AS awaiting_approval,
           count(*) FILTER (WHERE state = 'offered') AS offered,
           count(*) FILTER (WHERE state = 'under_review') AS under_review,
           count(*) FILTER (WHERE state = 'refused') AS refused,
           count(*) FILTER (WHERE state = 'waitlisted') AS waitlisted,
           count(*) FILTER (WHERE state = 'unconfirmed') AS unconfirmed,
           count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn
         FROM registrations WHERE dialogue_id = dialogue.id) AS registered ON true`,
      [ids],
    );
    return new Map(rows.map(({ id, ...counts }) => [id, counts]));
  }

  /** Opens it for answers and registrations; publishing again changes nothing. @throws Problem 404, 409, 412 */
  async publish(organiserId: string, id: string, expectedVersion?: number): Promise<Dialogue> {
    return this.dataSource.transaction(async (manager) => {
      const dialogue = await this.lock(manager, organiserId, id, expectedVersion);
      if (dialogue.state === 'published') return dialogue;
      if (dialogue.state === 'postponed') {
        throw new Problem(
          409,
          'dialogue_postponed',
          'The dialogue is postponed. Give it a new time (PATCH starts_at_local, ends_at_local): that publishes it again.',
        );
      }
      if (dialogue.startsAt <= new Date()) {
        throw new Problem(
          409,
          'in_the_past',
          'The dialogue would have begun already. Give it a time that is still to come, then publish it.',
        );
      }
      dialogue.state = 'published';
      dialogue.publishedAt = new Date();
      dialogue.announced = announcedOf(dialogue);
      dialogue.version += 1;
      await manager.save(dialogue);
      await audit(manager, {
        action: 'dialogue.published',
        dialogueId: id,
        details: { ...dialogue.announced },
      });
      return dialogue;
    });
  }

  /** The old time no longer holds and there is no new one yet. @throws Problem 404, 409, 412 */
  async postpone(
    organiserId: string,
    id: string,
    reason?: string,
    expectedVersion?: number,
  ): Promise<Dialogue> {
    return this.end('postponed', organiserId, id, reason, expectedVersion);
  }

  /** It will not take place; nothing of it can be changed after that. @throws Problem 404, 409, 412 */
  async cancel(
    organiserId: string,
    id: string,
    reason?: string,
    expectedVersion?: number,
  ): Promise<Dialogue> {
    return this.end('cancelled', organiserId, id, reason, expectedVersion);
  }

  /**
   * The dialogue, locked against other edits until the transaction ends, but not against registrations.
   * @throws Problem 404, 409 `dialogue_cancelled`, 412
   */
  async lock(
    manager: EntityManager,
    organiserId: string,
    id: string,
    expectedVersion?: number,
  ): Promise<Dialogue> {
    await ownDialogue(manager, organiserId, id, 'manage', 'FOR NO KEY UPDATE');
    const dialogue = await manager.findOneByOrFail(Dialogue, { id });
    if (dialogue.state === 'cancelled') {
      throw new Problem(
        409,
        'dialogue_cancelled',
        'The dialogue is cancelled and everyone was told so. Draft a new one instead.',
      );
    }
    if (expectedVersion !== undefined && dialogue.version !== expectedVersion)
      throw Problem.changedMeanwhile();
    return dialogue;
  }

  /**
   * Saves a dialogue with another time or place than before, and all that follows from it: the revision that calendars go by,
   * reminders, and until when what waits is useful. People are told once editing has come to rest. Part of the caller's
   * transaction, which has locked the dialogue.
   * @param now of the database.
   */
  async saveMoved(manager: EntityManager, dialogue: Dialogue, before: Announced, now: Date): Promise<void> {
    dialogue.scheduleChangedAt = now;
    if (dialogue.state === 'published') dialogue.scheduleRevision += 1;
    this.gatherNews(dialogue, now);
    await this.save(manager, dialogue);
    await recomputeReminders(manager, dialogue);
    await moveEndOfUse(manager, dialogue.id, new Date(before.starts_at), dialogue.startsAt);
  }

  private async save(manager: EntityManager, dialogue: Dialogue): Promise<void> {
    dialogue.version += 1;
    await manager.save(dialogue);
  }

  private gatherNews(dialogue: Dialogue, now: Date): void {
    if (dialogue.state !== 'published') return;
    dialogue.announcementDueAt = new Date(now.getTime() + this.environment.CHANGE_GATHERING_SECONDS * 1_000);
  }

  private async end(
    state: 'postponed' | 'cancelled',
    organiserId: string,
    id: string,
    reason: string | undefined,
    expectedVersion: number | undefined,
  ): Promise<Dialogue> {
    const ended = await this.dataSource.transaction(async (manager) => {
      const dialogue = await this.lock(manager, organiserId, id, expectedVersion);
      const [{ now }]: [{ now: Date }] = await manager.query('SELECT now()');
      if (state === 'postponed' && dialogue.state !== 'published') {
        throw dialogue.state === 'draft'
          ? new Problem(
              409,
              'dialogue_draft',
              'The dialogue is a draft that nobody knows of. Change its time instead.',
            )
          : new Problem(409, 'dialogue_postponed', 'The dialogue is postponed already.');
      }
      if (dialogue.state === 'published' && dialogue.endsAt <= now) {
        throw new Problem(409, 'dialogue_over', `The dialogue is over and can't be ${state}.`);
      }
      const wasKnown = dialogue.state !== 'draft';
      dialogue.state = state;
      dialogue.cancellationReason = reason || null;
      dialogue.scheduleRevision += 1;
      dialogue.scheduleChangedAt = now;
      dialogue.announcementDueAt = wasKnown ? now : null;
      dialogue.version += 1;
      await manager.save(dialogue);
      await audit(manager, {
        action: `dialogue.${state}`,
        dialogueId: id,
        details: { reason: reason || null },
      });
      return dialogue;
    });
    this.mailQueue.wake('announce-changes');
    return ended;
  }
}

/**
 * What has begun can't be moved to another start, and what is over has neither time nor place to change: everyone was
 * there, and would be told of a meeting that never was. Its end and its place may still change while it lasts.
 * @throws Problem 409
 */
function assertMayMove(from: Announced, to: Announced, now: Date): void {
  if (new Date(from.ends_at) <= now) {
    throw new Problem(
      409,
      'dialogue_over',
      'The dialogue is over; its time and place are on record. Draft a new one for another meeting.',
    );
  }
  if (new Date(from.starts_at) <= now && from.starts_at !== to.starts_at) {
    throw new Problem(
      409,
      'dialogue_begun',
      'The dialogue has begun and can no longer start at another time. Change its end or place, or draft a new one.',
    );
  }
}

/** What participants know, or would be told now. */
export function announcedOf({ state, startsAt, endsAt, timeZone, venue }: Dialogue): Announced {
  return {
    state,
    starts_at: startsAt.toISOString(),
    ends_at: endsAt.toISOString(),
    time_zone: timeZone,
    venue,
  };
}

/** Whether time, zone and place are the same; the order of the venue's members does not matter. */
export function sameSchedule(before: Announced, after: Announced): boolean {
  return (
    before.starts_at === after.starts_at &&
    before.ends_at === after.ends_at &&
    before.time_zone === after.time_zone &&
    (['kind', 'platform', 'join_url', 'room'] as const).every(
      (member) => before.venue[member] === after.venue[member],
    )
  );
}

function checkSchedule(schedule: WallSchedule, before?: Announced) {
  const read = readSchedule(schedule);
  if ('errors' in read) throw fieldsWrong(read.errors);
  // A dialogue that has begun may still have its end put off.
  const isSameStart = before?.starts_at === read.startsAt.toISOString() && before.state !== 'postponed';
  const past = isSameStart ? null : mustLieAhead(read.startsAt, new Date());
  if (past) throw fieldsWrong([past]);
  return read;
}

/** In one way of writing. @throws Problem 422 `duration_malformed` */
function checkedOfferFor(offerFor: string): string {
  const duration = normaliseOffset(offerFor);
  if (duration) return duration;
  throw Problem.field(
    'offer_for',
    'duration_malformed',
    'offer_for must be a duration by ISO 8601, longer than nothing and at most a year, such as P2D or PT12H.',
  );
}

/** The instant of the deadline for answers. @throws Problem 422 */
function checkedDeadline({ answersDueAtLocal, timeZone }: Dialogue): Date | null {
  if (answersDueAtLocal === null) return null;
  const read = readWallTime('answers_due_at_local', answersDueAtLocal, timeZone);
  if ('code' in read) throw fieldsWrong([read]);
  return new Date(read.instant);
}

function checkedVenue(venue: Venue): Venue {
  const errors = checkVenue(venue);
  if (errors.length > 0) throw fieldsWrong(errors);
  const { kind, platform, join_url, room } = venue;
  return {
    kind,
    ...(platform && { platform }),
    ...(join_url && { join_url: new URL(join_url).href }),
    ...(room && { room }),
  };
}

function checkedLanguages(tags: string[]): string[] {
  const canonical = tags.map(canonicalLanguage);
  const errors = canonical.flatMap((tag, index): FieldProblem[] =>
    tag
      ? []
      : [
          {
            field: `working_languages.${index}`,
            code: 'language_unknown',
            detail: `working_languages ${languageRemedy(tags[index]!)}`,
          },
        ],
  );
  if (errors.length > 0) throw fieldsWrong(errors);
  return [...new Set(canonical as string[])];
}

/** One wrong field gives its own code, several the code of wrong fields. */
function fieldsWrong(errors: FieldProblem[]): Problem {
  const [first] = errors;
  return new Problem(
    422,
    errors.length === 1 ? first!.code : 'invalid_fields',
    errors.map(({ detail }) => detail).join(' '),
    errors,
  );
}
