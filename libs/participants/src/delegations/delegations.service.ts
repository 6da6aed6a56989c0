import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  ownDialogue,
  ownDialogueOf,
  raiseVersion,
  readWallTime,
  versionOf,
  versionWithRows,
  type OwnDialogue,
} from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, auditEach, type FieldProblem, log, nameKey, Problem, Recurring } from '@app/platform';
import { knownMechanisms } from '../imports/imports.service';
import { NOMINATION_REQUEST } from '../mail-kinds';
import { PlacesService } from '../places/places.service';
import { mechanismCalled } from '../registrations/registration-data.rules';
import type { Attends } from '../registrations/registration.entity';
import { standing, standingInWords } from '../registrations/registration.rules';
import { freeForSeats, reservedFor } from './delegation.rules';
import { DELEGATION_ROLES, type DelegationRole } from './delegation.entity';
import { loadDelegations, loadNominees, type DelegationNow, type Nominee } from './delegations.reader';

/** How many seats each role may take at most; a role that is not named has no limit of its own. */
export type SeatsByRole = Partial<Record<DelegationRole, number>>;

/** What an organiser says of a delegation. One of `mechanism` and `organisation`. */
export interface DelegationDraft {
  /** Code or any name of a mechanism of the directory. */
  mechanism: string | null;
  organisation: string | null;
  /** A person of the directory. */
  focalPointId: string | null;
  seats: number;
  seatsByRole: SeatsByRole;
  attends: Attends | null;
  /** Wall times in the dialogue's zone. */
  nominationsCloseAtLocal: string | null;
  releaseAtLocal: string | null;
}

/** A delegation as its organiser sees it. */
export interface DelegationView extends DelegationNow {
  nominees: Nominee[];
}

/** How a delegation is to be written, with ids and instants for what was said. */
interface Written {
  id: string | null;
  mechanism_id: string | null;
  organisation: string | null;
  focal_point_id: string | null;
  attends: Attends | null;
  nominations_close_at_local: string | null;
  nominations_close_at: Date | null;
  release_at_local: string | null;
  release_at: Date | null;
  seats: number;
  seats_by_role: SeatsByRole;
}

/** One delegation before and after; null before: new, null after: gone. */
interface Change {
  before: DelegationNow | null;
  after: Written | null;
  /** Where in the request it stands, for the fields of problems: '' or `delegations.3.`. */
  at: string;
}

/** A row of places as it is under lock. */
interface Row {
  id: string;
  scope: string;
  attends: Attends | null;
  places: number | null;
  taken: number;
  reserved: number;
}

/** How many of those over are named. */
const NAMED = 20;

/**
 * Who has how many seats. The seats of a delegation are places of the dialogue that are kept (`reserved`) until somebody
 * takes them or they are released. Every change of seats is one transaction under the lock order of places: their rows,
 * the dialogue, the delegations.
 */
