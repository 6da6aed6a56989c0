import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { auditEach, count, raw, sql, type Sql } from '@app/platform';
import { CONFIRMATION, OFFER } from '../mail-kinds';
import { queueRegistrationMails } from '../registrations/registration-mails';
import {
  fill,
  givingBack,
  placeFor,
  together,
  type Limit,
  type LimitChange,
  type Seat,
} from './places.rules';

/** SQL of a `Limit` from row `l` of places and its row `g` of delegations. */
export const LIMIT = `json_build_object('id', l.id, 'scope', l.scope, 'attends', l.attends,
  'delegationId', l.delegation_id, 'role', l.role, 'places', l.places, 'taken', l.taken, 'reserved', l.reserved,
  'keeps', CASE WHEN l.scope = 'delegation' AND g.released_at IS NULL
    THEN json_build_object('attends', g.attends) END)`;

/** SQL of a data-modifying part of a statement that changes places; it has nothing behind its conditions. */
export function changePlaces(changed: readonly LimitChange[]): Sql {
  return sql`UPDATE places SET taken = places.taken + change.taken, reserved = places.reserved + change.reserved
    FROM unnest(${changed.map(({ id }) => id)}::uuid[], ${changed.map(({ taken }) => taken)}::int[],
      ${changed.map(({ reserved }) => reserved)}::int[]) AS change (id, taken, reserved)
    WHERE places.id = change.id`;
}

/** What says which dialogue is meant. */
export type OfDialogue = { dialogueId: string } | { invitationId: string } | { registrationId: string };

/** The statement that locks the places of a dialogue; see `PlacesService`. */
export function lockOf(of: OfDialogue): [text: string, values: unknown[]] {
  const [owner, id] =
    'dialogueId' in of
      ? ['$1', of.dialogueId]
      : 'invitationId' in of
        ? ['(SELECT dialogue_id FROM invitations WHERE id = $1)', of.invitationId]
        : ['(SELECT dialogue_id FROM registrations WHERE id = $1)', of.registrationId];
  return [`SELECT id FROM places WHERE dialogue_id = ${owner} AND scope = 'dialogue' FOR UPDATE`, [id]];
}

/** How many of those who wait are read at once, where there is more than one limit. */
const WAITING_PAGE = 200;

/** Someone who waits. */
interface Waiting extends Seat {
  id: string;
  number: string;
}

/** How a dialogue lets people move up, and whether anybody can now. */
interface Promotion {
  offers: boolean;
  open: boolean;
  limits: Limit[];
}

/**
 * Places are taken and given back under one lock order (design, idea 7): the row of `places` of the dialogue itself is
 * locked before anything else of the dialogue is read, and no limit of it is made, changed or counted without. READ
 * COMMITTED: what is read in the next statement is what the one before us has committed, limits included that were made
 * while we waited.
 */
@Injectable()
export class PlacesService {
  /** Locks the places of a dialogue, or of the dialogue that an invitation or a registration belongs to. */
  async lock(manager: EntityManager, of: OfDialogue): Promise<void> {
    await manager.query(...lockOf(of));
  }

  /** All limits of a dialogue, as they are now; to be read under the lock. */
  async limits(manager: EntityManager, dialogueId: string): Promise<Limit[]> {
    const rows: { limit: Limit }[] = await manager.query(
      `SELECT ${LIMIT} AS "limit" FROM places l LEFT JOIN delegations g ON g.id = l.delegation_id
       WHERE l.dialogue_id = $1 ORDER BY l.id`,
      [dialogueId],
    );
    return rows.map(({ limit }) => limit);
  }

  /** Counts what changed, in one statement. */
  async change(manager: EntityManager, changed: readonly LimitChange[]): Promise<void> {
    if (changed.length > 0) await count(manager, changePlaces(changed));
  }

  /** Gives back the places of these people, in one statement; who waits is not moved up by it: see `promote`. */
  async giveBack(manager: EntityManager, dialogueId: string, seats: readonly Seat[]): Promise<void> {
    const limits = await this.limits(manager, dialogueId);
    await this.change(manager, together(seats.flatMap((seat) => givingBack(limits, seat))));
  }

  /**
   * Moves up from the waitlist, strictly in order, whoever fits every limit, and mails them: to a place at once, or to
   * an offer that holds it, as the dialogue says. Whoever is passed over because a limit of theirs is full keeps their
   * number. Nobody moves up in a dialogue that is over or cancelled.
   * The dialogue's places must be locked.
   */
  async promote(manager: EntityManager, dialogueId: string): Promise<void> {
    const [promotion]: Promotion[] = await manager.query(
      `SELECT d.promotion = 'offer' AS offers,
         d.state = 'published' AND d.ends_at > now() OR d.state = 'postponed' AS open,
         (SELECT json_agg(${LIMIT} ORDER BY l.id) FROM places l LEFT JOIN delegations g ON g.id = l.delegation_id
          WHERE l.dialogue_id = d.id) AS limits
       FROM dialogues d WHERE d.id = $1`,
      [dialogueId],
    );
    if (!promotion?.open || !promotion.limits) return;
    const { limits, offers } = promotion;
    const promoted =
      limits.length === 1
        ? await this.promoteFirst(manager, dialogueId, limits[0]!)
        : await this.promoteFitting(manager, dialogueId, limits);
    if (promoted.length === 0) return;
    await auditEach(manager, promoted, {
      action: offers ? 'registration.offered' : 'registration.promoted',
      dialogueId,
    });
    await (offers
      ? queueRegistrationMails(manager, OFFER, promoted)
      : queueRegistrationMails(manager, CONFIRMATION, promoted, { promoted: true }));
  }

