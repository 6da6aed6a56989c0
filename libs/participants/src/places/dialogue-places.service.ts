import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  DialoguesService,
  ownDialogue,
  raiseVersion,
  versionOf,
  type Dialogue,
  type DialogueChanges,
  type DialogueDraft,
} from '@app/dialogues';
import { UnitOfWork } from '@app/mail';
import { audit, auditEach, Problem, type FieldProblem } from '@app/platform';
import { recomputeDelegationTimes } from '../delegations/delegations.service';
import type { DelegationRole } from '../delegations/delegation.entity';
import { AWAITING_APPROVAL } from '../mail-kinds';
import type { Attends } from '../registrations/registration.entity';
import { queueRegistrationMails } from '../registrations/registration-mails';
import { placesMayBecome, type Limit } from './places.rules';
import { PlacesService } from './places.service';
import { followVenue, venueKind } from './room-and-platform';

/** How many of those over are named. */
const NAMED = 20;

/** States in which a place is taken for someone, in SQL; see `holdsPlace`. */
const HOLDING = `('confirmed', 'offered', 'under_review')`;

/** How many places there are in a dialogue beside those of its delegations; null: no limit. */
export interface DialogueLevels {
  places: number | null;
  attendance: Record<Attends, number | null>;
  roles: Record<DelegationRole, number | null>;
}

/** A limit that is to be set. */
interface Wanted extends Pick<Limit, 'scope' | 'attends' | 'role'> {
  /** Its name in the API. */
  field: string;
  places: number | null;
}

/** A dialogue and its places change in one transaction. */
@Injectable()
export class DialoguePlacesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
    private readonly places: PlacesService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Drafts a dialogue with so many places; null: no limit. */
  async draft(organiserId: string, draft: DialogueDraft, places: number | null): Promise<Dialogue> {
    return this.dataSource.transaction(async (manager) => {
      const dialogue = await this.dialogues.create(manager, organiserId, draft);
      await manager.query(`INSERT INTO places (dialogue_id, places) VALUES ($1, $2)`, [dialogue.id, places]);
      return dialogue;
    });
  }

  /**
   * Changes a dialogue, and its places when told so (undefined: they stay). With more places those who wait move up, in
   * order, and are mailed; where approval is asked for from now on, they are to be approved first, and keep their number.
   * Whoever has a place, or is offered one, keeps it.
   * @throws Problem 409 `places_below_confirmed` when more are confirmed than there would be places, naming who is over;
   * `approvals_open` when fewer approvals would be needed while somebody waits for theirs.
   */
  async revise(
    organiserId: string,
    dialogueId: string,
    changes: DialogueChanges,
    places: number | null | undefined,
    expectedVersion?: number,
  ): Promise<Dialogue> {
    return this.unitOfWork.run(async (manager) => {
      // Places before the dialogue: the lock order of everyone who takes one.
      await this.places.lock(manager, { dialogueId });
      if (changes.approvalsNeeded !== undefined) {
        await assertApprovalsMayBecome(manager, dialogueId, changes.approvalsNeeded);
      }
      const unapproved = changes.approvalsNeeded ? await waitUnapproved(manager, dialogueId) : [];
      const kind = changes.venue && (await venueKind(manager, dialogueId));
      const revised = await this.dialogues.update(manager, organiserId, dialogueId, changes, expectedVersion);
      if (kind && kind !== revised.venue.kind) {
        await followVenue(manager, dialogueId, kind, revised.venue.kind);
        await raiseVersion(manager, dialogueId, 'places');
      }
      if (changes.timeZone !== undefined) await recomputeDelegationTimes(manager, revised);
      if (places !== undefined) {
        const isSet = await this.set(manager, dialogueId, [{ ...OF_DIALOGUE, places }]);
        // They are shown with the dialogue, too, and this edit was made on what was shown there.
        if (isSet) {
          revised.version += 1;
          await manager.save(revised);
          await raiseVersion(manager, dialogueId, 'places');
        }
      }
      await askApproval(manager, dialogueId, unapproved);
      await this.places.promote(manager, dialogueId);
      return revised;
    });
  }

  /** All limits of a dialogue with what is taken and kept of them. @throws Problem 404 */
  async levels(organiserId: string, dialogueId: string): Promise<{ limits: Limit[]; version: number }> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    const version = await versionOf(this.dataSource, dialogueId, 'places');
    return { limits: await this.places.limits(this.dataSource.manager, dialogueId), version };
  }

  /**
   * Sets the limits of a dialogue as a whole, in the room and online, and by role over all delegations. Who waits and
   * fits moves up.
   * @param expected the version of the limits that the writer read.
   * @throws Problem 409 `places_below_confirmed` saying who is over, at every level; nothing is changed then. 412; 422
   * `not_hybrid`
   */
  async setLevels(
    organiserId: string,
    dialogueId: string,
    levels: DialogueLevels,
    expected: string,
  ): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      await this.places.lock(manager, { dialogueId });
      const dialogue = await this.dialogues.lock(manager, organiserId, dialogueId);
      await raiseVersion(manager, dialogueId, 'places', expected);
      const wanted: Wanted[] = [
        { ...OF_DIALOGUE, places: levels.places },
        ...(['in_person', 'virtual'] as const).map((attends): Wanted => {
          const places = levels.attendance[attends];
          return { field: attends, scope: 'attendance', attends, role: null, places };
        }),
        ...Object.entries(levels.roles).map(([role, places]): Wanted => {
          return {
            field: `roles.${role}`,
            scope: 'role',
            attends: null,
            role: role as DelegationRole,
            places,
          };
        }),
      ];
      if (dialogue.venue.kind !== 'hybrid') assertNotApart(levels);
      await this.set(manager, dialogueId, wanted);
      await this.places.promote(manager, dialogueId);
    });
  }

  /** Sets limits, or none of them. @returns whether any changed */
  private async set(manager: EntityManager, dialogueId: string, wanted: Wanted[]): Promise<boolean> {
    let before = await this.places.limits(manager, dialogueId);
    const missing = wanted.filter((level) => level.places !== null && !find(before, level));
    if (missing.length > 0) {
      await makeLimits(manager, dialogueId, missing);
      before = await this.places.limits(manager, dialogueId);
    }
    const changed = wanted.flatMap((level) => {
      const limit = find(before, level);
      return limit && limit.places !== level.places ? [{ limit, level }] : [];
    });
    const problems: Problem[] = [];
    for (const { limit, level } of changed) {
      const verdict = placesMayBecome(level.places, limit);
      if (verdict.code === 'places_below_confirmed') {
        problems.push(await tooMany(manager, dialogueId, limit, level.field, verdict.over));
      }
    }
    if (problems.length > 0) {
      throw new Problem(
        409,
        'places_below_confirmed',
        problems.map(({ detail }) => detail).join(' '),
        problems.flatMap(({ errors }) => errors),
      );
    }
    if (changed.length === 0) return false;
    await manager.query(
      `UPDATE places SET places = given.places FROM unnest($1::uuid[], $2::int[]) AS given (id, places)
       WHERE places.id = given.id`,
      [changed.map(({ limit }) => limit.id), changed.map(({ level }) => level.places)],
    );
    for (const { limit, level } of changed) {
      await audit(manager, {
        action: 'places.changed',
        dialogueId,
        subjectId: limit.id,
        details: { of: level.field, from: limit.places, to: level.places },
      });
    }
    return true;
  }
}