@Injectable()
export class DelegationsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly places: PlacesService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** All delegations of a dialogue with their nominees, by name. @throws Problem 404 */
  async list(
    organiserId: string,
    dialogueId: string,
  ): Promise<{ delegations: DelegationView[]; version: string }> {
    const { manager } = this.dataSource;
    await ownDialogue(manager, organiserId, dialogueId, 'view');
    const version = await versionOf(manager, dialogueId, 'delegations');
    const delegations = await this.views(manager, { dialogueId });
    return { delegations, version: listVersion(version, delegations) };
  }

  /** @throws Problem 404 */
  async get(organiserId: string, id: string): Promise<DelegationView> {
    await ownDialogueOf(this.dataSource, organiserId, 'delegation', id, 'view');
    const [view] = await this.views(this.dataSource.manager, { ids: [id] });
    // Deleted meanwhile.
    if (!view) throw Problem.notFound('delegation');
    return view;
  }

  /**
   * Gives a mechanism or an organisation seats.
   * @throws Problem 404, 409 `seats_do_not_fit` (saying how many are free), `delegation_exists` or the dialogue's
   * standing, 422 with each field that is wrong
   */
  async create(organiserId: string, dialogueId: string, draft: DelegationDraft): Promise<DelegationView> {
    const id = await this.change(organiserId, { dialogueId }, async (manager, dialogue) => {
      const [after] = await readDrafts(manager, dialogue, [{ at: '', draft }]);
      return [{ before: null, after: after!, at: '' }];
    });
    return this.get(organiserId, id[0]!);
  }

  /**
   * Changes a delegation; what is not named stays.
   * @throws Problem 404, 409 `seats_below_taken` (naming who is over), `seats_do_not_fit`, `delegation_exists`,
   * `seats_taken`, 412, 422
   */
  async update(
    organiserId: string,
    id: string,
    changes: Partial<DelegationDraft>,
    expectedVersion?: number,
  ): Promise<DelegationView> {
    await this.change(organiserId, { delegationId: id }, async (manager, dialogue) => {
      const before = await this.hold(manager, id, expectedVersion);
      const draft = { ...draftOf(before), ...changes };
      // Who changes from a mechanism to an organisation, or back, names only the new one.
      if (changes.mechanism && changes.organisation === undefined) draft.organisation = null;
      if (changes.organisation && changes.mechanism === undefined) draft.mechanism = null;
      const [after] = await readDrafts(manager, dialogue, [{ at: '', draft, before }]);
      return [{ before, after: { ...after!, id }, at: '' }];
    });
    return this.get(organiserId, id);
  }

  /** Takes a delegation back: its seats are free again, and go to whoever waits. @throws Problem 404, 409 `delegation_has_nominees`, 412 */
  async remove(organiserId: string, id: string, expectedVersion?: number): Promise<void> {
    await this.change(organiserId, { delegationId: id }, async (manager) => [
      { before: await this.hold(manager, id, expectedVersion), after: null, at: '' },
    ]);
  }

  /**
   * Replaces the whole list: a delegation of the same mechanism or organisation is changed, a new one added, one that is
   * not named is removed. All of it or nothing.
   * @param expected the version of the list that the writer read.
   * @throws Problem 412, and as for each of them
   */
  async replace(
    organiserId: string,
    dialogueId: string,
    drafts: DelegationDraft[],
    expected: string,
  ): Promise<void> {
    await this.change(organiserId, { dialogueId }, async (manager, dialogue) => {
      const present = await this.views(manager, { dialogueId }, 'FOR UPDATE OF d');
      const version = await versionOf(manager, dialogueId, 'delegations');
      if (listVersion(version, present) !== expected) throw Problem.changedMeanwhile();
      await raiseVersion(manager, dialogueId, 'delegations', String(version));
      const written = await readDrafts(
        manager,
        dialogue,
        drafts.map((draft, index) => ({ at: `delegations.${index}.`, draft })),
      );
      const rest = new Set(present);
      const changes = written.map((after, index): Change => {
        const ofKey = [...rest].filter((delegation) => keyOf(delegation) === keyOf(after));
        const before =
          ofKey.find(({ organisation }) => organisation === after.organisation) ?? ofKey[0] ?? null;
        if (before) rest.delete(before);
        return { before, after: { ...after, id: before?.id ?? null }, at: `delegations.${index}.` };
      });
      return [
        ...changes,
        ...[...rest].map((before): Change => ({ before, after: null, at: 'delegations.' })),
      ];
    });
  }

  /**
   * Lets seats that nobody holds go to whoever waits, now. What is released stays released; releasing again changes
   * nothing.
   * @throws Problem 404, 409 with the dialogue's standing
   */
  async release(organiserId: string, id: string): Promise<DelegationView> {
    const { dialogueId } = await ownDialogueOf(this.dataSource, organiserId, 'delegation', id, 'manage');
    await this.unitOfWork.run(async (manager) => {
      await this.places.lock(manager, { dialogueId });
      assertChangeable(await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE'));
      await this.releaseIn(manager, dialogueId, id);
    });
    return this.get(organiserId, id);
  }

  /**
   * Releases what is due, a transaction each. As often as wanted and by as many processes at once as there are: under the
   * lock of the places each looks again whether it is still to be done.
   * @returns how many delegations were released.
   */
  @Recurring({ job: 'release-seats' })
  async releaseDue(): Promise<number> {
    const due: { id: string; dialogue_id: string }[] = await this.dataSource.query(
      `SELECT l.id, l.dialogue_id FROM delegations l JOIN dialogues d ON d.id = l.dialogue_id
       WHERE l.released_at IS NULL AND l.release_at <= now() AND d.state = 'published' AND d.ends_at > now()
       ORDER BY l.release_at, l.id`,
    );
    let released = 0;
    for (const { id, dialogue_id: dialogueId } of due) {
      try {
        released += await this.releaseOne(dialogueId, id);
      } catch (error) {
        // One that can't be released must not keep the others from it; it is tried again at the next turn.
        log.error({ err: error, delegation: id }, 'seats not released');
      }
    }
    return released;
  }

  /**
   * Asks focal points to nominate, each with a personal link: those of these delegations, or (`prepared`) of all that
   * have one and were not asked yet. Who was asked is not asked again; a new link is.
   * @throws Problem 404, 409 with the dialogue's standing unless it is published, 422 for an id that is not there or has
   * no focal point, and `addressees_missing` unless it is said whom: a call without a body must not write to everyone
   */
  async invite(
    organiserId: string,
    dialogueId: string,
    { to, delegationIds }: { to?: 'prepared'; delegationIds?: string[] },
  ): Promise<{ queued: number }> {
    return this.unitOfWork.run(async (manager) => {
      const dialogue = await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE');
      if ((to === undefined) === (delegationIds === undefined)) {
        throw Problem.field(
          'to',
          'addressees_missing',
          'Say whom to ask, by one of these: to ("prepared": every focal point who was not asked yet), delegation_ids.',
        );
      }
      assertOpen(dialogue);
      if (delegationIds) {
        const rows: { id: string; focal_point_id: string | null }[] = await manager.query(
          `SELECT id, focal_point_id FROM delegations WHERE dialogue_id = $1 AND id = ANY($2)`,
          [dialogueId, delegationIds],
        );
        const ready = new Set(rows.flatMap((row) => (row.focal_point_id ? [row.id] : [])));
        const errors = delegationIds.flatMap((id, index): FieldProblem[] =>
          ready.has(id)
            ? []
            : [
                {
                  field: `delegation_ids.${index}`,
                  code: rows.some((row) => row.id === id) ? 'focal_point_missing' : 'unknown_id',
                  detail: rows.some((row) => row.id === id)
                    ? `The delegation ${id} has no focal point; name one, then ask them.`
                    : `There is no delegation ${id} in this dialogue.`,
                },
              ],
        );
        if (errors.length > 0) {
          throw new Problem(422, errors[0]!.code, errors.map(({ detail }) => detail).join(' '), errors);
        }
      }
      await manager.query(
        `UPDATE delegations SET invited_at = now()
         WHERE dialogue_id = $1 AND invited_at IS NULL AND focal_point_id IS NOT NULL
           AND ($2::uuid[] IS NULL OR id = ANY($2))`,
        [dialogueId, delegationIds ?? null],
      );
      // now() is the instant of this transaction, so these are exactly the rows it has just marked.
      const queued = await queueRequests(manager, 'l.dialogue_id = $1 AND l.invited_at = now()', [
        dialogueId,
      ]);
      if (queued > 0) {
        await audit(manager, { action: 'delegations.asked', dialogueId, details: { queued } });
      }
      return { queued };
    });
  }

  /**
   * Makes a new link for the focal point and mails it. The old one no longer opens anything.
   * @throws Problem 404, 409 when nobody was asked yet, or with the dialogue's standing; the old link stays then.
   */
  async renewLink(organiserId: string, id: string): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const { dialogueId, invited } = await this.revoke(manager, organiserId, id);
      assertOpen(await ownDialogue(manager, organiserId, dialogueId, 'manage'));
      if (!invited) {
        throw new Problem(
          409,
          'focal_point_not_asked',
          'Nobody was asked to nominate for this delegation yet; ask its focal point instead.',
        );
      }
      await queueRequests(manager, 'l.id = $1', [id]);
    });
  }

  /** Revokes the link of the focal point; whoever has it finds nothing there any more. @throws Problem 404 */
  async revokeLink(organiserId: string, id: string): Promise<void> {
    await this.dataSource.transaction((manager) => this.revoke(manager, organiserId, id));
  }

  /** Looks again under the lock whether it is still to be done. @returns how many were released: one, or none. */
  private async releaseOne(dialogueId: string, id: string): Promise<number> {
    return this.unitOfWork.run(async (manager) => {
      await this.places.lock(manager, { dialogueId });
      const [still]: unknown[] = await manager.query(
        `SELECT 1 FROM dialogues d JOIN delegations l ON l.dialogue_id = d.id
         WHERE l.id = $1 AND l.released_at IS NULL AND l.release_at <= now() AND d.state = 'published' FOR SHARE OF d`,
        [id],
      );
      if (still) await this.releaseIn(manager, dialogueId, id);
      return still ? 1 : 0;
    });
  }

  /** Under the lock of the places. */
  private async releaseIn(manager: EntityManager, dialogueId: string, id: string): Promise<void> {
    const [before] = await loadDelegations(manager, { ids: [id] }, 'FOR UPDATE OF d');
    if (!before || before.releasedAt) return;
    const freed = reservedFor(countable(before));
    await manager.query(
      `WITH freed AS (UPDATE places SET reserved = reserved - $2::int
         WHERE dialogue_id = $3 AND (scope = 'dialogue' OR (scope = 'attendance' AND attends = $4)))
       UPDATE delegations SET released_at = now(), version = version + 1 WHERE id = $1`,
      [id, freed, dialogueId, before.attends],
    );
    await audit(manager, {
      action: 'delegation.released',
      dialogueId,
      subjectId: id,
      details: { seats: freed },
    });
    await this.places.promote(manager, dialogueId);
  }

  private async revoke(
    manager: EntityManager,
    organiserId: string,
    id: string,
  ): Promise<{ dialogueId: string; invited: boolean }> {
    const { dialogueId } = await ownDialogueOf(manager, organiserId, 'delegation', id, 'manage');
    const [[revoked]]: [{ invited: boolean }[], number] = await manager.query(
      `UPDATE delegations SET link_generation = link_generation + 1 WHERE id = $1
       RETURNING invited_at IS NOT NULL AND focal_point_id IS NOT NULL AS invited`,
      [id],
    );
    // Deleted meanwhile.
    if (!revoked) throw Problem.notFound('delegation');
    await audit(manager, { action: 'delegation.link_revoked', dialogueId, subjectId: id });
    return { dialogueId, invited: revoked.invited };
  }

  private async views(
    manager: EntityManager,
    of: { dialogueId: string } | { ids: string[] },
    hold: '' | 'FOR UPDATE OF d' = '',
  ): Promise<DelegationView[]> {
    const delegations = await loadDelegations(manager, of, hold);
    const nominees = await loadNominees(
      manager,
      delegations.map(({ id }) => id),
    );
    return delegations.map((delegation) => ({ ...delegation, nominees: nominees.get(delegation.id) ?? [] }));
  }

  private async hold(
    manager: EntityManager,
    id: string,
    expectedVersion: number | undefined,
  ): Promise<DelegationNow> {
    const [delegation] = await loadDelegations(manager, { ids: [id] }, 'FOR UPDATE OF d');
    if (!delegation) throw Problem.notFound('delegation');
    if (expectedVersion !== undefined && delegation.version !== expectedVersion)
      throw Problem.changedMeanwhile();
    return delegation;
  }

  /** One transaction of changes under the lock order, and the freed seats given to those who wait. */
  private async change(
    organiserId: string,
    of: { dialogueId: string } | { delegationId: string },
    decide: (
      manager: EntityManager,
      dialogue: OwnDialogue & { dialogueId: string; startsAt: Date },
    ) => Promise<Change[]>,
  ): Promise<string[]> {
    const dialogueId =
      'dialogueId' in of
        ? of.dialogueId
        : (await ownDialogueOf(this.dataSource, organiserId, 'delegation', of.delegationId, 'manage'))
            .dialogueId;
    return this.unitOfWork.run(async (manager) => {
      await this.places.lock(manager, { dialogueId });
      const dialogue = await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE');
      assertChangeable(dialogue);
      const [{ startsAt }]: [{ startsAt: Date }] = await manager.query(
        `SELECT starts_at AS "startsAt" FROM dialogues WHERE id = $1`,
        [dialogueId],
      );
      const changes = await decide(manager, { ...dialogue, dialogueId, startsAt });
      const { written, isFreeing } = await write(manager, dialogueId, changes);
      if (isFreeing) await this.places.promote(manager, dialogueId);
      return written;
    });
  }
}

