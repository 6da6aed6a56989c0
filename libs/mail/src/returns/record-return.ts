import type { EntityManager } from 'typeorm';
import type { MailReturn } from './mail-return.entity';

/** What is kept of a message that came back; what is left out is null. */
export type NewReturn = Pick<MailReturn, 'digest' | 'kind'> &
  Partial<Pick<MailReturn, 'mailId' | 'dialogueId' | 'registrationId' | 'status' | 'diagnostic'>>;

/** Keeps that a message came back. False when it is there already: the same one was handed in before. */
export async function recordReturn(manager: EntityManager, row: NewReturn): Promise<boolean> {
  const made: unknown[] = await manager.query(
    `INSERT INTO mail_returns (digest, kind, mail_id, dialogue_id, registration_id, status, diagnostic)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (digest) DO NOTHING RETURNING id`,
    [
      row.digest,
      row.kind,
      row.mailId ?? null,
      row.dialogueId ?? null,
      row.registrationId ?? null,
      row.status ?? null,
      row.diagnostic ?? null,
    ],
  );
  return made.length > 0;
}
