import type { DataSource } from 'typeorm';
import { ownDialogue } from '@app/dialogues';

/**
 * The organiser whose directory is meant: one's own, or that of a dialogue which one prepares with a colleague.
 * @throws Problem 404, 403 `role_insufficient`
 */
export async function directoryOf(
  dataSource: DataSource,
  organiserId: string,
  dialogueId: string | undefined,
): Promise<string> {
  if (dialogueId === undefined) return organiserId;
  return (await ownDialogue(dataSource, organiserId, dialogueId, 'manage')).directoryOf;
}