/** What of a list a writer has to have read: which delegations there are, as edited last, and who is nominated. */
function listVersion(version: number, delegations: readonly DelegationView[]): string {
  const rows = delegations.map(({ id, version: edited, nominees }) => [
    id,
    edited,
    nominees.map((nominee) => nominee.id).toSorted(),
  ]);
  return versionWithRows(version, rows.toSorted());
}

/** The instants of all delegations of a dialogue anew from their wall times; part of every change of its zone. */
export async function recomputeDelegationTimes(
  manager: EntityManager,
  dialogue: { id: string; timeZone: string },
): Promise<void> {
  const rows: { id: string; closes: string | null; releases: string | null }[] = await manager.query(
    `SELECT id, nominations_close_at_local AS closes, release_at_local AS releases FROM delegations
     WHERE dialogue_id = $1 AND (nominations_close_at_local IS NOT NULL OR release_at_local IS NOT NULL)`,
    [dialogue.id],
  );
  if (rows.length === 0) return;
  // Nobody is asked here: where the clocks of the new zone skip or repeat the hour, the usual reading is taken.
  const instant = (local: string | null): Date | null =>
    local === null
      ? null
      : new Date(Temporal.PlainDateTime.from(local).toZonedDateTime(dialogue.timeZone).epochMilliseconds);
  await manager.query(
    `UPDATE delegations SET nominations_close_at = given.closes, release_at = given.releases
     FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS given (id, closes, releases)
     WHERE delegations.id = given.id`,
    [
      rows.map(({ id }) => id),
      rows.map(({ closes }) => instant(closes)),
      rows.map(({ releases }) => instant(releases)),
    ],
  );
}

