import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue, ownDialogueOf } from '@app/dialogues';
import { UnitOfWork } from '@app/mail';
import { audit, auditEach, Problem } from '@app/platform';
import { CONFIRMATION, REFUSAL, WAITLISTED } from '../mail-kinds';
import { fill } from '../places/places.rules';
import { PlacesService } from '../places/places.service';
import type { RegistrationState } from '../registrations/registration.entity';
import type { Participant } from '../registrations/situation';
import { mayAnswer, standing, standingInWords } from '../registrations/registration.rules';
import { queueRegistrationMails } from '../registrations/registration-mails';
import { decide, type Decision, type DecisionVerdict, type Undecided } from './approvals.rules';

/** What became of a registration by a decision. */
export interface Decided {
  registrationId: string;
  outcome:
    'approved' | 'confirmed' | 'waitlisted' | 'refused' | 'not_waiting' | 'already_decided' | 'not_found';
  /** How many have approved it in this round. */
  approvals: number;
  /** Where the registration stands now; null when it is not there. */
  state: RegistrationState | null;
}

/** A decision as the trace shows it. */
export interface ApprovalRow {
  round: number;
  organiser_id: string;
  organiser: string;
  decision: Decision;
  reason: string | null;
  decided_at: Date;
}

/** A registration on which it is decided. */
interface Row extends Undecided, Pick<Participant, 'attends' | 'delegationId' | 'role'> {
  id: string;
  /** Their number on the waitlist, when they had one before a change sent them back for approval. */
  waitlistNumber: string | null;
}