const OF_DIALOGUE = { field: 'places', scope: 'dialogue', attends: null, role: null } as const;

function find(limits: Limit[], { scope, attends, role }: Wanted): Limit | undefined {
  return limits.find(
    (limit) =>
      limit.delegationId === null &&
      limit.scope === scope &&
      limit.attends === attends &&
      limit.role === role,
  );
}

/** Makes limits without a number yet, with what is taken and kept of them counted. */
async function makeLimits(manager: EntityManager, dialogueId: string, wanted: Wanted[]): Promise<void> {
  await manager.query(
    `INSERT INTO places (dialogue_id, scope, attends, role, places, taken, reserved)
     SELECT $1, given.scope, given.attends, given.role, NULL,
       (SELECT count(*) FROM registrations r WHERE r.dialogue_id = $1 AND r.state IN ${HOLDING}
         AND (given.attends IS NULL OR r.attends = given.attends) AND (given.role IS NULL OR r.role = given.role)),
       (SELECT coalesce(sum(l.places - l.taken), 0) FROM places l JOIN delegations g ON g.id = l.delegation_id
        WHERE l.dialogue_id = $1 AND l.scope = 'delegation' AND g.released_at IS NULL AND g.attends = given.attends)
     FROM unnest($2::text[], $3::text[], $4::text[]) AS given (scope, attends, role)`,
    [
      dialogueId,
      wanted.map(({ scope }) => scope),
      wanted.map(({ attends }) => attends),
      wanted.map(({ role }) => role),
    ],
  );
}