/** One mail to each focal point of these delegations; useful until nominations close. @returns how many. */
function queueRequests(manager: EntityManager, which: string, parameters: unknown[]): Promise<number> {
  return queueMails(
    manager,
    NOMINATION_REQUEST,
    `SELECT l.dialogue_id, l.id, p.name, p.email, p.language,
            '${NOMINATION_REQUEST.name}:' || l.id || ':' || l.link_generation, '{}'::jsonb,
            least(l.nominations_close_at, d.starts_at)
     FROM delegations l JOIN people p ON p.id = l.focal_point_id JOIN dialogues d ON d.id = l.dialogue_id
     WHERE ${which}`,
    parameters,
  );
}

/** Writes changes that are read and held, however many, in a few statements. @returns the ids in the order of the changes */
async function write(
  manager: EntityManager,
  dialogueId: string,
  changes: Change[],
): Promise<{ written: string[]; isFreeing: boolean }> {
  if (changes.length === 0) return { written: [], isFreeing: false };
  await assertNamesFree(manager, dialogueId, changes);
  assertNotInUse(changes);
  for (const change of changes) await assertNotBelowTaken(manager, change);
  const isFreeing = await reserve(manager, dialogueId, changes);
  const gone = changes.flatMap(({ before, after }) => (after ? [] : [before!.id]));
  if (gone.length > 0) await removeAll(manager, dialogueId, gone);
  const kept = changes.flatMap(({ after }) => (after ? [after] : []));
  const rows: { id: string; is_new: boolean }[] =
    kept.length === 0
      ? []
      : await manager.query(
          `WITH given AS (
             SELECT coalesce(id, gen_random_uuid()) AS id, id IS NULL AS is_new, number, mechanism_id, organisation,
               focal_point_id, attends, nominations_close_at_local, nominations_close_at, release_at_local, release_at
             FROM jsonb_to_recordset($2) AS given (id uuid, number integer, mechanism_id uuid, organisation text,
               focal_point_id uuid, attends text, nominations_close_at_local text, nominations_close_at timestamptz,
               release_at_local text, release_at timestamptz)),
           written AS (
             INSERT INTO delegations AS l (id, dialogue_id, mechanism_id, organisation, focal_point_id, attends,
               nominations_close_at_local, nominations_close_at, release_at_local, release_at)
             SELECT id, $1, mechanism_id, organisation, focal_point_id, attends, nominations_close_at_local,
               nominations_close_at, release_at_local, release_at FROM given
             ON CONFLICT (id) DO UPDATE SET mechanism_id = excluded.mechanism_id, organisation = excluded.organisation,
               focal_point_id = excluded.focal_point_id, attends = excluded.attends,
               nominations_close_at_local = excluded.nominations_close_at_local,
               nominations_close_at = excluded.nominations_close_at,
               release_at_local = excluded.release_at_local, release_at = excluded.release_at,
               -- Another focal point has a link of their own, and whoever was it has none.
               link_generation = l.link_generation
                 + CASE WHEN l.focal_point_id IS DISTINCT FROM excluded.focal_point_id THEN 1 ELSE 0 END,
               invited_at = CASE WHEN l.focal_point_id IS DISTINCT FROM excluded.focal_point_id
                 THEN NULL ELSE l.invited_at END,
               version = l.version + 1)
           SELECT id, is_new FROM given ORDER BY number`,
          [dialogueId, JSON.stringify(kept.map((row, number) => ({ ...row, number })))],
        );
  if (kept.length > 0) {
    await writeSeats(
      manager,
      dialogueId,
      kept.map((row, index) => ({ ...row, id: rows[index]!.id })),
    );
  }
  const taken = changes.flatMap(({ before, after }) =>
    before && after && before.focalPoint?.id !== (after.focal_point_id ?? undefined) ? [before.id] : [],
  );
  if (taken.length > 0) {
    // Whoever was focal point unsubscribed for themselves.
    await manager.query('DELETE FROM unsubscriptions WHERE subject_id = ANY($1)', [taken]);
  }
  const idsOf = (isNew: boolean) => rows.filter((row) => row.is_new === isNew).map(({ id }) => id);
  for (const [action, ids] of [
    ['delegation.added', idsOf(true)],
    ['delegation.changed', idsOf(false)],
    ['delegation.removed', gone],
  ] as const) {
    if (ids.length > 0) await auditEach(manager, [...ids], { action, dialogueId });
  }
  return { written: rows.map(({ id }) => id), isFreeing };
}

