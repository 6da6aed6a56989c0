import type { EntityManager } from 'typeorm';
import type { Venue } from '@app/dialogues';
import { audit } from '@app/platform';

type Kind = Venue['kind'];

/** How a dialogue is held as far as is written. */
export async function venueKind(manager: EntityManager, dialogueId: string): Promise<Kind | null> {
  const [dialogue]: { kind: Kind }[] = await manager.query(
    `SELECT venue ->> 'kind' AS kind FROM dialogues WHERE id = $1`,
    [dialogueId],
  );
  return dialogue?.kind ?? null;
}

/**
 * Keeps who attends how true when the venue changes, under the lock of the places. In a dialogue that becomes hybrid
 * everybody attends as they were told they would, and is counted there by the limits made after it. One that is held in
 * one way only again has one count: limits of room and platform are given up, with what was said of either.
 */
export async function followVenue(
  manager: EntityManager,
  dialogueId: string,
  from: Kind,
  to: Kind,
): Promise<void> {
  if (to === 'hybrid') await toHybrid(manager, dialogueId, from);
  else if (from === 'hybrid') await fromHybrid(manager, dialogueId);
}

/** A delegation whose seats were said to be elsewhere than its members are attends as they do. */
async function toHybrid(manager: EntityManager, dialogueId: string, attends: Kind): Promise<void> {
  const [, registrations]: [unknown, number] = await manager.query(
    `WITH delegated AS (
       UPDATE delegations g SET attends = $2, version = version + 1
       WHERE dialogue_id = $1 AND attends <> $2 AND EXISTS (
         SELECT FROM registrations r WHERE r.delegation_id = g.id AND r.state NOT IN ('withdrawn', 'refused')))
     UPDATE registrations SET attends = $2, version = version + 1
     WHERE dialogue_id = $1 AND state NOT IN ('withdrawn', 'refused') AND attends IS DISTINCT FROM $2`,
    [dialogueId, attends],
  );
  await audit(manager, { action: 'registrations.attend', dialogueId, details: { attends, registrations } });
}

async function fromHybrid(manager: EntityManager, dialogueId: string): Promise<void> {
  const [given]: [{ id: string; attends: string; places: number | null }[], number] = await manager.query(
    `DELETE FROM places WHERE dialogue_id = $1 AND scope = 'attendance' RETURNING id, attends, places`,
    [dialogueId],
  );
  for (const { id, attends, places } of given.filter((limit) => limit.places !== null)) {
    await audit(manager, {
      action: 'places.changed',
      dialogueId,
      subjectId: id,
      details: { of: attends, from: places, to: null },
    });
  }
  const [, registrations]: [unknown, number] = await manager.query(
    `WITH delegated AS (
       UPDATE delegations SET attends = NULL, version = version + 1 WHERE dialogue_id = $1 AND attends IS NOT NULL)
     UPDATE registrations SET attends = NULL, version = version + 1 WHERE dialogue_id = $1 AND attends IS NOT NULL`,
    [dialogueId],
  );
  await audit(manager, {
    action: 'registrations.attend',
    dialogueId,
    details: { attends: null, registrations },
  });
}