/** Who is over: seats kept for delegations, and those confirmed last. */
async function tooMany(
  manager: EntityManager,
  dialogueId: string,
  { scope, attends, role, taken, reserved }: Limit,
  field: string,
  over: number,
): Promise<Problem> {
  const last: { name: string }[] = await manager.query(
    `SELECT name FROM registrations WHERE dialogue_id = $1 AND state IN ${HOLDING}
       AND ($2::text IS NULL OR attends = $2) AND ($3::text IS NULL OR role = $3)
     ORDER BY confirmed_at DESC NULLS FIRST, id DESC LIMIT $4`,
    [dialogueId, attends, role, Math.min(over, NAMED)],
  );
  const kept: { name: string; seats: number }[] =
    reserved === 0
      ? []
      : await manager.query(
          `SELECT coalesce(m.name, g.organisation) AS name, l.places - l.taken AS seats
           FROM delegations g JOIN places l ON l.delegation_id = g.id AND l.scope = 'delegation'
           LEFT JOIN mechanisms m ON m.id = g.mechanism_id
           WHERE g.dialogue_id = $1 AND g.released_at IS NULL AND l.places > l.taken
             AND ($2::text IS NULL OR g.attends = $2) ORDER BY 2 DESC, 1 LIMIT ${NAMED}`,
          [dialogueId, attends],
        );
  const names = last.map(({ name }) => name).join(', ') + (over > NAMED ? ' …' : '');
  const of = scope === 'dialogue' ? '' : ` (${field})`;
  const detail =
    reserved === 0
      ? `${taken} are confirmed${of}, ${over} more than that. Give at least ${taken} places, or ask those confirmed last to withdraw: ${names}.`
      : `${taken} are confirmed${of} and ${reserved} seats are kept for delegations, ${over} more than that. Give at least ${taken + reserved} places, release or take back seats of delegations (${kept.map(({ name, seats }) => `${name}: ${seats}`).join(', ')})${names && `, or ask those confirmed last to withdraw: ${names}`}.`;
  const errors: FieldProblem[] = [
    ...last.map(({ name }) => ({
      field,
      code: 'places_below_confirmed',
      detail: `${name} would be over.`,
    })),
    ...kept.map(({ name, seats }) => ({
      field,
      code: 'seats_kept',
      detail: `${seats} ${seats === 1 ? 'seat is' : 'seats are'} kept for ${name}.`,
    })),
  ];
  return new Problem(409, 'places_below_confirmed', detail, errors);
}

/** @throws Problem 422 where room and platform are not two */
function assertNotApart({ attendance }: DialogueLevels): void {
  const field = (['in_person', 'virtual'] as const).find((attends) => attendance[attends] !== null);
  if (!field) return;
  throw Problem.field(
    field,
    'not_hybrid',
    `${field} is counted apart only in a hybrid dialogue. Give places alone, or make the venue hybrid first.`,
  );
}

/** @throws Problem 409 when somebody waits who would have had enough approvals already */
async function assertApprovalsMayBecome(
  manager: EntityManager,
  dialogueId: string,
  approvalsNeeded: number,
): Promise<void> {
  const [{ waiting }]: [{ waiting: number }] = await manager.query(
    `SELECT count(*)::int AS waiting FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
     WHERE d.id = $1 AND d.approvals_needed > $2 AND r.state IN ('awaiting_approval', 'under_review')`,
    [dialogueId, approvalsNeeded],
  );
  if (waiting === 0) return;
  throw new Problem(
    409,
    'approvals_open',
    `${waiting} ${waiting === 1 ? 'registration waits' : 'registrations wait'} for approval. Decide on ${waiting === 1 ? 'it' : 'them'} before fewer approvals are needed.`,
  );
}

/** Who waits in a dialogue in which nobody had to be approved. */
async function waitUnapproved(manager: EntityManager, dialogueId: string): Promise<string[]> {
  const rows: { id: string }[] = await manager.query(
    `SELECT r.id FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
     WHERE d.id = $1 AND d.approvals_needed = 0 AND r.state = 'waitlisted' ORDER BY r.waitlist_number`,
    [dialogueId],
  );
  return rows.map(({ id }) => id);
}

/** Those who wait are to be approved before they can move up; they are notified. */
async function askApproval(manager: EntityManager, dialogueId: string, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await manager.query(
    `UPDATE registrations SET state = 'awaiting_approval', approval_round = approval_round + 1,
       transition_id = gen_random_uuid(), version = version + 1 WHERE id = ANY($1)`,
    [ids],
  );
  await auditEach(manager, ids, { action: 'registration.awaiting_approval', dialogueId });
  await queueRegistrationMails(manager, AWAITING_APPROVAL, ids);
}