/** The rows of places of these delegations: one for all seats, one for each role that has a limit. */
async function writeSeats(
  manager: EntityManager,
  dialogueId: string,
  delegations: (Written & { id: string })[],
): Promise<void> {
  const limits = delegations.flatMap(({ id, seats, seats_by_role: byRole }) => [
    { delegation_id: id, role: null as string | null, places: seats },
    ...Object.entries(byRole).map(([role, places]) => ({
      delegation_id: id,
      role: role as string | null,
      places,
    })),
  ]);
  await manager.query(
    `WITH given AS (
       SELECT * FROM jsonb_to_recordset($2) AS given (delegation_id uuid, role text, places integer)),
     dropped AS (
       DELETE FROM places p WHERE p.scope = 'role' AND p.delegation_id IN (SELECT delegation_id FROM given)
         AND NOT EXISTS (SELECT FROM given WHERE given.delegation_id = p.delegation_id AND given.role = p.role))
     INSERT INTO places (dialogue_id, scope, delegation_id, role, places, taken)
     SELECT $1, CASE WHEN role IS NULL THEN 'delegation' ELSE 'role' END, delegation_id, role, places,
       (SELECT count(*) FROM registrations r WHERE r.delegation_id = given.delegation_id
         AND (given.role IS NULL OR r.role = given.role) AND r.state IN ('confirmed', 'offered', 'under_review'))
     FROM given
     ON CONFLICT (dialogue_id, scope, coalesce(attends, ''), coalesce(delegation_id::text, ''), coalesce(role, ''))
       DO UPDATE SET places = excluded.places`,
    [dialogueId, JSON.stringify(limits)],
  );
}

