import type { EntityManager } from 'typeorm';
import { readFrozen, type FrozenName, type FrozenNote, type ReadableNote } from './frozen-note.rules';

/**
 * SQL of whether a name `k` beside a published note is replaced: it was erased, or stands in the annex and its owner has
 * taken back the consent to be listed. Data that are gone by retention took nothing back (docs/decisions/0008).
 */
const IS_REPLACED = `(k.erased_at IS NOT NULL OR k.in_annex AND EXISTS (
  SELECT FROM registrations r WHERE r.id = ANY (k.registration_ids)
     AND r.consent_to_be_listed = 'never' AND r.erased_at IS NULL))`;

/** A name beside a published note, for an owner of the dialogue. */
export interface NoteNameRow extends FrozenName {
  isReplaced: boolean;
}

/** The names beside a note, those of the text before those of the annex. */
export function namesBeside(manager: EntityManager, noteId: string): Promise<NoteNameRow[]> {
  return manager.query(
    `SELECT k.id, k.in_annex AS "inAnnex", k.registration_ids AS "registrationIds", k.person_id AS "personId", k.honorific,
            k.name, k.functional_title AS "functionalTitle", k.affiliation, k.role, k.mechanism, k.country, k.body,
            ${IS_REPLACED} AS "isReplaced"
       FROM note_names k WHERE k.note_id = $1 ORDER BY k.in_annex, k.position`,
    [noteId],
  );
}

/** The published note of a dialogue as everybody reads it; null when none is published. */
export async function publishedNote(
  manager: EntityManager,
  of: { slug: string } | { dialogueId: string },
): Promise<ReadableNote | null> {
  const [column, value] = 'slug' in of ? ['d.slug', of.slug] : ['d.id', of.dialogueId];
  const [note]: { id: string; published: FrozenNote }[] = await manager.query(
    `SELECT n.id, n.published FROM notes n JOIN dialogues d ON d.id = n.dialogue_id
      WHERE ${column} = $1 AND n.published IS NOT NULL`,
    [value],
  );
  return note ? readFrozen(note.published, await namesBeside(manager, note.id)) : null;
}
