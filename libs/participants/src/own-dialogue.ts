import type { DataSource, EntityManager } from 'typeorm';
import type { DialogueState } from '@app/dialogues';
import { Problem } from '@app/platform';

/** What of an organiser's dialogue the work here needs to know. */
export interface OwnDialogue {
  state: DialogueState;
  /** Whether its end has passed, by the database's clock. */
  over: boolean;
  slug: string;
  workingLanguages: string[];
  timeZone: string;
}

/**
 * The dialogue, when it is this organiser's.
 * @param hold keeps it as it is until the transaction ends.
 * @throws Problem 404, the same when it is somebody else's.
 */
export async function ownDialogue(
  manager: EntityManager | DataSource,
  organiserId: string,
  dialogueId: string,
  hold: '' | 'FOR SHARE' = '',
): Promise<OwnDialogue> {
  const [dialogue]: OwnDialogue[] = await manager.query(
    `SELECT state, ends_at <= now() AS over, slug, working_languages AS "workingLanguages", time_zone AS "timeZone"
     FROM dialogues WHERE id = $1 AND organiser_id = $2 ${hold}`,
    [dialogueId, organiserId],
  );
  if (!dialogue) throw Problem.notFound('dialogue');
  return dialogue;
}