async function removeAll(manager: EntityManager, dialogueId: string, ids: string[]): Promise<void> {
  const [busy]: { id: string }[] = await manager.query(
    `SELECT delegation_id AS id FROM invitations WHERE delegation_id = ANY($1) AND state IN ('prepared', 'sent', 'accepted')
     UNION ALL
     SELECT delegation_id FROM registrations WHERE delegation_id = ANY($1)
       AND state NOT IN ('withdrawn', 'refused', 'unconfirmed') LIMIT 1`,
    [ids],
  );
  if (busy) {
    throw new Problem(
      409,
      'delegation_has_nominees',
      `People are nominated for the delegation ${busy.id}. Take them off it first, then remove it.`,
    );
  }
  await manager.query(
    `WITH invited AS (UPDATE invitations SET delegation_id = NULL, role = NULL WHERE delegation_id = ANY($1)),
     registered AS (UPDATE registrations SET delegation_id = NULL, role = NULL WHERE delegation_id = ANY($1))
     SELECT 1`,
    [ids],
  );
  await manager.query(`DELETE FROM delegations WHERE dialogue_id = $1 AND id = ANY($2)`, [dialogueId, ids]);
}

/**
 * Keeps the seats in the rows of the dialogue, or gives them back.
 * @returns whether any became free.
 * @throws Problem 409 `seats_do_not_fit` saying how many are free.
 */
async function reserve(manager: EntityManager, dialogueId: string, changes: Change[]): Promise<boolean> {
  const rows: Row[] = await manager.query(
    `SELECT id, scope, attends, places, taken, reserved FROM places
     WHERE dialogue_id = $1 AND scope IN ('dialogue', 'attendance')`,
    [dialogueId],
  );
  const deltas = rows.map((row) => ({
    row,
    delta: changes.reduce((sum, { before, after }) => {
      const concerns = (attends: Attends | null) => row.scope === 'dialogue' || row.attends === attends;
      const was = before && concerns(before.attends) ? reservedFor(countable(before)) : 0;
      const seat = after && concerns(after.attends);
      const { taken = 0, releasedAt = null } = before ?? {};
      const will = seat ? reservedFor({ seats: after.seats, taken, isReleased: releasedAt !== null }) : 0;
      return sum + will - was;
    }, 0),
  }));
  const tooMany = deltas.flatMap(({ row, delta }) => {
    const free = freeForSeats(row);
    return delta > 0 && free !== null && delta > free ? [{ row, delta, free }] : [];
  });
  if (tooMany.length > 0) {
    const at = changes.find(({ after }) => after)!.at;
    const errors = tooMany.map(({ row, delta, free }): FieldProblem => {
      const where = row.attends ? { in_person: ' in the room', virtual: ' online' }[row.attends] : '';
      return {
        field: `${at}seats`,
        code: 'seats_do_not_fit',
        detail: `${delta} more ${delta === 1 ? 'seat is' : 'seats are'} asked for, and ${free} of the ${row.places} places${where} ${free === 1 ? 'is' : 'are'} free: ${row.taken} taken, ${row.reserved} kept for delegations.`,
      };
    });
    throw new Problem(
      409,
      'seats_do_not_fit',
      `${errors.map(({ detail }) => detail).join(' ')} Give fewer seats, or the dialogue more places.`,
      errors,
    );
  }
  const moved = deltas.filter(({ delta }) => delta !== 0);
  if (moved.length > 0) {
    await manager.query(
      `UPDATE places SET reserved = reserved + given.delta FROM unnest($1::uuid[], $2::int[]) AS given (id, delta)
       WHERE places.id = given.id`,
      [moved.map(({ row }) => row.id), moved.map(({ delta }) => delta)],
    );
  }
  return deltas.some(({ delta }) => delta < 0);
}

