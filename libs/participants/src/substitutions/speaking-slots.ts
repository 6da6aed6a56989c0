import type { EntityManager } from 'typeorm';
import { moveSpeakingSlots } from '@app/dialogues';

/**
 * A substitute who accepts speaks and moderates where whom they stand in for did. Who was named in between and passed it
 * on without accepting never had the slots, so everyone back along the line is asked for.
 * Call it in the transaction of the acceptance.
 */
export async function takeOverSpeakingSlots(manager: EntityManager, registrationId: string): Promise<void> {
  const [own, ...before]: { name: string; dialogueId: string }[] = await manager.query(
    `WITH RECURSIVE line AS (
       SELECT id, name, dialogue_id, substitutes_for, 0 AS steps FROM registrations WHERE id = $1
       UNION ALL
       SELECT r.id, r.name, r.dialogue_id, r.substitutes_for, line.steps + 1
       FROM line JOIN registrations r ON r.id = line.substitutes_for)
       CYCLE id SET is_cycle USING path
     SELECT name, dialogue_id AS "dialogueId" FROM line WHERE NOT is_cycle ORDER BY steps`,
    [registrationId],
  );
  for (const { name } of before) await moveSpeakingSlots(manager, own!.dialogueId, name, own!.name);
}
