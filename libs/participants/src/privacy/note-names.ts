import type { EntityManager } from 'typeorm';
import { nameKey, ownKey } from '@app/platform';

/*
 * Names beside published notes (docs/decisions/0008). The note itself never changes: a name that is erased is replaced, when
 * the note is read, by that of whom the person represented, which alone is kept here.
 */

/**
 * Erases a registered person from the published note of their dialogue. A name in its text that may mean several people
 * goes once all of them are erased. Call it after the registration is written: a note that is published at this moment
 * holds the registration, and shows its names to anyone who comes after. @returns how many names went
 */
export async function eraseFromNote(manager: EntityManager, registrationId: string): Promise<number> {
  const [left]: [{ id: string; isLast: boolean }[], number] = await manager.query(
    `UPDATE note_names k SET registration_ids = array_remove(k.registration_ids, $1)
       FROM notes n JOIN registrations r ON r.dialogue_id = n.dialogue_id
      WHERE r.id = $1 AND k.note_id = n.id AND $1 = ANY (k.registration_ids)
      RETURNING k.id, k.registration_ids = '{}' AS "isLast"`,
    [registrationId],
  );
  return eraseNames(
    manager,
    left.filter(({ isLast }) => isLast).map(({ id }) => id),
  );
}

/**
 * Erases a person of the directory from every published note that means them, also of dialogues whose data are purged. A
 * note that is published at this moment holds the person, is waited for, and its names are found. A name that means one of
 * several invited namesakes, none of whom registered, is linked to nobody: it goes with the last of them.
 * @returns how many names went
 */
export async function erasePersonFromNotes(manager: EntityManager, personId: string): Promise<number> {
  await manager.query(`SELECT FROM people WHERE id = $1 FOR UPDATE`, [personId]);
  const names: { id: string; name: string; key: string; isLinked: boolean }[] = await manager.query(
    `SELECT id, name, '' AS key, true AS "isLinked" FROM note_names WHERE person_id = $1
     UNION SELECT k.id, k.name, ${ownKey('p.name_key')}, false
       FROM people p JOIN invitations i ON i.person_id = p.id JOIN notes n ON n.dialogue_id = i.dialogue_id
       JOIN note_names k ON k.note_id = n.id
      WHERE p.id = $1 AND i.state NOT IN ('prepared', 'removed') AND NOT k.in_annex AND k.erased_at IS NULL
        AND k.person_id IS NULL AND k.registration_ids = '{}'
        AND NOT EXISTS (SELECT FROM invitations other JOIN people namesake ON namesake.id = other.person_id
          WHERE other.dialogue_id = i.dialogue_id AND namesake.id <> p.id AND other.state NOT IN ('prepared', 'removed')
            AND ${ownKey('namesake.name_key')} = ${ownKey('p.name_key')})`,
    [personId],
  );
  return eraseNames(
    manager,
    names.filter(({ name, key, isLinked }) => isLinked || nameKey(name) === key).map(({ id }) => id),
  );
}

/** Erases these names; what was said stays. Again changes nothing. @returns how many names went */
export async function eraseNames(manager: EntityManager, ids: string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const [, touched]: [unknown, number] = await manager.query(
    `UPDATE note_names SET erased_at = now(), name = '', honorific = NULL, functional_title = NULL, affiliation = NULL,
       role = NULL, mechanism = NULL, person_id = NULL
     WHERE id = ANY ($1) AND erased_at IS NULL`,
    [ids],
  );
  await manager.query(
    `UPDATE interventions SET speaker = '', speaker_key = id::text WHERE name_id = ANY ($1) AND speaker <> ''`,
    [ids],
  );
  return touched;
}

/**
 * Makes final what is replaced in the annex because its owner took back the consent to be listed: after a purge nobody
 * would know that any more, nor could give it again.
 */
export async function settleWithdrawnConsents(manager: EntityManager, dialogueId: string): Promise<void> {
  const names: { id: string }[] = await manager.query(
    `SELECT k.id FROM note_names k JOIN notes n ON n.id = k.note_id JOIN registrations r ON r.id = ANY (k.registration_ids)
      WHERE n.dialogue_id = $1 AND k.in_annex AND r.consent_to_be_listed = 'never' AND r.erased_at IS NULL`,
    [dialogueId],
  );
  await eraseNames(
    manager,
    names.map(({ id }) => id),
  );
}