async function assertNamesFree(manager: EntityManager, dialogueId: string, changes: Change[]): Promise<void> {
  const named = changes.flatMap(({ before, after, at }) => (after ? [{ before, after, at }] : []));
  const replaced = new Set(changes.flatMap(({ before }) => (before ? [before.id] : [])));
  const others = (await loadDelegations(manager, { dialogueId })).filter(({ id }) => !replaced.has(id));
  const taken = new Set(others.map(keyOf));
  for (const { before, after, at } of named) {
    const key = keyOf(after);
    // Two that were there before their names had one key may stay.
    if (taken.has(key) && !(before && keyOf(before) === key)) {
      const field = `${at}${after.mechanism_id ? 'mechanism' : 'organisation'}`;
      const detail = `${field} has a delegation in this dialogue already. Change that one instead.`;
      throw new Problem(409, 'delegation_exists', detail, [{ field, code: 'delegation_exists', detail }]);
    }
    taken.add(key);
  }
}

/** In the room or online can't be changed under people who hold their seats one way or the other. */
function assertNotInUse(changes: Change[]): void {
  for (const { before, after, at } of changes) {
    if (!before || !after || before.attends === after.attends || before.taken === 0) continue;
    const detail = `${at}attends can't change: ${before.taken} of the seats of ${before.name} are taken. Let them withdraw first.`;
    throw new Problem(409, 'seats_taken', detail, [{ field: `${at}attends`, code: 'seats_taken', detail }]);
  }
}

async function assertNotBelowTaken(manager: EntityManager, { before, after, at }: Change): Promise<void> {
  if (!before || !after) return;
  const limits = [
    { field: `${at}seats`, role: null as string | null, most: after.seats },
    ...Object.entries(after.seats_by_role).map(([role, most]) => ({
      field: `${at}seats_by_role.${role}`,
      role: role as string | null,
      most,
    })),
  ];
  const errors: FieldProblem[] = [];
  for (const { field, role, most } of limits) {
    if (before.taken <= most) continue;
    const holders: { name: string }[] = await manager.query(
      `SELECT name FROM registrations WHERE delegation_id = $1 AND ($2::text IS NULL OR role = $2)
         AND state IN ('confirmed', 'offered', 'under_review')
       ORDER BY confirmed_at DESC NULLS LAST, id DESC`,
      [before.id, role],
    );
    const over = holders.length - most;
    if (over <= 0) continue;
    const names = holders.slice(0, Math.min(over, NAMED)).map(({ name }) => name);
    errors.push({
      field,
      code: 'seats_below_taken',
      detail: `${field}: ${holders.length} ${holders.length === 1 ? 'seat is' : 'seats are'} taken, ${over} more than that: ${names.join(', ')}${over > NAMED ? ' …' : ''}. Give at least ${holders.length}, or let them withdraw first.`,
    });
  }
  if (errors.length > 0) {
    throw new Problem(409, 'seats_below_taken', errors.map(({ detail }) => detail).join(' '), errors);
  }
}

