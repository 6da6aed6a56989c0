import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MailReturn } from './mail-return.entity';

/** Something that came back, with the mail that it answers. */
export type ListedReturn = Pick<
  MailReturn,
  'id' | 'kind' | 'mailId' | 'registrationId' | 'status' | 'diagnostic' | 'toldAt' | 'receivedAt'
> & {
  /** Kind of the mail; null when it answers a calendar entry. */
  mailKind: string | null;
  recipient: string | null;
  recipientName: string | null;
};

/** What came back, as an organiser reads it. */
@Injectable()
export class ReturnList {
  constructor(private readonly dataSource: DataSource) {}

  /** Of a dialogue, or of one mail in it, the newest first; those before the id given, `limit` at most. */
  async page(dialogueId: string, limit: number, before?: string, mailId?: string): Promise<ListedReturn[]> {
    return this.dataSource.query(
      `SELECT r.id::text, r.kind, r.mail_id::text AS "mailId", r.registration_id AS "registrationId", r.status, r.diagnostic,
         r.told_at AS "toldAt", r.received_at AS "receivedAt", m.kind AS "mailKind", m.recipient,
         m.recipient_name AS "recipientName"
       FROM mail_returns r LEFT JOIN mails m ON m.id = r.mail_id
       WHERE r.dialogue_id = $1 AND ($3::bigint IS NULL OR r.id < $3)
         AND ($4::bigint IS NULL OR r.mail_id = $4)
       ORDER BY r.id DESC LIMIT $2`,
      [dialogueId, limit, before ?? null, mailId ?? null],
    );
  }
}