  /** The only limit is the dialogue's: as many as there are places for, in one statement. */
  private async promoteFirst(
    manager: EntityManager,
    dialogueId: string,
    { id, places, taken, reserved }: Limit,
  ): Promise<string[]> {
    const free = places === null ? null : places - taken - reserved;
    if (free !== null && free <= 0) return [];
    const promoted: { id: string }[] = await manager.query(
      `WITH first AS (
         SELECT id, waitlist_number FROM registrations WHERE dialogue_id = $1 AND state = 'waitlisted'
         ORDER BY waitlist_number LIMIT $2),
       promoted AS (${moveUp('first')} RETURNING r.id, first.waitlist_number AS number),
       counted AS (UPDATE places SET taken = taken + (SELECT count(*) FROM promoted) WHERE id = $3)
       SELECT id FROM promoted ORDER BY number`,
      [dialogueId, free, id],
    );
    return promoted.map((row) => row.id);
  }

  /** There are several limits: goes through those who wait, page by page, passing over whose limits are full. */
  private async promoteFitting(
    manager: EntityManager,
    dialogueId: string,
    limits: Limit[],
  ): Promise<string[]> {
    const placed: Waiting[] = [];
    const changed: LimitChange[] = [];
    let now = limits;
    for (let after = '0'; ;) {
      const page = await this.waiting(manager, dialogueId, now, after);
      if (page.length === 0) break;
      const filled = fill(now, page);
      placed.push(...filled.placed);
      changed.push(...filled.changed);
      now = filled.limits;
      after = page.at(-1)!.number;
      if (page.length < WAITING_PAGE) break;
    }
    if (placed.length === 0) return [];
    const ids = placed.map(({ id }) => id);
    await count(
      manager,
      sql`WITH first AS (SELECT id FROM unnest(${ids}::uuid[]) AS id), counted AS (${changePlaces(together(changed))})
        ${raw(moveUp('first'))}`,
    );
    return ids;
  }

  /**
   * The next who wait and for whom there may be room, after a number, in order. Whoever belongs to no delegation is found
   * by the index of how they attend: however many wait for a room that is full, they are not read.
   */
  private async waiting(
    manager: EntityManager,
    dialogueId: string,
    limits: Limit[],
    after: string,
  ): Promise<Waiting[]> {
    const open = ([null, 'in_person', 'virtual'] as const)
      .filter((attends) => placeFor(limits, { attends, delegationId: null, role: null }).code === 'place')
      .map((attends) => attends ?? '');
    const delegations = [...new Set(limits.flatMap(({ delegationId }) => delegationId ?? []))];
    return manager.query(
      `SELECT id, attends, delegation_id AS "delegationId", role, number FROM (
         (SELECT r.id, r.attends, r.delegation_id, r.role, r.waitlist_number AS number
          FROM unnest($3::text[]) AS open (attends) CROSS JOIN LATERAL (
            SELECT * FROM registrations WHERE dialogue_id = $1 AND state = 'waitlisted' AND delegation_id IS NULL
              AND coalesce(attends, '') = open.attends AND waitlist_number > $2::bigint
            ORDER BY waitlist_number LIMIT ${WAITING_PAGE}) AS r)
         UNION ALL
         (SELECT id, attends, delegation_id, role, waitlist_number FROM registrations
          WHERE dialogue_id = $1 AND state = 'waitlisted' AND delegation_id = ANY($4) AND waitlist_number > $2::bigint
          ORDER BY waitlist_number LIMIT ${WAITING_PAGE})) AS waiting
       ORDER BY number LIMIT ${WAITING_PAGE}`,
      [dialogueId, after, open, delegations],
    );
  }
}

/**
 * SQL that moves up the registrations with the ids in a table expression: to a place, or to an offer until its deadline
 * as the dialogue says. Days are counted by the host's calendar; no offer outlasts the beginning (once begun, the end).
 */
function moveUp(which: string): string {
  return `UPDATE registrations r SET waitlist_number = NULL, transition_id = gen_random_uuid(), version = r.version + 1,
      state = CASE WHEN d.promotion = 'offer' THEN 'offered' ELSE 'confirmed' END,
      confirmed_at = CASE WHEN d.promotion = 'offer' THEN NULL ELSE now() END,
      participation_count = r.participation_count + CASE WHEN d.promotion = 'offer' THEN 0 ELSE 1 END,
      offer_expires_at = CASE WHEN d.promotion = 'offer' THEN least(
        (now() AT TIME ZONE d.time_zone + d.offer_for::interval) AT TIME ZONE d.time_zone,
        CASE WHEN d.state = 'postponed' THEN NULL WHEN d.starts_at > now() THEN d.starts_at ELSE d.ends_at END) END
    FROM ${which}, dialogues d WHERE r.id = ${which}.id AND d.id = r.dialogue_id`;
}