/** Approvers decide on registrations, one or many at once. */
@Injectable()
export class ApprovalsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly places: PlacesService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Decides on registrations of a dialogue, in the order in which they came. Enough approvals take a place, or a number on
   * the waitlist; a refusal gives back a place that was held and tells the person the reason. However many, the number of
   * statements is the same. When the dialogue is over it is decided only on who had a place, for the record, and nobody
   * is mailed of it any more.
   * @returns what became of each, in the order asked.
   * @throws Problem 403, 404; 409 `approval_not_asked` or with the dialogue's standing; 422 `reason_required`
   */
  async decide(
    organiserId: string,
    dialogueId: string,
    registrationIds: string[],
    decision: Decision,
    reason: string | null,
  ): Promise<{ decided: Decided[]; needed: number }> {
    if (decision === 'refused' && !reason) {
      throw Problem.field(
        'reason',
        'reason_required',
        'reason is needed for a refusal: the person is told it.',
      );
    }
    return this.unitOfWork.run(async (manager) => {
      await this.places.lock(manager, { dialogueId });
      const dialogue = await ownDialogue(manager, organiserId, dialogueId, 'approve', 'FOR SHARE');
      const [{ needed: approvalsNeeded }]: [{ needed: number }] = await manager.query(
        `SELECT approvals_needed AS needed FROM dialogues WHERE id = $1`,
        [dialogueId],
      );
      const rows = await readUndecided(manager, organiserId, dialogueId, registrationIds);
      assertDecidable(dialogue, approvalsNeeded, rows);
      const verdicts = new Map(rows.map((row) => [row.id, decide(row, decision, approvalsNeeded)]));
      const by = (...codes: DecisionVerdict['code'][]) =>
        rows.filter(({ id }) => codes.includes(verdicts.get(id)!.code));
      await record(manager, organiserId, dialogueId, by('counted', 'approved', 'refused'), decision, reason);
      const approved = await this.approve(manager, dialogueId, by('approved'));
      await this.refuse(manager, dialogueId, by('refused'), reason);
      const found = new Map(rows.map((row) => [row.id, row]));
      return {
        needed: approvalsNeeded,
        decided: registrationIds.map((id) => outcome(id, found.get(id), verdicts.get(id), approved.get(id))),
      };
    });
  }

  /** Every decision on a registration, the first first, and what is needed. @throws Problem 404 */
  async trace(
    organiserId: string,
    registrationId: string,
  ): Promise<{ state: RegistrationState; round: number; needed: number; items: ApprovalRow[] }> {
    await ownDialogueOf(this.dataSource, organiserId, 'registration', registrationId, 'view');
    const [registration]: { state: RegistrationState; round: number; needed: number }[] =
      await this.dataSource.query(
        `SELECT r.state, r.approval_round AS round, d.approvals_needed AS needed
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1`,
        [registrationId],
      );
    const items: ApprovalRow[] = await this.dataSource.query(
      `SELECT a.round, a.organiser_id, o.name AS organiser, a.decision, a.reason, a.decided_at
       FROM approvals a JOIN organisers o ON o.id = a.organiser_id WHERE a.registration_id = $1
       ORDER BY a.decided_at, a.organiser_id`,
      [registrationId],
    );
    return { ...registration!, items };
  }

  /** Who is approved takes a place or waits for one; who had one keeps it. @returns the state of each. */
  private async approve(
    manager: EntityManager,
    dialogueId: string,
    rows: Row[],
  ): Promise<Map<string, 'confirmed' | 'waitlisted'>> {
    if (rows.length === 0) return new Map();
    const newcomers = rows.filter(({ state }) => state === 'awaiting_approval');
    const { placed, changed } = fill(await this.places.limits(manager, dialogueId), newcomers);
    await this.places.change(manager, changed);
    const hasPlace = new Set(placed.map(({ id }) => id));
    const confirmed = rows
      .filter(({ id, state }) => state === 'under_review' || hasPlace.has(id))
      .map(({ id }) => id);
    const waiting = newcomers.filter(({ id }) => !hasPlace.has(id)).map(({ id }) => id);
    await manager.query(
      `UPDATE registrations SET state = 'confirmed', confirmed_at = coalesce(confirmed_at, now()), waitlist_number = NULL,
         participation_count = participation_count + CASE WHEN state = 'under_review' THEN 0 ELSE 1 END,
         transition_id = gen_random_uuid(), version = version + 1 WHERE id = ANY($1)`,
      [confirmed],
    );
    await auditEach(manager, confirmed, { action: 'registration.confirmed', dialogueId });
    await queueRegistrationMails(manager, CONFIRMATION, confirmed, { promoted: false });
    if (waiting.length > 0) await this.enlist(manager, dialogueId, waiting);
    return new Map([
      ...confirmed.map((id) => [id, 'confirmed'] as const),
      ...waiting.map((id) => [id, 'waitlisted'] as const),
    ]);
  }

  /** Puts them on the waitlist, in their order; who was on it before keeps the number. */
  private async enlist(manager: EntityManager, dialogueId: string, ids: string[]): Promise<void> {
    await manager.query(
      `WITH numbered AS (
         UPDATE places SET next_waitlist_number = next_waitlist_number + cardinality($2::uuid[])
         WHERE dialogue_id = $1 AND scope = 'dialogue' RETURNING next_waitlist_number - cardinality($2::uuid[]) AS first)
       UPDATE registrations r SET state = 'waitlisted', transition_id = gen_random_uuid(), version = r.version + 1,
         waitlist_number = coalesce(r.waitlist_number, numbered.first + given.position - 1)
       FROM numbered, unnest($2::uuid[]) WITH ORDINALITY AS given (id, position) WHERE r.id = given.id`,
      [dialogueId, ids],
    );
    await auditEach(manager, ids, { action: 'registration.waitlisted', dialogueId });
    await queueRegistrationMails(manager, WAITLISTED, ids);
  }

  /** Refuses, gives back the places that were held, and moves up who waits. */
  private async refuse(
    manager: EntityManager,
    dialogueId: string,
    rows: Row[],
    reason: string | null,
  ): Promise<void> {
    if (rows.length === 0) return;
    const held = rows.filter(({ state }) => state === 'under_review');
    await this.places.giveBack(manager, dialogueId, held);
    const ids = rows.map(({ id }) => id);
    await manager.query(
      `WITH dropped AS (
         UPDATE substitutions SET state = 'dropped', decided_at = now()
         WHERE registration_id = ANY($1) AND state = 'proposed')
       UPDATE registrations SET state = 'refused', confirmed_at = NULL, waitlist_number = NULL,
         transition_id = gen_random_uuid(), version = version + 1 WHERE id = ANY($1)`,
      [ids],
    );
    await auditEach(manager, ids, { action: 'registration.refused', dialogueId });
    for (const wasConfirmed of [true, false]) {
      const told = rows
        .filter(({ state }) => (state === 'under_review') === wasConfirmed)
        .map(({ id }) => id);
      if (told.length === 0) continue;
      await queueRegistrationMails(manager, REFUSAL, told, { reason: reason!, was_confirmed: wasConfirmed });
    }
    if (held.length > 0) await this.places.promote(manager, dialogueId);
  }
}

