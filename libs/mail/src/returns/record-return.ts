import type { EntityManager } from 'typeorm';
import { count, sql, valuesOf } from '@app/platform';
import type { MailReturn } from './mail-return.entity';

/** What is kept of a message that came back; what is left out is null. */
export type NewReturn = Pick<MailReturn, 'digest' | 'kind'> &
  Partial<Pick<MailReturn, 'mailId' | 'dialogueId' | 'registrationId' | 'status' | 'diagnostic'>>;

/** Keeps that a message came back. False when it is there already: the same one was handed in before. */
export async function recordReturn(manager: EntityManager, row: NewReturn): Promise<boolean> {
  const kept = valuesOf({
    digest: row.digest,
    kind: row.kind,
    mail_id: row.mailId ?? null,
    dialogue_id: row.dialogueId ?? null,
    registration_id: row.registrationId ?? null,
    status: row.status ?? null,
    diagnostic: row.diagnostic ?? null,
  });
  return (await count(manager, sql`INSERT INTO mail_returns ${kept} ON CONFLICT (digest) DO NOTHING`)) > 0;
}
