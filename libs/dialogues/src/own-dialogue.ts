import type { DataSource, EntityManager } from 'typeorm';
import { Problem } from '@app/platform';
import type { DialogueState } from './dialogue.entity';

/** What work on an organiser's dialogue mostly needs to know of it. */
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
 * @param hold `FOR SHARE` keeps it as it is until the transaction ends; `FOR NO KEY UPDATE` also keeps others out.
 * @throws Problem 404, the same when it is somebody else's.
 */
export async function ownDialogue(
  manager: EntityManager | DataSource,
  organiserId: string,
  dialogueId: string,
  hold: '' | 'FOR SHARE' | 'FOR NO KEY UPDATE' = '',
): Promise<OwnDialogue> {
  const [dialogue]: OwnDialogue[] = await manager.query(
    `SELECT state, ends_at <= now() AS over, slug, working_languages AS "workingLanguages", time_zone AS "timeZone"
     FROM dialogues WHERE id = $1 AND organiser_id = $2 ${hold}`,
    [dialogueId, organiserId],
  );
  if (!dialogue) throw Problem.notFound('dialogue');
  return dialogue;
}
