import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Mail, type MailState } from './mail.entity';

/** Which mails to show; what is left out does not narrow. */
export interface MailFilter {
  kind?: string | undefined;
  state?: MailState | undefined;
  /** Address, in any case. */
  recipient?: string | undefined;
}

/** The ledger as an organiser reads it. */
@Injectable()
export class MailList {
  constructor(private readonly dataSource: DataSource) {}

  /** Mails of a dialogue, the newest first; those before the id given, `limit` at most. */
  async page(
    dialogueId: string,
    { kind, state, recipient }: MailFilter,
    limit: number,
    before?: string,
  ): Promise<Mail[]> {
    const query = this.dataSource.manager
      .createQueryBuilder(Mail, 'mail')
      .where('mail.dialogueId = :dialogueId', { dialogueId });
    if (kind !== undefined) query.andWhere('mail.kind = :kind', { kind });
    if (state !== undefined) query.andWhere('mail.state = :state', { state });
    if (recipient !== undefined) query.andWhere('lower(mail.recipient) = lower(:recipient)', { recipient });
    if (before !== undefined) query.andWhere('mail.id < :before', { before });
    return query.orderBy('mail.id', 'DESC').limit(limit).getMany();
  }

  /** How many mails of a dialogue are in which state, by kind. */
  async counts(dialogueId: string): Promise<{ kind: string; state: MailState; count: number }[]> {
    return this.dataSource.query(
      `SELECT kind, state, count(*)::int AS count FROM mails WHERE dialogue_id = $1 GROUP BY kind, state ORDER BY kind, state`,
      [dialogueId],
    );
  }
}
