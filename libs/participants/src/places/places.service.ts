import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { auditEach } from '@app/platform';
import { CONFIRMATION } from '../mail-kinds';
import { queueRegistrationMails } from '../registrations/registration-mails';
import { freePlaces, type Limit } from './places.rules';

/** A limit whose row is locked until the transaction ends. */
export interface LockedLimit extends Limit {
  id: string;
  scope: string;
}

/**
 * Places are taken and given back under one lock order (design, idea 7): the rows of `places` that concern someone,
 * `FOR UPDATE` in the order of their ids, before anything else of the dialogue is read. READ COMMITTED: what is read in
 * the next statement is what the one before us has committed.
 */
@Injectable()
export class PlacesService {
  /** Locks the limits of a dialogue, or of the dialogue that an invitation or a registration belongs to. */
  async lock(
    manager: EntityManager,
    of: { dialogueId: string } | { invitationId: string } | { registrationId: string },
  ): Promise<LockedLimit[]> {
    const [owner, id] =
      'dialogueId' in of
        ? ['$1', of.dialogueId]
        : 'invitationId' in of
          ? ['(SELECT dialogue_id FROM invitations WHERE id = $1)', of.invitationId]
          : ['(SELECT dialogue_id FROM registrations WHERE id = $1)', of.registrationId];
    return manager.query(
      `SELECT id, scope, places, taken FROM places WHERE dialogue_id = ${owner} ORDER BY id FOR UPDATE`,
      [id],
    );
  }

  /**
   * Moves up from the waitlist, strictly in order, as many as there are places for, and mails them. Nobody moves up in
   * a dialogue that is over or cancelled.
   * The dialogue's places must be locked.
   * @returns ids of the mails to hint at after the commit.
   */
  async promote(manager: EntityManager, dialogueId: string): Promise<string[]> {
    const limits: LockedLimit[] = await manager.query(
      `SELECT id, scope, places, taken FROM places WHERE dialogue_id = $1`,
      [dialogueId],
    );
    const free = freePlaces(limits);
    if (free === 0) return [];
    const promoted: { id: string }[] = await manager.query(
      `WITH first AS (
         SELECT registrations.id, waitlist_number FROM registrations JOIN dialogues ON dialogues.id = dialogue_id
         WHERE dialogue_id = $1 AND registrations.state = 'waitlisted'
           AND (dialogues.state = 'published' AND dialogues.ends_at > now() OR dialogues.state = 'postponed')
         ORDER BY waitlist_number LIMIT $2),
       promoted AS (
         UPDATE registrations SET state = 'confirmed', confirmed_at = now(), waitlist_number = NULL,
           transition_id = gen_random_uuid(), participation_count = participation_count + 1,
           version = version + 1
         FROM first WHERE registrations.id = first.id RETURNING registrations.id, first.waitlist_number AS number),
       counted AS (
         UPDATE places SET taken = taken + (SELECT count(*) FROM promoted) WHERE id = ANY($3))
       SELECT id FROM promoted ORDER BY number`,
      [dialogueId, free, limits.map(({ id }) => id)],
    );
    if (promoted.length === 0) return [];
    const ids = promoted.map(({ id }) => id);
    await auditEach(manager, ids, { action: 'registration.promoted', dialogueId });
    return queueRegistrationMails(manager, CONFIRMATION, ids, { promoted: true });
  }
}