/** Ids and instants for what was said. @throws Problem 422 with each field that is wrong */
async function readDrafts(
  manager: EntityManager,
  dialogue: OwnDialogue & { startsAt: Date },
  drafts: { at: string; draft: DelegationDraft; before?: DelegationNow }[],
): Promise<Written[]> {
  const mechanisms = drafts.some(({ draft }) => draft.mechanism)
    ? await knownMechanisms(manager, dialogue.directoryOf)
    : [];
  const people: { id: string }[] = await manager.query(
    `SELECT id FROM people WHERE organiser_id = $1 AND id = ANY($2)`,
    [dialogue.directoryOf, drafts.flatMap(({ draft }) => draft.focalPointId ?? [])],
  );
  const known = new Set(people.map(({ id }) => id));
  const errors: FieldProblem[] = [];
  const written = drafts.map(({ at, draft, before }): Written => {
    const wrong = (field: string, code: string, detail: string) =>
      errors.push({ field: at + field, code, detail: `${at}${field} ${detail}` });
    const mechanism = draft.mechanism ? mechanismCalled(draft.mechanism, mechanisms) : null;
    if (Boolean(draft.mechanism) === Boolean(draft.organisation)) {
      wrong('mechanism', 'one_of', 'or organisation: give one of them, whose seats they are.');
    } else if (draft.mechanism && !mechanism) {
      wrong(
        'mechanism',
        'mechanism_unknown',
        'is no mechanism of the directory; give its code or one of its names.',
      );
    }
    if (draft.focalPointId && !known.has(draft.focalPointId)) {
      wrong(
        'focal_point',
        'person_unknown',
        'is nobody of the directory that this dialogue uses; add them first (POST /v1/people, with dialogue_id where the dialogue is a colleague’s), and give their id.',
      );
    }
    for (const role of DELEGATION_ROLES) {
      if ((draft.seatsByRole[role] ?? 0) > draft.seats) {
        wrong(`seats_by_role.${role}`, 'more_than_seats', `is more than the ${draft.seats} seats in all.`);
      }
    }
    const instant = (field: string, local: string | null, kept: Date | null | undefined): Date | null => {
      if (!local) return null;
      const read = readWallTime(at + field, local, dialogue.timeZone);
      if ('code' in read) {
        errors.push(read);
        return null;
      }
      const is = new Date(read.instant);
      // One that was given before stays, also when the dialogue was moved before it.
      if (is > dialogue.startsAt && is.getTime() !== kept?.getTime()) {
        wrong(field, 'after_the_start', 'is after the dialogue begins; give a time before that.');
      }
      return is;
    };
    return {
      id: null,
      mechanism_id: mechanism?.id ?? null,
      organisation: draft.mechanism ? null : draft.organisation,
      focal_point_id: draft.focalPointId,
      attends: draft.attends,
      nominations_close_at_local: draft.nominationsCloseAtLocal || null,
      nominations_close_at: instant(
        'nominations_close_at_local',
        draft.nominationsCloseAtLocal,
        before?.nominationsCloseAt,
      ),
      release_at_local: draft.releaseAtLocal || null,
      release_at: instant('release_at_local', draft.releaseAtLocal, before?.releaseAt),
      seats: draft.seats,
      seats_by_role: withoutRest(draft.seats, draft.seatsByRole),
    };
  });
  if (errors.length > 0) {
    const code = errors.length === 1 ? errors[0]!.code : 'invalid_fields';
    throw new Problem(422, code, errors.map(({ detail }) => detail).join(' '), errors);
  }
  return written;
}

function draftOf(delegation: DelegationNow): DelegationDraft {
  return {
    mechanism: delegation.mechanism?.code ?? null,
    organisation: delegation.organisation,
    focalPointId: delegation.focalPoint?.id ?? null,
    seats: delegation.seats,
    seatsByRole: delegation.seatsByRole,
    attends: delegation.attends,
    nominationsCloseAtLocal: delegation.nominationsCloseAtLocal,
    releaseAtLocal: delegation.releaseAtLocal,
  };
}

function countable({ seats, taken, releasedAt }: DelegationNow) {
  return { seats, taken, isReleased: releasedAt !== null };
}

/** Whose delegation it is, for comparison. */
function keyOf(delegation: Written | DelegationNow): string {
  const mechanismId = 'mechanism_id' in delegation ? delegation.mechanism_id : delegation.mechanism?.id;
  return mechanismId ?? nameKey(delegation.organisation ?? '');
}

function assertOpen(dialogue: OwnDialogue): void {
  const why = standing(dialogue);
  if (why === 'open') return;
  throw new Problem(
    409,
    why,
    why === 'dialogue_draft'
      ? 'The dialogue is a draft; publish it, then ask the focal points.'
      : standingInWords[why],
  );
}

function assertChangeable(dialogue: OwnDialogue): void {
  const why = standing(dialogue);
  if (why === 'dialogue_cancelled' || why === 'dialogue_over') {
    throw new Problem(409, why, standingInWords[why]);
  }
}

/** When the roles that are named have all the seats between them, the others have none. */
function withoutRest(seats: number, byRole: SeatsByRole): SeatsByRole {
  const named = Object.values(byRole).reduce((sum, most) => sum + most, 0);
  if (named < seats || Object.keys(byRole).length === 0) return byRole;
  return { ...Object.fromEntries(DELEGATION_ROLES.map((role) => [role, 0])), ...byRole };
}