/** Under the lock of the places, in the order in which they came. */
function readUndecided(
  manager: EntityManager,
  organiserId: string,
  dialogueId: string,
  ids: string[],
): Promise<Row[]> {
  return manager.query(
    `SELECT r.id, r.state, r.attends, r.delegation_id AS "delegationId", r.role, r.waitlist_number AS "waitlistNumber",
       coalesce(given.approvals, 0) AS approvals, coalesce(given.decided, false) AS "hasDecided"
     FROM registrations r LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE decision = 'approved')::int AS approvals, bool_or(organiser_id = $3) AS decided
       FROM approvals WHERE registration_id = r.id AND round = r.approval_round) AS given ON true
     WHERE r.dialogue_id = $1 AND r.id = ANY($2)
     ORDER BY r.waitlist_number, r.created_at, r.id`,
    [dialogueId, ids, organiserId],
  );
}

/** Writes what the approver decided, in the round in which each registration is; the reason stays out of the audit. */
async function record(
  manager: EntityManager,
  organiserId: string,
  dialogueId: string,
  rows: Row[],
  decision: Decision,
  reason: string | null,
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await manager.query(
    `INSERT INTO approvals (registration_id, round, organiser_id, decision, reason)
     SELECT id, approval_round, $2, $3, $4 FROM registrations WHERE id = ANY($1)`,
    [ids, organiserId, decision, reason],
  );
  await (ids.length === 1
    ? audit(manager, { action: `approval.${decision}`, dialogueId, subjectId: ids[0]! })
    : auditEach(manager, ids, { action: `approval.${decision}`, dialogueId }));
}

function outcome(
  registrationId: string,
  row: Row | undefined,
  verdict: DecisionVerdict | undefined,
  state: 'confirmed' | 'waitlisted' | undefined,
): Decided {
  if (!row || !verdict) return { registrationId, outcome: 'not_found', approvals: 0, state: null };
  const before = { registrationId, approvals: row.approvals, state: row.state };
  if (verdict.code === 'counted') return { ...before, outcome: 'approved', approvals: verdict.approvals };
  if (verdict.code === 'approved') {
    return { registrationId, outcome: state!, approvals: row.approvals + 1, state: state! };
  }
  if (verdict.code === 'refused') return { ...before, outcome: 'refused', state: 'refused' };
  return { ...before, outcome: verdict.code };
}

function assertDecidable(
  dialogue: { state: 'draft' | 'published' | 'postponed' | 'cancelled'; over: boolean },
  needed: number,
  rows: Row[],
): void {
  const why = standing(dialogue);
  // Who took part while a change was considered stands in the record, for which it can be decided when all is over.
  const isForRecord = why === 'dialogue_over' && rows.some(({ state }) => state === 'under_review');
  const waits = rows.some(({ state }) => state === 'awaiting_approval');
  if (!mayAnswer(dialogue) && why !== 'open' && (!isForRecord || waits))
    throw new Problem(409, why, standingInWords[why]);
  if (needed === 0) {
    throw new Problem(
      409,
      'approval_not_asked',
      'Registrations for this dialogue need no approval. Set approvals_needed first (PATCH the dialogue).',
    );
  }
}
