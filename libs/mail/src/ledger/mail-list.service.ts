import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { Mail, type MailState } from '../mail.entity';
import { AGAIN, hasKey } from '../mail-ledger';

/** Which mails to show; what is left out does not narrow. */
export interface MailFilter {
  kinds?: string[] | undefined;
  states?: MailState[] | undefined;
  /** Address, in any case. */
  recipient?: string | undefined;
  /** Id of a registration, an invitation or whatever else a mail is about; a person's others in the dialogue count too. */
  about?: string | undefined;
  /** BCP 47. */
  language?: string | undefined;
  uncertain?: boolean | undefined;
  queuedBefore?: Date | undefined;
  queuedAfter?: Date | undefined;
  sentBefore?: Date | undefined;
  sentAfter?: Date | undefined;
}

/** How many mails of one kind are in one state. */
export interface MailCount {
  kind: string;
  state: MailState;
  count: number;
}

/** Each part of a filter as a condition; `before` excludes its instant, `after` includes it. */
const CONDITIONS: Record<keyof MailFilter, string> = {
  kinds: 'mail.kind = ANY(:kinds)',
  states: 'mail.state = ANY(:states)',
  recipient: 'lower(mail.recipient) = lower(:recipient)',
  about: `mail.subjectId IN (
    SELECT :about::uuid
    UNION ALL SELECT invitation_id FROM registrations WHERE id = :about
    UNION ALL SELECT id FROM registrations WHERE invitation_id = :about
    UNION ALL SELECT s.id FROM substitutions s WHERE s.registration_id = :about)`,
  language: 'mail.language = :language',
  uncertain: 'mail.uncertain = :uncertain',
  queuedBefore: 'mail.createdAt < :queuedBefore',
  queuedAfter: 'mail.createdAt >= :queuedAfter',
  sentBefore: 'mail.sentAt < :sentBefore',
  sentAfter: 'mail.sentAt >= :sentAfter',
};

/** The ledger as an organiser reads it. */
@Injectable()
export class MailList {
  constructor(private readonly dataSource: DataSource) {}

  /** Mails of a dialogue, the newest first; those before the id given, `limit` at most. */
  async page(dialogueId: string, filter: MailFilter, limit: number, before?: string): Promise<Mail[]> {
    const query = this.matching(dialogueId, filter);
    if (before !== undefined) query.andWhere('mail.id < :before', { before });
    return query.orderBy('mail.id', 'DESC').limit(limit).getMany();
  }

  /** How many mails of a dialogue are in which state, by kind. */
  async counts(dialogueId: string, filter: MailFilter = {}): Promise<MailCount[]> {
    return this.matching(dialogueId, filter)
      .select(['mail.kind AS kind', 'mail.state AS state', 'count(*)::int AS count'])
      .groupBy('mail.kind')
      .addGroupBy('mail.state')
      .orderBy('mail.kind')
      .addOrderBy('mail.state')
      .getRawMany();
  }

  /** One mail of a dialogue, and what was sent again of it or what it was sent again for, the oldest first. */
  async one(dialogueId: string, id: string): Promise<{ mail: Mail; again: Mail[] } | null> {
    const { manager } = this.dataSource;
    const mail = await manager.findOneBy(Mail, { id, dialogueId });
    if (!mail) return null;
    const again = await manager
      .createQueryBuilder(Mail, 'mail')
      .where('mail.subjectId = :subjectId AND mail.kind = :kind AND mail.id <> :id', mail)
      .andWhere(hasKey('mail', ':key'), { key: originalKey(mail.dedupeKey) })
      .orderBy('mail.id')
      .getMany();
    return { mail, again };
  }

  private matching(dialogueId: string, filter: MailFilter): SelectQueryBuilder<Mail> {
    const query = this.dataSource.manager
      .createQueryBuilder(Mail, 'mail')
      .where('mail.dialogueId = :dialogueId', { dialogueId });
    for (const [name, condition] of Object.entries(CONDITIONS)) {
      const value = filter[name as keyof MailFilter];
      if (value !== undefined) query.andWhere(condition, { [name]: value });
    }
    return query;
  }
}

/** The key of the mail that was there first. */
export function originalKey(dedupeKey: string): string {
  return dedupeKey.split(AGAIN)[0]!;
}
